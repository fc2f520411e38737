"""A supervisor: a detached process that starts jobs, watches them and ends them.

It outlives the agent and reports to whichever agent listens in its folder. An attempt is on
record before its process is made, and its end before the process is reaped.
Run as ``entry.py supervisor FOLDER GENERATION SLOT BOOT``; standard library only.
"""

# Without pathlib: pathlib costs each detached process 1 MB.
# ruff: noqa: PTH108

import gc
import os
import select
import sys
import time
from collections import deque

from agents.worker.hands import records, spawn, wire
from agents.worker.hands.kills import Kills, boot_us
from agents.worker.hands.processes import restore_signals
from agents.worker.hands.records import Entry, Records
from agents.worker.hands.takeover import TakeOver, outcome, verdict
from agents.worker.hands.uplink import RETRY_S, Uplink
from agents.worker.hands.watch import Watch

_BURST = 4  # processes made before exits and commands get their turn
_KILLED_EARLY = b"killed before its start"


def main(args: list[str]) -> None:
    """Serves until it is told to end, or is idle without a keeper."""
    folder, generation, slot, boot = (arg.encode() for arg in args)
    restore_signals()
    supervisor = Supervisor(folder, name=generation + b"-" + slot, boot=boot)
    supervisor.adopt()
    gc.freeze()
    gc.disable()  # nothing here makes cycles
    while supervisor.turn():
        pass
    sys.exit(0)


class Supervisor:
    """One event loop; all its state is in its records too."""

    def __init__(self, folder: bytes, *, name: bytes, boot: bytes) -> None:
        self.name = name
        self.generation = name.split(b"-")[0]
        self.header = records.header(os.getpid(), boot)
        self.out = folder + b"/out/"
        self.home = os.open(folder + b"/work", os.O_PATH | os.O_CLOEXEC)
        os.fchdir(self.home)
        self.epoll = select.epoll()
        self.uplink = Uplink(os.open(folder + b"/run", os.O_PATH | os.O_CLOEXEC), self.epoll)
        self.records = Records(folder + b"/records/" + name)
        self.takeover = TakeOver(folder, boot)
        self.watch = Watch(self.epoll, self.takeover)
        self.kills = Kills(self.records)
        self.entries: dict[bytes, Entry] = {}
        self.children: dict[int, Entry] = {}
        self.acknowledged: dict[bytes, None] = {}
        self.queue: deque[spawn.Order] = deque()
        self.ending = False

    # -- adoption ------------------------------------------------------------------------------

    def adopt(self) -> None:
        """Goes on with what earlier supervisors of this slot, and abandoned ones, had."""
        mine = self.takeover.read(self.name, kept=True)
        self._take(mine)
        self._compact()
        if self.name.endswith(b"-0"):
            self._take_abandoned()

    def _take(self, history: records.History) -> None:
        self.acknowledged.update(history.acknowledged)
        for entry in history.entries.values():
            self.entries[entry.attempt] = entry
            if entry.ended is None:
                self.watch.add(entry)
            self.kills.resume(entry)

    def _take_abandoned(self) -> list[Entry]:
        taken: list[Entry] = []
        for name in self.takeover.abandoned(self.generation):
            history = self.takeover.read(name, kept=False)
            self._take(history)
            taken.extend(history.entries.values())
            self._compact()
            os.unlink(self.records.path[: -len(self.name)] + name)
        self._adopted_ends()
        self.takeover.tidy(self.generation)
        return taken

    def _compact(self) -> None:
        surplus = len(self.acknowledged) - records.REMEMBERED
        for attempt in list(self.acknowledged)[: max(0, surplus)]:
            del self.acknowledged[attempt]
        self.records.compact(self.header, list(self.entries.values()), list(self.acknowledged))

    # -- the loop ------------------------------------------------------------------------------

    def turn(self) -> bool:
        """Returns whether there is more to do, after one round of everything."""
        if self.uplink.socket is None and self.uplink.connect():
            self._hello()
        for fd, mask in self.epoll.poll(self._wait_s()):
            if fd == self.uplink.fd:
                self._talk(mask)
            else:
                self.watch.ready(fd)
        self._start_some()
        self._reap()
        self._adopted_ends()
        self.kills.turn()
        self.uplink.flush()
        if self.watch.orphaned:
            self._end_if_idle()
        if self.uplink.socket is None:
            self._end_if_homeless()
        return not self.ending

    def _wait_s(self) -> float:
        waits = [-1.0] if self.uplink.socket else [RETRY_S]
        due = self.kills.wait_us()
        if due is not None:
            waits.append(due / 1e6 + 0.0005)
        if self.watch.ending:
            waits.append(0.005)
        if self.queue:
            return 0
        return min((wait for wait in waits if wait >= 0), default=-1.0)

    def _talk(self, mask: int) -> None:
        if mask & select.EPOLLOUT:
            self.uplink.writable()
        if mask & ~select.EPOLLOUT:
            for fields in self.uplink.receive():
                self._command(fields)

    def _command(self, fields: list[bytes]) -> None:
        kind = fields[0]
        if kind == wire.START:
            self._accept(spawn.Order(fields))
        elif kind == wire.ACKNOWLEDGE:
            self._acknowledge(fields[1:])
        elif kind == wire.KILL:
            self._kill(fields[1], fields[2])
        elif kind == wire.TAKE_OVER:
            for entry in self._take_abandoned():
                self._tell(entry)
            self.uplink.put(wire.frame(wire.TAKEN_OVER))
        elif kind == wire.QUIT:
            self._end_if_idle()

    # -- commands ------------------------------------------------------------------------------

    def _accept(self, order: spawn.Order) -> None:
        known = self.entries.get(order.attempt)
        if known is not None:
            self._tell(known)
        elif order.attempt in self.acknowledged:
            self.uplink.put(wire.frame(wire.REFUSED, order.attempt))
        else:
            self.queue.append(order)

    def _acknowledge(self, attempts: list[bytes]) -> None:
        ended = [one for one in attempts if one in self.entries and self.entries[one].ended]
        for attempt in ended:
            del self.entries[attempt]
            self.acknowledged[attempt] = None
        if ended:
            self.records.append(records.acknowledged(ended))
        if self.records.size > records.COMPACT_BYTES:
            self._compact()

    def _kill(self, attempt: bytes, grace_us: bytes) -> None:
        entry = self.entries.get(attempt)
        if entry is not None:
            grace = int(grace_us) if grace_us else entry.grace_us
            self.kills.begin([(entry, grace)], b"killed")
            return
        for order in self.queue:
            if order.attempt == attempt:
                self.queue.remove(order)
                self._not_started(order, b"killed", _KILLED_EARLY)
                return

    # -- processes -----------------------------------------------------------------------------

    def _start_some(self) -> None:
        for _ in range(min(_BURST, len(self.queue))):
            order = self.queue.popleft()
            if order.attempt in self.entries:
                continue  # asked for twice in one go
            try:
                self._start(order)
            except (OSError, ValueError) as failure:
                self._not_started(order, b"not_started", spawn.explained(order, failure))

    def _start(self, order: spawn.Order) -> None:
        began_us = boot_us()
        entry = Entry(order.attempt, began_us, os.getpid())
        self.records.append(records.began(order.attempt, began_us, entry.session))
        entry.pid = spawn.make(order, self.out + order.attempt, self.home)
        entry.spawned_us = now_us = boot_us()
        entry.started_us = time.time_ns() // 1000
        entry.grace_us = order.grace_us
        if order.timeout_us:
            entry.deadline_us = now_us + order.timeout_us
            self.kills.timeout(entry)
        self.records.append(records.spawned(entry))
        self.entries[order.attempt] = self.children[entry.pid] = entry
        self._tell(entry)

    def _not_started(self, order: spawn.Order, reason: bytes, message: bytes) -> None:
        entry = Entry(order.attempt, boot_us(), os.getpid())
        entry.ended = verdict(entry, reason, message)
        self.records.append(entry.lines())
        self.entries[order.attempt] = entry
        self._tell(entry)

    def _reap(self) -> None:
        children = self.children
        while children:
            info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if info is None:
                return
            entry = children.pop(info.si_pid)
            now_us = time.time_ns() // 1000
            entry.ended = outcome(entry, code=info.si_code, status=info.si_status, ended_us=now_us)
            self.records.append(records.ended(entry.attempt, entry.ended))
            usage = os.wait4(info.si_pid, 0)[2]
            entry.ended[5] = b"%d" % ((usage.ru_utime + usage.ru_stime) * 1e6)
            entry.ended[6] = b"%d" % usage.ru_maxrss
            self._tell(entry)

    def _adopted_ends(self) -> None:
        for entry in self.watch.ended():
            if entry.ended is not None:
                self.records.append(records.ended(entry.attempt, entry.ended))
                self._tell(entry)

    # -- reports -------------------------------------------------------------------------------

    def _tell(self, entry: Entry) -> None:
        if entry.ended is not None:
            self.uplink.put(wire.frame(wire.ENDED, entry.attempt, *entry.ended))
        else:
            numbers = (b"%d" % entry.pid, b"%d" % entry.started_us)
            self.uplink.put(wire.frame(wire.STARTED, entry.attempt, *numbers))

    def _hello(self) -> None:
        generation, slot = self.name.split(b"-")
        pid = b"%d" % os.getpid()
        self.uplink.put(wire.frame(wire.HELLO, wire.VERSION, generation, slot, pid))
        for entry in self.entries.values():
            self._tell(entry)
        self.uplink.put(wire.frame(wire.READY))
        self.uplink.flush()

    def _end_if_idle(self) -> None:
        if not self.ending and not self.entries and not self.queue and not self.kills.due:
            self.records.unlink()
            self.ending = True

    def _end_if_homeless(self) -> None:
        """Ends once nothing runs, if the agent's folder was deleted: no agent can ever come."""
        if not self.records.in_place():
            self.ending = all(entry.ended is not None for entry in self.entries.values())
