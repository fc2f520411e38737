"""Ending attempts: at their timeout or by command, first with SIGTERM, then the whole tree.

SIGTERM goes to the process group; the descendants are remembered then. After the grace everything
that still belongs to the attempt gets SIGKILL: its group, what was remembered, what carries its
marker, and all below these. Standard library only.
"""

import heapq
import itertools
import os
import signal
import time

from agents.worker.hands import orphans, records
from agents.worker.hands.processes import Process, below, is_same, marker, markers, send, snapshot
from agents.worker.hands.records import Entry, Records

_AGAIN_US = 20_000
_SELDOM_US = 5_000_000  # a process in an uninterruptible call does not go at once
_KEPT = 1_000


def boot_us() -> int:
    """Returns the time since boot, which also counts a suspended machine."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


class Kills:
    """Due times of timeouts and of the SIGKILL after the grace."""

    def __init__(self, file: Records) -> None:
        self.records = file
        self.due: list[tuple[int, int, Entry]] = []
        self.count = itertools.count()
        self.limit = _KEPT

    def timeout(self, entry: Entry) -> None:
        """Notes the deadline of an attempt, if it has one."""
        if entry.deadline_us:
            self._push(entry.deadline_us, entry)

    def resume(self, entry: Entry) -> None:
        """Goes on with the kill or the deadline of an attempt that was taken over."""
        if entry.reason:
            self._push(entry.kill_us, entry)
        elif entry.ended is None:
            self.timeout(entry)

    def wait_us(self) -> int | None:
        """Returns the time until something is due."""
        return max(0, self.due[0][0] - boot_us()) if self.due else None

    def turn(self) -> None:
        """Does what is due."""
        if not self.due or self.due[0][0] > boot_us():
            return
        now, late, sweep = boot_us(), [], []
        while self.due and self.due[0][0] <= now:
            entry = heapq.heappop(self.due)[2]
            if entry.reason and entry.kill_us <= now:
                sweep.append(entry)
            elif not entry.reason and entry.ended is None:
                late.append((entry, entry.grace_us))
        self.begin(late, b"timedout")
        self._sweep(sweep)

    def begin(self, batch: list[tuple[Entry, int]], reason: bytes) -> None:
        """Ends attempts with a grace in microseconds each; a second kill can only hasten."""
        processes = snapshot() if batch else {}
        now = boot_us()
        for entry, grace_us in batch:
            due = now + grace_us
            if entry.ended is not None or (entry.reason and entry.kill_us <= due):
                continue
            entry.kill_us = due
            if not entry.reason:
                entry.reason = reason
                self._terminate(entry, processes, gently=grace_us > 0)
            self._push(due, entry)

    def _terminate(self, entry: Entry, processes: dict[int, Process], *, gently: bool) -> None:
        tree = below(processes, {entry.pid}) - {entry.pid}
        entry.remembered = [(pid, processes[pid].start) for pid in tree]
        self.records.append(records.killing(entry))
        if gently and orphans.is_present(entry):
            try:
                os.killpg(entry.pid, signal.SIGTERM)
            except OSError:
                pass  # ended meanwhile

    def _sweep(self, entries: list[Entry]) -> None:
        if not entries:
            return
        processes = {p.pid: p for p in snapshot().values() if p.state != b"Z"}
        marked = markers(processes)
        for entry in entries:
            tree = _tree(entry, processes, marked)
            for pid in tree:
                send(processes[pid], signal.SIGKILL)
            if tree:  # one of them may have made another meanwhile: look again until none is left
                now = boot_us()
                self._push(now + min(max(now - entry.kill_us, _AGAIN_US), _SELDOM_US), entry)

    def _push(self, due: int, entry: Entry) -> None:
        heapq.heappush(self.due, (due, next(self.count), entry))
        if len(self.due) > self.limit:
            # Deadlines of ended attempts would stay for days.
            self.due = [one for one in self.due if one[2].ended is None or one[2].reason]
            heapq.heapify(self.due)
            self.limit = max(_KEPT, 2 * len(self.due))


def _tree(entry: Entry, processes: dict[int, Process], marked: dict[bytes, list[int]]) -> set[int]:
    """Returns the pids of all that belongs to an attempt."""
    roots = set(marked.get(entry.attempt, ()))
    if is_same(processes.get(entry.pid), entry.began_us, entry.spawned_us):
        roots.add(entry.pid)
    for pid, start in entry.remembered:
        if pid in processes and processes[pid].start == start:
            roots.add(pid)
    for process in processes.values():
        mine = process.group == entry.pid and process.session == entry.session
        # The number may be another attempt's group by now.
        if mine and marker(process.pid) in (b"", entry.attempt):
            roots.add(process.pid)
    return below(processes, roots) - {os.getpid()}
