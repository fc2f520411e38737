"""The records file of one supervisor: what it knows of its attempts, one line a fact.

Lines are appended without fsync: a killed process leaves the page cache, and a changed boot id
means lost anyway. A line without its end of line was cut by a power failure and is ignored.
Standard library only; this module knows files, no processes.
"""

# Without pathlib: pathlib costs each detached process 1 MB.
# ruff: noqa: PTH104, PTH108, PTH123, PTH208, PTH116

import errno
import fcntl
import os
import time

REMEMBERED = 5_000  # acknowledged attempts that are still refused after a compaction
COMPACT_BYTES = 4 << 20

_OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC


class Entry:
    """All that the records say about one attempt.

    ``began_us`` and ``spawned_us`` (CLOCK_BOOTTIME) enclose the start of its process.
    """

    __slots__ = (
        "attempt",
        "began_us",
        "deadline_us",
        "ended",
        "grace_us",
        "kill_us",
        "pid",
        "reason",
        "remembered",
        "session",
        "spawned_us",
        "started_us",
    )

    def __init__(self, attempt: bytes, began_us: int, session: int) -> None:
        self.attempt = attempt
        self.began_us = began_us
        self.session = session
        self.pid = 0  # unknown: its supervisor died while it started the process
        self.spawned_us = 0
        self.started_us = 0
        self.deadline_us = 0  # none
        self.grace_us = 0
        self.reason = b""  # why it is being killed
        self.kill_us = 0  # when the rest of its tree is killed
        self.remembered: list[tuple[int, int]] = []  # (pid, start) of its descendants at SIGTERM
        self.ended: list[bytes] | None = None  # the fields of the frame ENDED after the attempt

    def lines(self) -> bytes:
        """Returns the lines that say the same again."""
        parts = [began(self.attempt, self.began_us, self.session)]
        if self.pid:
            parts.append(spawned(self))
        if self.reason:
            parts.append(killing(self))
        if self.ended is not None:
            parts.append(ended(self.attempt, self.ended))
        return b"".join(parts)


def header(pid: int, boot: bytes) -> bytes:
    """Returns the line of a supervisor that begins to write."""
    return b"H\t%d\t%b\n" % (pid, boot)


def began(attempt: bytes, began_us: int, session: int) -> bytes:
    """Returns the line written before a process is made."""
    return b"A\t%b\t%d\t%d\n" % (attempt, began_us, session)


def spawned(entry: Entry) -> bytes:
    """Returns the line written once the process exists."""
    return b"P\t%b\t%d\t%d\t%d\t%d\t%d\n" % (
        entry.attempt,
        entry.pid,
        entry.spawned_us,
        entry.started_us,
        entry.deadline_us,
        entry.grace_us,
    )


def killing(entry: Entry) -> bytes:
    """Returns the line written before a process is signalled."""
    pids = b",".join(b"%d:%d" % one for one in entry.remembered)
    return b"K\t%b\t%b\t%d\t%b\n" % (entry.attempt, entry.reason, entry.kill_us, pids)


def ended(attempt: bytes, fields: list[bytes]) -> bytes:
    """Returns the line written before a process is reaped."""
    return b"E\t%b\t%b\n" % (attempt, b"\t".join(fields))


def acknowledged(attempts: list[bytes]) -> bytes:
    """Returns the line of exits the agent has in its journal."""
    return b"D\t%b\n" % b"\t".join(attempts)


class History:
    """What a records file said when it was read."""

    def __init__(self) -> None:
        self.boot = b""
        self.entries: dict[bytes, Entry] = {}
        self.acknowledged: dict[bytes, None] = {}

    def read(self, path: bytes) -> "History":
        """Returns itself, filled from a file; cut lines are skipped."""
        with open(path, "rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    self._line(line[:-1].split(b"\t"))
        return self

    def _line(self, fields: list[bytes]) -> None:
        kind, rest = fields[0], fields[1:]
        try:
            if kind == b"H":
                self.boot = rest[1]
            elif kind == b"A":
                self.entries[rest[0]] = Entry(rest[0], int(rest[1]), int(rest[2]))
            elif kind == b"D":
                self._acknowledge(rest)
            elif rest[0] in self.entries:
                self._detail(kind, self.entries[rest[0]], rest[1:])
        except (ValueError, IndexError):
            pass  # a damaged line; what it said counts as unknown

    def _acknowledge(self, attempts: list[bytes]) -> None:
        for attempt in attempts:
            self.entries.pop(attempt, None)
            self.acknowledged[attempt] = None

    @staticmethod
    def _detail(kind: bytes, entry: Entry, rest: list[bytes]) -> None:
        if kind == b"P":
            numbers = [int(field) for field in rest]
            entry.pid, entry.spawned_us, entry.started_us = numbers[:3]
            entry.deadline_us, entry.grace_us = numbers[3:5]
        elif kind == b"K":
            entry.reason, entry.kill_us = rest[0], int(rest[1])
            pairs = [pair.split(b":") for pair in rest[2].split(b",") if pair]
            entry.remembered = [(int(pid), int(start)) for pid, start in pairs]
        elif kind == b"E" and len(rest) == 8:
            entry.ended = rest


class Records:
    """The locked records file of a living supervisor."""

    def __init__(self, path: bytes) -> None:
        self.path = path
        self.fd = _locked(path, wait=True)
        self.size = os.fstat(self.fd).st_size

    def append(self, lines: bytes) -> None:
        """Writes lines; they survive this process from here on.

        Raises:
            OSError: No space; the caller must end, its successor drops the cut line.
        """
        written = os.write(self.fd, lines)
        self.size += written
        if written != len(lines):
            raise OSError(errno.ENOSPC, "records cut short")

    def compact(self, first: bytes, entries: "list[Entry]", known: "list[bytes]") -> None:
        """Replaces the file by what still matters."""
        fresh = self.path + b".new"
        fd = _locked(fresh, wait=True)
        os.ftruncate(fd, 0)
        lines = [first, *(entry.lines() for entry in entries)]
        data = b"".join(lines) + (acknowledged(known) if known else b"")
        with open(fd, "wb", closefd=False) as file:
            file.write(data)
        os.rename(fresh, self.path)
        os.close(self.fd)
        self.fd, self.size = fd, len(data)

    def in_place(self) -> bool:
        """Returns whether the file is still the one under its name."""
        try:
            return os.stat(self.path).st_ino == os.fstat(self.fd).st_ino
        except FileNotFoundError:
            return False

    def unlink(self) -> None:
        """Deletes the file, at the end of an idle supervisor."""
        os.unlink(self.path)


def _locked(path: bytes, *, wait: bool) -> int:
    fd = os.open(path, _OPEN, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(fd)
        raise
    return fd


def names(folder: bytes) -> list[bytes]:
    """Returns the names of all records files, as ``GENERATION-SLOT``."""
    found = os.listdir(folder + b"/records")
    return sorted(name for name in found if name.replace(b"-", b"").isdigit())


def owned(path: bytes, tries: int = 1) -> bool:
    """Returns whether a living supervisor writes this file.

    A process in the making holds a copy of the lock until its exec, hence ``tries`` of 10 ms.
    """
    for _ in range(tries):
        try:
            os.close(_locked(path, wait=False))
        except BlockingIOError:
            time.sleep(0.01 if tries > 1 else 0)
        else:
            return False
    return True
