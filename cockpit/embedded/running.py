"""The lock in a home folder that says "running": one starter at a time, known by address."""

import contextlib
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from cockpit.embedded.errors import AlreadyRunning
from cockpit.embedded.folders import private_folder

LOCK_NAME = "running.lock"


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock, as written into it."""

    pid: int | None = None
    address: str | None = None


class RunningLock:
    """A lock on a home folder; the kernel frees it whatever ends its holder."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._fd: int | None = None

    def acquire(self, address: str | None = None) -> None:
        """Take the lock and leave a note of who holds it.

        Raises:
            AlreadyRunning: another process holds it.
        """
        private_folder(self._home)
        fd = os.open(self._home / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read(fd)
            os.close(fd)
            raise AlreadyRunning(self._home, holder.pid, holder.address) from None
        self._fd = fd
        os.ftruncate(fd, 0)
        os.pwrite(fd, msgspec.json.encode(Holder(os.getpid(), address)), 0)

    def release(self) -> None:
        """Give the lock up; harmless when it is not held."""
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _read(fd: int) -> Holder:
    # The holder may be between taking the lock and writing its note.
    with contextlib.suppress(msgspec.DecodeError):
        return msgspec.json.decode(os.pread(fd, 4096, 0), type=Holder)
    return Holder()
