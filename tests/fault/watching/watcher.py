"""`watcher.py HOME DIRECTORY`: an agent's round with its real journal and eye, and no controller.

Says `looks` once it has looked for the first time. With `STELLWERK_TEST_LATE` it is the negative
control: what is known of files is written after the commit of the events.
"""

import json
import os
import secrets
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agents.protocol import Item, WatchFiles
from agents.worker.hands.attempt import Adopted
from agents.worker.hold import Hold
from agents.worker.identity import begin_run
from agents.worker.journal import Journal
from agents.worker.partner import Partner
from agents.worker.round import Here, Round
from agents.worker.slots import Slots
from agents.worker.watching import watch
from agents.worker.watching.eye import Eye
from agents.worker.watching.rows import FileRows
from engine import seal
from engine.files.rules import KIND

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class Nothing:
    """Hands, logs and a machine's memory of an agent that runs no job."""

    is_new = False
    following: tuple[str, ...] = ()

    def __getattr__(self, _name: str) -> Any:
        return lambda *_, **__: None

    def check(self, _last_n: int) -> bool:
        return True


class LateRows(FileRows):
    """Writes when it is too late."""

    def write(self) -> None:
        self._late, self._gathered = self._gathered, []

    def settled(self) -> None:
        time.sleep(0.02)
        for statement, row in getattr(self, "_late", ()):
            self._db.execute(statement, row)


def main(home: Path, directory: str) -> None:
    """Watch until killed."""
    watch.POLL_S = 0.02
    woken = threading.Event()
    journal = Journal(home / "journal.sqlite")
    if os.environ.get("STELLWERK_TEST_LATE"):
        journal.files = LateRows(journal._db)
    run = begin_run(journal, secrets.token_hex(6))
    hold = Hold("agent-1", run, journal, Slots(1))
    hold.site_key = KEY.public_key().public_bytes_raw()
    nothing: Any = Nothing()
    here = Here(
        now_us=lambda: time.time_ns() // 1000,
        clock=time.monotonic,
        launch=nothing.launch,
        parts=nothing.parts,
        memory=lambda _run: nothing,
        new_run=lambda: secrets.token_hex(6),
        lock="here",
    )
    partner = Partner(
        "agent-1", "here-1", lock="here", controller="controller", processes=1, key=b"k" * 32,
        journal=journal, send=lambda _to, _letter: None, clock=time.monotonic,
    )  # fmt: skip
    round_ = Round(
        here, hold=hold, journal=journal, partner=partner, hands=nothing, logs=nothing,
        guard=nothing, eye=Eye(woken.set),
    )  # fmt: skip
    round_.begin(Adopted((), (), same_boot=True))
    if not list(journal.files.watched()):
        begin(hold, directory)
    said = False
    while True:
        round_.take()
        if not said and any(w.told == "" for w in journal.files.watched()):
            said = print("looks", flush=True) is None  # noqa: T201  # to the test
        woken.wait(0.01)
        woken.clear()


def begin(hold: Hold, directory: str) -> None:
    """Take in the source, as a controller would have said it."""
    document = {"workflowName": "w", "agentName": "agent-1", "directory": directory, "delay": 1}
    made = seal.sealed(KEY, KIND, "incoming", "v1", json.dumps(document).encode())
    item = Item(made.kind, made.path, made.version, made.document, made.signature)
    hold.take(item, 0)
    hold.take(WatchFiles("incoming", "v1"), 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
