"""What wakes a supervisor: children that end, adopted processes that end, its keeper's end.

Standard library only.
"""

import os
import select
import signal

from agents.worker.hands.orphans import is_present
from agents.worker.hands.records import Entry
from agents.worker.hands.takeover import TakeOver


class Watch:
    """Descriptors in the supervisor's epoll beside its connection."""

    def __init__(self, epoll: select.epoll, takeover: TakeOver) -> None:
        self.epoll = epoll
        self.takeover = takeover
        self.adopted: dict[int, Entry] = {}  # by pidfd
        self.ending: list[Entry] = []  # zombies whose status the keeper is about to write
        self.orphaned = os.getppid() == 1
        self.keeper = self._pidfd(os.getppid())
        self.bell = self._bell()

    def add(self, entry: Entry) -> None:
        """Watches a process that is not this supervisor's child."""
        try:
            fd = self._pidfd(entry.pid)
        except OSError:
            self.ending.append(entry)
            return
        self.adopted[fd] = entry
        if not is_present(entry):  # the pid has another owner by now
            self.ready(fd)

    def ready(self, fd: int) -> None:
        """Takes note of a descriptor that woke the supervisor."""
        if fd == self.bell:
            os.read(fd, 4096)
            return
        self.epoll.unregister(fd)  # before the close: a child in the making may hold a copy
        os.close(fd)
        if fd == self.keeper:
            self.orphaned = True
        else:
            self.ending.append(self.adopted.pop(fd))

    def ended(self) -> list[Entry]:
        """Returns the adopted attempts whose end is known now."""
        if not self.ending:
            return []
        known = [entry for entry in self.ending if self.takeover.ended(entry)]
        self.ending = [entry for entry in self.ending if entry.ended is None]
        return known

    def _pidfd(self, pid: int) -> int:
        fd = os.pidfd_open(pid)
        self.epoll.register(fd, select.EPOLLIN)
        return fd

    def _bell(self) -> int:
        """Returns the reading end of a pipe that SIGCHLD writes to."""
        reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.epoll.register(reading, select.EPOLLIN)
        return reading
