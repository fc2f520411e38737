"""What became of the attempts of a supervisor that died.

Its children are children of the keeper now, which writes down how they ended before it reaps
them. A supervisor makes one process at a time, so at most one attempt has no pid on record, and
that one is among the unknown group leaders of the dead supervisor's session. Standard library only.
"""

# Without pathlib: pathlib costs each detached process 1 MB.
# ruff: noqa: PTH123, PTH208

import os

from agents.worker.hands.processes import TICK_US, Process, is_same, marker, read, snapshot
from agents.worker.hands.records import Entry


class Unclear(Exception):
    """A process is still being made; look again in a moment."""


class Reaped:
    """One orphan the keeper has seen ending."""

    __slots__ = ("code", "ended_us", "group", "pid", "session", "start", "status")

    def __init__(self, line: bytes) -> None:
        numbers = [int(word) for word in line.split()]
        self.pid, self.start, self.session, self.group = numbers[:4]
        self.code, self.status, self.ended_us = numbers[4:]


def reaped(folder: bytes) -> list[Reaped]:
    """Returns all orphans of all keepers of this boot that have ended."""
    found: list[Reaped] = []
    for name in os.listdir(folder + b"/records"):
        if name.startswith(b"reaped-") and not name.endswith(b".new"):
            with open(folder + b"/records/" + name, "rb") as file:
                found.extend(Reaped(line) for line in file if line.count(b" ") == 6)
    return found


def is_present(entry: Entry) -> bool:
    """Returns whether the process of an attempt is there, be it as a zombie."""
    return is_same(read(entry.pid), entry.began_us, entry.spawned_us)


def status(entry: Entry, ends: list[Reaped]) -> Reaped | None:
    """Returns how the process of an attempt ended, if a keeper saw it."""
    first, last = entry.began_us // TICK_US - 1, entry.spawned_us // TICK_US + 1
    for end in ends:
        if end.pid == entry.pid and first <= end.start <= last:
            return end
    return None


def candidates(entry: Entry, *, known: set[int], folder: bytes) -> list[Process | Reaped]:
    """Returns what may be the process an attempt without a pid got before its supervisor died.

    Args:
        entry: An attempt whose last word is that a process would be made.
        known: Pids of all other attempts of this supervisor.
        folder: Where keepers have written down what they reaped.

    Returns:
        One living process or end: it is that one. Nothing: no process was made, if a keeper was
        there all the time. More: nobody can tell.

    Raises:
        Unclear: A child exists that has not got so far as to be told from others.
    """
    first = entry.began_us // TICK_US - 1
    for process in snapshot().values():
        if process.session != entry.session or process.start < first or process.pid in known:
            continue
        if process.pid != entry.session and _is_claimed(process, entry):
            return [process]
    # Read after the walk: who was gone by then is on record.
    return [end for end in reaped(folder) if _is_candidate(end, entry, first, known)]


def _is_claimed(process: Process, entry: Entry) -> bool:
    """Returns whether a living process of the dead supervisor's session is the attempt's."""
    if process.group not in (process.pid, entry.session):
        return False  # it belongs to some job's group
    owner = marker(process.pid)
    if not owner:
        raise Unclear  # before its exec, or a zombie the keeper is about to write down
    return owner == entry.attempt and process.group == process.pid


def _is_candidate(end: Reaped, entry: Entry, first: int, known: set[int]) -> bool:
    leader = end.session == entry.session and end.group == end.pid
    return leader and end.start >= first and end.pid not in known
