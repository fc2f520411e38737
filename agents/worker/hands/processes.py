"""The processes of this machine as /proc shows them, and how a whole tree is killed.

A walk reads every process, so it happens for kills and take-overs only, never per job.
Standard library only.
"""

# Without pathlib: pathlib costs each detached process 1 MB.
# ruff: noqa: PTH123, PTH208

import os
import signal

MARKER = b"STELLWERK_ATTEMPT"
TICK_US = 1_000_000 // os.sysconf("SC_CLK_TCK")


class Process:
    """One line of /proc/PID/stat; ``start`` in clock ticks since boot."""

    __slots__ = ("group", "parent", "pid", "session", "start", "state")

    def __init__(self, pid: int, fields: list[bytes]) -> None:
        self.pid = pid
        self.state = fields[0]
        self.parent = int(fields[1])
        self.group = int(fields[2])
        self.session = int(fields[3])
        self.start = int(fields[19])


def read(pid: int) -> Process | None:
    """Returns a process, also a zombie; none if there is no such process."""
    try:
        with open(b"/proc/%d/stat" % pid, "rb", buffering=0) as file:
            data = file.read(4096)
    except OSError:
        return None
    # The name may hold blanks and brackets: what follows the last bracket is regular.
    return Process(pid, data[data.rindex(b")") + 2 :].split()) if data else None


def snapshot() -> dict[int, Process]:
    """Returns all processes by pid."""
    found: dict[int, Process] = {}
    for name in os.listdir("/proc"):
        process = read(int(name)) if name.isdigit() else None
        if process is not None:
            found[process.pid] = process
    return found


def marker(pid: int) -> bytes:
    """Returns the attempt a process was made for as its environment says, or nothing."""
    try:
        with open(b"/proc/%d/environ" % pid, "rb") as file:
            environment = b"\0" + file.read()
    except OSError:
        return b""
    start = environment.find(b"\0" + MARKER + b"=")
    if start < 0:
        return b""
    start += len(MARKER) + 2
    return environment[start : environment.find(b"\0", start)]


def markers(processes: dict[int, Process]) -> dict[bytes, list[int]]:
    """Returns pids by attempt."""
    found: dict[bytes, list[int]] = {}
    for pid in processes:
        attempt = marker(pid)
        if attempt:
            found.setdefault(attempt, []).append(pid)
    return found


def is_same(process: Process | None, began_us: int, spawned_us: int) -> bool:
    """Returns whether a pid is still the process that was made in this interval of boot time."""
    if process is None:
        return False
    return began_us // TICK_US - 1 <= process.start <= spawned_us // TICK_US + 1


def below(processes: dict[int, Process], roots: set[int]) -> set[int]:
    """Returns the roots and all their descendants."""
    children: dict[int, list[int]] = {}
    for process in processes.values():
        children.setdefault(process.parent, []).append(process.pid)
    found: set[int] = set()
    waiting = [pid for pid in roots if pid in processes]
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting.extend(children.get(pid, ()))
    return found


def send(process: Process, number: int) -> None:
    """Signals a process of a snapshot, unless its pid has got another owner since."""
    try:
        pidfd = os.pidfd_open(process.pid)
    except OSError:
        return
    try:
        now = read(process.pid)
        if now is not None and now.start == process.start:
            signal.pidfd_send_signal(pidfd, number)
    except OSError:
        pass  # gone, or no longer ours to signal
    finally:
        os.close(pidfd)


def restore_signals() -> None:
    """Makes every signal act by default and blocks none, for this process and what it starts.

    The interpreter itself ignores some at its start, and ignoring is inherited by jobs.
    """
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            pass  # reserved by the C library
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
