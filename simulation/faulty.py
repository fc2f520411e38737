"""Disks that fail: a store whose commits end in doubt and which can be set back in time.

Both are the memory stores of `simulation`; what goes wrong is armed from outside and happens at the
next commit.
"""

import copy
from collections.abc import Callable
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from cluster.failures import LeadershipLost, UnknownOutcome
from cluster.lease import Token
from controller.changes import Changes, Pending, storable
from engine.order.requests import Request
from simulation.memory import MemoryJournal
from simulation.store import MemoryStore

_encode = msgspec.msgpack.Encoder().encode

Doom: TypeAlias = Literal["before", "after", "doubt_written", "doubt_lost", "refused"]
"""What happens at the next commit.

`before`, `after`: the process dies just then. `doubt`: the connection is lost and nobody knows.
`refused`: the connection was lost before anything was sent.
"""
DOOMS: tuple[Doom, ...] = ("before", "after", "doubt_written", "doubt_lost", "refused")


class Crashed(Exception):
    """The process has died in the middle of what it did."""


class FaultyStore(MemoryStore):
    """A database with a lease, requests and moments in which it fails.

    `bodies` are the requests by command, in the order in which they were made.
    """

    def __init__(self) -> None:
        super().__init__()
        self.doom: Doom | None = None
        self.told: Callable[[Token, Changes], None] = lambda _token, _changes: None
        self.bodies: dict[UUID, bytes] = {}

    def ask(self, command: UUID, request: Request) -> None:
        """Leave a request, durably."""
        self.bodies[command] = _encode(request)

    def pending(self, limit: int) -> list[Pending]:
        """Return requests without an answer, oldest first."""
        found = []
        for command, body in self.bodies.items():
            if command not in self.answers:
                cursor, partial = self.progress.get(command, (0, None))
                told = None if partial is None else _encode(partial)
                found.append(Pending(command, body, cursor, told))
        return found[:limit]

    def commit(self, changes: Changes, token: Token, batch: UUID | None = None) -> None:
        """Write a turn, unless something is to go wrong just now."""
        doom, self.doom = self.doom, None
        if doom == "before":
            raise Crashed("before a commit")
        if doom == "refused":
            raise LeadershipLost("the database was lost")
        if doom == "doubt_lost":
            raise UnknownOutcome("nobody knows")
        for saved in changes.saved:
            if not storable(saved.order.id):
                raise UnicodeError(f"{saved.order.id!r} is no text that the database can hold")
        super().commit(changes, token, batch)
        self.told(token, changes)
        if doom == "doubt_written":
            raise UnknownOutcome("nobody knows")
        if doom == "after":
            raise Crashed("after a commit")

    def backup(self) -> dict[str, Any]:
        """Return everything as it is now."""
        return {name: _copied(value) for name, value in vars(self).items()}

    def set_back(self, backup: dict[str, Any]) -> None:
        """Become what a backup holds."""
        vars(self).update({name: _copied(value) for name, value in backup.items()})
        self.doom = None


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            k: copy.copy(v) if isinstance(v, dict | list | set) else v for k, v in value.items()
        }
    return copy.copy(value) if isinstance(value, list | set) else value


class FaultyJournal(MemoryJournal):
    """An agent's journal whose process may die at a commit, and which can be set back in time."""

    def __init__(self) -> None:
        super().__init__()
        self.doom: Literal["before", "after"] | None = None
        self.told: Callable[[list[tuple[int, bytes]]], None] = lambda _events: None
        self.told_release: Callable[[int], None] = lambda _upto: None

    def commit(self) -> list[tuple[int, bytes]]:
        """Write what was gathered, unless the process is to die just now."""
        doom, self.doom = self.doom, None
        if doom == "before":
            raise Crashed("before a commit")
        events = super().commit()
        self.told(events)
        if doom == "after":
            raise Crashed("after a commit")
        return events

    def release(self, upto: int, *, gone_before_us: int) -> None:
        """Delete events that the controller has durably."""
        self.told_release(upto)
        super().release(upto, gone_before_us=gone_before_us)

    def backup(self) -> tuple[bytes, int]:
        """Return the folder as it is now."""
        return self._db.serialize(), self.boot

    def set_back(self, backup: tuple[bytes, int]) -> None:
        """Become what a backup holds."""
        file, self.boot = backup
        self._db.deserialize(file)
        self.lose()

    def renew(self) -> None:
        """Lose the file: an empty one comes in its place."""
        self._db.close()
        MemoryJournal.__init__(self)
