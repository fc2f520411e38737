"""The agent's hands: starts, kills and adopts job processes through detached supervisors.

For one thread and its event loop: nothing here blocks but ``open`` and ``close``. An attempt
belongs to one supervisor by its hash, so a second start meets the record of the first.
Knows nothing of orders, journals or what a return code means.
"""

import logging
import os
import re
import select
import selectors
import subprocess
import time
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from agents.worker.hands import link as links
from agents.worker.hands import records, wire
from agents.worker.hands.attempt import Adopted, Exit, Start, Started
from agents.worker.hands.failures import AttemptMisnamed, SupervisorsMissing
from agents.worker.hands.folder import Folder, Keeping, boot_id
from agents.worker.hands.link import Link, Name

log = logging.getLogger(__name__)

Event = Started | Exit

_ATTEMPT = re.compile(r"[A-Za-z0-9_:~][A-Za-z0-9._:~-]{0,119}")
_FORGOTTEN = "its supervisor no longer knows it"


class Pool:
    """Supervisors below one keeper, and where each attempt is."""

    def __init__(self, folder: Path, *, supervisors: int, boot: str | None = None) -> None:
        self.folder = Folder(folder)
        self.count = supervisors
        self.boot = boot or boot_id()
        self.generation = 0
        self.keeper = Keeping(0, 0, 0)
        self.keeper_fd = -1
        self.links: dict[int, Link] = {}  # by descriptor
        self.places: dict[Name, Link] = {}  # those that have said hello
        self.homes: dict[str, Name] = {}  # every attempt until its exit is acknowledged
        self.pending: dict[str, bytes] = {}  # starts no supervisor has confirmed
        self.kills: dict[str, bytes] = {}
        self.ended: set[str] = set()  # told to the agent, not acknowledged
        self.events: list[Event] = []
        self.launches: list[subprocess.Popen[bytes]] = []
        self.opened = self.stopping = False

    # -- the agent's side ----------------------------------------------------------------------

    def open(self, *, timeout_s: float = 15.0) -> Adopted:
        """Returns what runs and what ended, after connecting or starting all supervisors.

        Raises:
            SupervisorsMissing: Some did not report in time.
        """
        self.folder.prepare()
        same_boot = self.folder.knows_boot(self.boot)
        self.epoll = select.epoll()
        self.bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.listener = self.folder.listen()
        self.epoll.register(self.bell, select.EPOLLIN)
        self.epoll.register(self.listener.fileno(), select.EPOLLIN)
        self._ensure_keeper()
        self._await_all(time.monotonic() + timeout_s)
        self.opened = True
        events, self.events = self.events, []
        running = tuple(e for e in events if isinstance(e, Started) and e.attempt not in self.ended)
        return Adopted(running, tuple(e for e in events if isinstance(e, Exit)), same_boot)

    def adopted(self) -> None:
        """Takes note that what `open` has found is durable with the agent.

        Not before: an agent that ends between the two would take lost attempts for never begun.
        """
        self.folder.remember_boot(self.boot)

    def fileno(self) -> int:
        """Returns the one descriptor to wait on for reading."""
        return self.epoll.fileno()

    def register(self, selector: selectors.BaseSelector) -> None:
        """Registers the pool as file object and data of one key."""
        selector.register(self, selectors.EVENT_READ, self)

    def on_readable(self) -> list[Event]:
        """Returns what has happened; of one attempt one Started and one Exit at most."""
        self._turn(0)
        events, self.events = self.events, []
        return events

    def start(self, batch: Sequence[Start]) -> None:
        """Starts attempts; what cannot be started comes back as an exit ``not_started``.

        Raises:
            AttemptMisnamed: An id is not fit for a file name; nothing of the batch is started.
        """
        for start in batch:
            if not _ATTEMPT.fullmatch(start.attempt):
                raise AttemptMisnamed(f"attempt id {start.attempt!r} is not fit for a file name")
        frames: dict[Name, list[bytes]] = {}
        for start in batch:
            attempt = start.attempt
            try:
                frame = links.encoded(start)
            except links.Unfit as failure:
                self._refuse(attempt, str(failure))
                continue
            home = self.homes.setdefault(attempt, self._shard(attempt))
            self.pending[attempt] = frame
            frames.setdefault(home, []).append(frame)
        for home, parts in frames.items():
            self._send(home, b"".join(parts))

    def kill(self, attempt: str, *, grace_s: float | None, immediately: bool = False) -> None:
        """Ends an attempt: SIGTERM to its group, SIGKILL to its tree after the grace.

        Unknown attempts are left alone. ``grace_s`` None means the grace of its start.
        """
        if attempt not in self.homes or attempt in self.ended:
            return
        grace = b"" if grace_s is None else b"%d" % max(0, int(grace_s * 1e6))
        grace = b"0" if immediately else grace
        self.kills[attempt] = frame = wire.frame(wire.KILL, attempt.encode(), grace)
        self._send(self.homes[attempt], frame)

    def acknowledge(self, attempts: Sequence[str]) -> None:
        """Forgets exits the agent has in its journal."""
        done: dict[Name, list[bytes]] = {}
        for attempt in attempts:
            home = self.homes.pop(attempt, None)
            self.ended.discard(attempt)
            self.kills.pop(attempt, None)
            if home is not None:
                done.setdefault(home, []).append(attempt.encode())
        for home, known in done.items():
            self._send(home, wire.frame(wire.ACKNOWLEDGE, *known))

    def close(self, *, stop_idle: bool = False) -> None:
        """Disconnects and leaves everything running; ``stop_idle`` ends it all if nothing runs."""
        if stop_idle and not self.homes:
            self._stop()
        for link in list(self.links.values()):
            self._drop(link)
        if self.keeper_fd >= 0:
            self._forget_keeper()
        self.listener.close()
        os.close(self.bell)
        self.epoll.close()
        for launch in self.launches:
            launch.wait()

    # -- the loop ------------------------------------------------------------------------------

    def _turn(self, timeout_s: float) -> None:
        for fd, mask in self.epoll.poll(timeout_s):
            if fd in self.links:
                self._talk(self.links[fd], mask)
            elif fd == self.listener.fileno():
                self._welcome()
            elif fd == self.keeper_fd:
                log.warning("keeper.lost", extra={"pid": self.keeper.pid})
                self._forget_keeper()
                self._ensure_keeper()
            elif fd == self.bell:
                os.eventfd_read(self.bell)
        if self.launches:
            self.launches = [one for one in self.launches if one.poll() is None]

    def _talk(self, link: Link, mask: int) -> None:
        if mask & select.EPOLLOUT and link.send(b""):
            self.epoll.modify(link.fd, select.EPOLLIN)
        if mask & ~select.EPOLLOUT:
            frames = link.receive()
            if frames is None:
                self._lost(link)
            for fields in frames or ():
                self._report(link, fields)

    def _welcome(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except BlockingIOError:
                return
            connection.settimeout(0)
            link = Link(connection)
            self.links[link.fd] = link
            self.epoll.register(link.fd, select.EPOLLIN)

    def _report(self, link: Link, fields: list[bytes]) -> None:
        kind = fields[0]
        if kind == wire.ENDED:
            self._ended(link, fields)
        elif kind == wire.STARTED:
            self._started(link, links.started(fields))
        elif kind == wire.HELLO:
            self._hello(link, fields)
        elif kind == wire.READY:
            self._ready(link)
        elif kind == wire.TAKEN_OVER:
            self._settle(self._homeless(), link)
        elif kind == wire.REFUSED:
            self._forgotten(fields[1].decode(), "the attempt is known and its exit acknowledged")

    def _started(self, link: Link, event: Started) -> None:
        attempt = event.attempt
        link.seen.add(attempt)
        if self.pending.pop(attempt, None) is not None or attempt not in self.homes:
            self.events.append(event)
        self.homes[attempt] = link.name

    def _ended(self, link: Link, fields: list[bytes]) -> None:
        attempt = fields[1].decode()
        if self.opened and attempt not in self.homes:
            # Its acknowledgement was lost with a connection.
            self._send(link.name, wire.frame(wire.ACKNOWLEDGE, fields[1]))
            return
        self.homes[attempt] = link.name
        self.pending.pop(attempt, None)
        self._end(links.ended(fields))

    def _end(self, event: Exit) -> None:
        if event.attempt not in self.ended:
            self.ended.add(event.attempt)
            self.kills.pop(event.attempt, None)
            self.events.append(event)

    # -- supervisors come and go ---------------------------------------------------------------

    def _hello(self, link: Link, fields: list[bytes]) -> None:
        link.name, link.pid = (int(fields[2]), int(fields[3])), int(fields[4])
        self.places[link.name] = link
        if self.keeper_fd < 0:
            self._meet_keeper()

    def _ready(self, link: Link) -> None:
        link.ready = True
        mine = [attempt for attempt, home in self.homes.items() if home == link.name]
        self._settle(mine, link)
        link.seen.clear()
        if link.name == (self.generation, 0) and self._homeless():
            self._send(link.name, wire.frame(wire.TAKE_OVER))

    def _settle(self, attempts: Iterable[str], link: Link) -> None:
        """Tells a supervisor again what it may have missed; what it doesn't know is lost."""
        for attempt in attempts:
            if attempt in self.pending:
                self.homes[attempt] = link.name
                self._send(link.name, self.pending[attempt])
            elif attempt not in self.ended and attempt not in link.seen:
                self._forgotten(attempt, _FORGOTTEN)
            if attempt in self.kills:
                self._send(link.name, self.kills[attempt])

    def _homeless(self) -> list[str]:
        return [
            attempt
            for attempt, home in self.homes.items()
            if home[0] != self.generation and home not in self.places
        ]

    def _forgotten(self, attempt: str, message: str) -> None:
        if attempt in self.homes:
            self.pending.pop(attempt, None)
            self._end(Exit(attempt, None, None, time.time_ns() // 1000, "lost", message))

    def _lost(self, link: Link) -> None:
        if not self.stopping:
            log.warning("supervisor.lost", extra={"supervisor": link.name, "pid": link.pid})
        self._drop(link)
        chief = self.places.get((self.generation, 0))
        if chief is not None and chief.ready and self._homeless():
            self._send(chief.name, wire.frame(wire.TAKE_OVER))

    def _drop(self, link: Link) -> None:
        self.epoll.unregister(link.fd)
        del self.links[link.fd]
        if self.places.get(link.name) is link:
            del self.places[link.name]
        link.socket.close()

    def _send(self, home: Name, data: bytes) -> None:
        link = self.places.get(home)
        if link is not None and not link.send(data):
            self.epoll.modify(link.fd, select.EPOLLIN | select.EPOLLOUT)

    def _shard(self, attempt: str) -> Name:
        return (self.generation, zlib.crc32(attempt.encode()) % self.count)

    def _refuse(self, attempt: str, message: str) -> None:
        now_us = time.time_ns() // 1000
        self.events.append(Exit(attempt, None, None, now_us, "not_started", message))
        os.eventfd_write(self.bell, 1)

    # -- the keeper ----------------------------------------------------------------------------

    def _ensure_keeper(self) -> None:
        if self.folder.keeping() is not None:
            self._meet_keeper()
            return
        known = [generation for generation, _ in self.folder.generations()]
        self.generation = max([*known, self.generation]) + 1
        log.info("keeper.starting", extra={"generation": self.generation})
        launch = self.folder.keep(generation=self.generation, count=self.count, boot=self.boot)
        self.launches.append(launch)

    def _meet_keeper(self) -> None:
        keeper = self.folder.keeping()
        if keeper is None or not keeper.pid or keeper.generation < self.generation:
            return
        try:
            self.keeper_fd = os.pidfd_open(keeper.pid)
        except OSError:
            return
        self.keeper, self.generation, self.count = keeper, keeper.generation, keeper.count
        self.epoll.register(self.keeper_fd, select.EPOLLIN)

    def _forget_keeper(self) -> None:
        self.epoll.unregister(self.keeper_fd)
        os.close(self.keeper_fd)
        self.keeper_fd = -1

    def _await_all(self, until: float) -> None:
        while missing := self._missing():
            if time.monotonic() > until:
                raise SupervisorsMissing(f"no report from supervisors {missing}")
            if self.keeper_fd < 0:
                self._meet_keeper()
            self._turn(0.05)

    def _missing(self) -> list[Name]:
        wanted = {(self.generation, slot) for slot in range(self.count)}
        records_folder = os.fsencode(self.folder.path / "records")
        for name in self.folder.generations():
            path = records_folder + b"/%d-%d" % name
            if name not in self.places and name not in wanted and records.owned(path):
                wanted.add(name)
        ready = {name for name, link in self.places.items() if link.ready}
        return sorted(wanted - ready) if self.keeper_fd >= 0 else sorted(wanted)

    def _stop(self) -> None:
        self.stopping = True
        for name in list(self.places):
            self._send(name, wire.frame(wire.QUIT))
        until = time.monotonic() + 2.0
        while self.folder.keeping() is not None and time.monotonic() < until:
            if self.keeper_fd >= 0:
                self._forget_keeper()
            self._turn(0.02)
