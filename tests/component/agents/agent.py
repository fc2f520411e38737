"""An agent's loop with real processes and files, and no carrier: letters are taken by hand."""

import base64
import json
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agents.protocol import Attach, Item, LogChunk
from agents.sealed import Opener, seal_value
from agents.worker.hands.output import OutputReader
from agents.worker.hands.pool import Pool
from agents.worker.hands.scripts import Scripts
from agents.worker.hold import Hold
from agents.worker.identity import Guard, begin_run
from agents.worker.journal import Journal
from agents.worker.loop import AgentLoop, now_us
from agents.worker.partner import Partner
from agents.worker.shipping import Shipping
from agents.worker.slots import Slots
from agents.worker.workplace import Workplace
from engine import seal
from engine.order import events as e
from engine.order.model import Held, Order, Outcome, Ready
from engine.order.resource_scope import resources_in
from engine.order.secret import is_sealed

_chunks = msgspec.msgpack.Decoder(list[LogChunk])
SITE = Ed25519PrivateKey.generate()
KEY = X25519PrivateKey.generate()
WAIT_S = 30


def sealed(value: str) -> str:
    """Return a value sealed for this agent, as an expression."""
    return f"'{seal_value(value, {'agent-1': KEY.public_key().public_bytes_raw()})}'"


class TestedAgent:
    """One run of an agent's process; a second one on the same folder adopts what runs."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.letters: list[str] = []
        journal = Journal(folder / "journal.sqlite")
        run = begin_run(journal, secrets.token_hex(6))
        self.hold = Hold("agent-1", run, journal, Slots(8))
        self.hold.site_key = SITE.public_key().public_bytes_raw()
        self.reader = OutputReader(folder)
        self.pool = Pool(folder, supervisors=1)
        self.partner = Partner(
            "agent-1",
            "here-1",
            lock="here",
            controller="controller",
            processes=8,
            key=b"k" * 32,
            journal=journal,
            send=lambda _to, _letter: None,
            clock=time.monotonic,
        )
        self.guard = Guard(run, place=folder / "memory")
        self.loop = AgentLoop(
            hold=self.hold,
            journal=journal,
            partner=self.partner,
            pool=self.pool,
            reader=self.reader,
            shipping=Shipping("agent-1", self.reader, self.letters.append),
            workplace=Workplace(
                Scripts(folder),
                self.reader.folder,
                {"PATH": "/usr/bin:/bin"},
                resources_in(self.hold),
                Opener("agent-1", KEY.private_bytes_raw()),
            ),
            guard=self.guard,
            lock="here",
            new_run=lambda: secrets.token_hex(6),
        )
        self.journal = journal

    def begin(self) -> None:
        """Adopt what runs, as the loop does before its first turn."""
        self.loop.begin()

    def take_item(self, kind: str, path: str, document: dict[str, Any]) -> None:
        """Take in a signed object."""
        made = seal.sealed(SITE, kind, path, "1", json.dumps(document).encode())
        item = Item(made.kind, made.path, made.version, made.document, made.signature)
        self.hold.take(item, now_us())

    def take_order(self, order_id: str, workflow: str, **more: Any) -> None:
        """Take in an order that is attached to this agent."""
        order = Order(
            id=order_id,
            workflow=workflow,
            version="1",
            state=Ready(),
            held=Held("agent-1", "attaching"),
            own_no=1,
            **more,
        )
        self.hold.take(Attach(order), now_us())

    def until(self, condition: Callable[[], object]) -> None:
        """Turn until something is true."""
        limit = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < limit, "it never came true"
            self.loop._turn()

    def opened(self, text: str) -> str:
        """Return a sealed text opened."""
        assert is_sealed(text)
        return Opener("agent-1", KEY.private_bytes_raw()).open(text)[0]

    def ends(self) -> list[e.OrderProcessed]:
        """Return the ends of job runs that are to be told to the controller."""
        from agents.protocol import Happened, decode_up

        told = [decode_up(body) for _, body in self.journal.events(0, 1000)]
        events = [one.event for one in told if isinstance(one, Happened)]
        return [event for event in events if isinstance(event, e.OrderProcessed)]

    def outcomes(self) -> list[Outcome]:
        """Return how job runs have ended, by what is to be told to the controller."""
        return [event.outcome for event in self.ends()]

    def written(self, stream: str = "out") -> bytes:
        """Return what was shipped of a stream."""
        chunks = [c for text in self.letters for c in _chunks.decode(base64.b64decode(text))]
        found: dict[int, bytes] = {c.offset: c.data for c in chunks if c.stream == stream}
        return b"".join(found[offset] for offset in sorted(found))

    def stored(self) -> bytes:
        """Return all that is durable at the agent beside the output of jobs."""
        files = [p for p in self.folder.rglob("*") if p.is_file() and p.parent.name != "out"]
        return b"".join(p.read_bytes() for p in files)

    def end(self) -> None:
        """Let the agent's own process be gone; jobs go on."""
        self.pool.close()
        self.journal.close()
        os.close(self.guard._fd)


def workflow(executable: dict[str, Any], **job: Any) -> dict[str, Any]:
    """Return a workflow of one job."""
    return {
        "orderPreparation": {"allowUndeclared": True},
        "instructions": [{"TYPE": "Execute.Named", "jobName": "job", "label": "job"}],
        "jobs": {"job": {"agentName": "agent-1", "executable": executable, **job}},
    }


def shell(script: str, **env: str) -> dict[str, Any]:
    """Return a shell executable."""
    return {"TYPE": "ShellScriptExecutable", "script": f"#!/bin/bash\n{script}", "env": env}
