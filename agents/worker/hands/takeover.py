"""Going on with the attempts of supervisors that died, from their records.

Each attempt is running, ended (the keeper saw how), lost, or forgotten because it surely was not
started. Standard library only.
"""

# Without pathlib: pathlib costs each detached process 1 MB.
# ruff: noqa: PTH108, PTH208

import os
import time

from agents.worker.hands import orphans
from agents.worker.hands.orphans import Reaped, Unclear
from agents.worker.hands.processes import TICK_US, Process
from agents.worker.hands.records import Entry, History, names, owned

_PATIENCE_S = 2.0
_REBOOTED = b"the host was restarted while the job ran"
_NOBODY = b"supervisor and keeper ended while the job ran; nobody saw how it ended"
_BETWEEN = b"the supervisor was killed while it started the job; it may have run"


def outcome(entry: Entry, *, code: int, status: int, ended_us: int) -> list[bytes]:
    """Returns the fields of ENDED for a process that ended; the usage is filled in later."""
    by_itself = code == os.CLD_EXITED
    return [
        b"%d" % status if by_itself else b"",
        b"" if by_itself else b"%d" % status,
        b"%d" % ended_us,
        entry.reason or b"exited",
        b"%d" % entry.started_us if entry.started_us else b"",
        b"",
        b"",
        b"",
    ]


def verdict(entry: Entry, reason: bytes, message: bytes) -> list[bytes]:
    """Returns the fields of ENDED for an attempt nobody saw ending."""
    started = b"%d" % entry.started_us if entry.started_us else b""
    text = message.translate(None, b"\0\t\n")
    return [b"", b"", b"%d" % (time.time_ns() // 1000), reason, started, b"", b"", text]


class TakeOver:
    """What the records of a dead supervisor become."""

    def __init__(self, folder: bytes, boot: bytes) -> None:
        self.folder = folder
        self.boot = boot

    def read(self, name: bytes, *, kept: bool) -> History:
        """Returns a history in which every attempt has a process or an end.

        Only the last one begun may have neither; that is looked for among orphans.

        Args:
            name: Records file of a supervisor that is no more.
            kept: Whether its keeper still lives, so that no orphan's end went unseen.
        """
        history = History().read(self.folder + b"/records/" + name)
        rebooted = bool(history.boot) and history.boot != self.boot
        for entry in list(history.entries.values()):
            if entry.ended is None and rebooted:
                entry.ended = verdict(entry, b"lost", _REBOOTED)
            elif entry.ended is None and not entry.pid:
                self._find(entry, history, kept=kept)
        return history

    def abandoned(self, generation: bytes) -> list[bytes]:
        """Returns the names of older records files whose supervisor is no more."""
        return [
            name
            for name in names(self.folder)
            if not name.startswith(generation + b"-")  # those the keeper sees to
            and not owned(self.folder + b"/records/" + name, tries=20)
        ]

    def tidy(self, generation: bytes) -> None:
        """Deletes what older keepers have reaped, once nobody asks for it any more."""
        needed = {b"reaped-" + name.split(b"-")[0] for name in names(self.folder)}
        for name in os.listdir(self.folder + b"/records"):
            if name.startswith(b"reaped-") and name not in {*needed, b"reaped-" + generation}:
                os.unlink(self.folder + b"/records/" + name)

    def ended(self, entry: Entry) -> bool:
        """Returns whether an adopted process has ended; then its end is in the entry."""
        present = orphans.is_present(entry)  # asked first: who goes after this was written down
        end = orphans.status(entry, orphans.reaped(self.folder))
        if end is not None:
            self._seen(entry, end)
        elif not present:
            entry.ended = verdict(entry, b"lost", _NOBODY)
        return entry.ended is not None

    def _find(self, entry: Entry, history: History, *, kept: bool) -> None:
        known = {other.pid for other in history.entries.values() if other.pid}
        found = self._candidates(entry, known)
        if found is not None and len(found) == 1:
            process = found[0]
            entry.pid = process.pid
            entry.spawned_us = process.start * TICK_US
            entry.started_us = _wall_us(process.start)
            if isinstance(process, Reaped):
                self._seen(entry, process)
        elif found == [] and kept:
            # No process was made, and no agent was told of one: whoever asked may ask again.
            del history.entries[entry.attempt]
        else:
            entry.ended = verdict(entry, b"lost", _BETWEEN)

    def _candidates(self, entry: Entry, known: set[int]) -> list[Process | Reaped] | None:
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            try:
                return orphans.candidates(entry, known=known, folder=self.folder)
            except Unclear:
                time.sleep(0.005)
        return None

    @staticmethod
    def _seen(entry: Entry, end: Reaped) -> None:
        entry.ended = outcome(entry, code=end.code, status=end.status, ended_us=end.ended_us)


def _wall_us(start: int) -> int:
    """Returns the wall time of a start in ticks since boot."""
    ago_us = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000 - start * TICK_US
    return time.time_ns() // 1000 - ago_us
