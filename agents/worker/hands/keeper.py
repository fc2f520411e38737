"""The keeper: a detached process that keeps supervisors alive and reaps what they leave.

It is the subreaper of all jobs, so a job whose supervisor was killed becomes its child and its
exit status is not lost. It listens to nobody and knows nothing of attempts.
Run as ``entry.py keeper FOLDER GENERATION COUNT BOOT``; standard library only.
"""

# Without pathlib: pathlib costs each detached process 1 MB.
# ruff: noqa: PTH100, PTH104, PTH118, PTH120, PTH123

import fcntl
import os
import sys
import time

from agents.worker.hands.processes import read, restore_signals

_KEPT_BYTES = 1 << 20
_PR_SET_CHILD_SUBREAPER = 36
_OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC


def main(args: list[str]) -> None:
    """Detaches itself, then keeps supervisors until all have ended by themselves."""
    if args[0] != "--detached":
        _detach(args)
    folder, generation, count, boot = args[1:]
    if _lock(folder, f"{generation} {count} {os.getpid()}\n"):
        Keeper(folder, generation=generation, boot=boot).run(int(count))


def _detach(args: list[str]) -> None:
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    import ctypes  # here only: being a subreaper survives the exec, the memory of ctypes does not

    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")
    entry = os.path.join(os.path.dirname(os.path.abspath(__file__)), "entry.py")
    command = [sys.executable, "-I", "-S", "-E", entry, "keeper", "--detached", *args]
    os.execve(sys.executable, command, {})  # noqa: S606


def _lock(folder: str, content: str) -> bool:
    fd = os.open(folder + "/run/keeper", _OPEN & ~os.O_APPEND, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    os.ftruncate(fd, 0)
    os.write(fd, content.encode())
    return True  # the descriptor stays open, and with it the lock, as long as this process lives


class Keeper:
    """Children by pid, and the file of orphans that ended."""

    def __init__(self, folder: str, *, generation: str, boot: str) -> None:
        self.folder = folder
        self.args = (generation, boot)
        self.path = f"{folder}/records/reaped-{generation}"
        self.reaped = os.open(self.path, _OPEN, 0o600)
        self.slots: dict[int, tuple[int, float]] = {}

    def run(self, count: int) -> None:
        """Waits for children until there are none."""
        restore_signals()
        for slot in range(count):
            self._supervise(slot)
        while True:
            try:
                info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
            except ChildProcessError:
                return
            if info is not None:
                self._ended(info.si_pid, code=info.si_code, status=info.si_status)

    def _ended(self, pid: int, *, code: int, status: int) -> None:
        if pid in self.slots:
            os.waitpid(pid, 0)
            slot, since = self.slots.pop(pid)
            if code != os.CLD_EXITED or status != 0:
                self._restart(slot, since)
            return
        self._append(pid, code, status)
        os.waitpid(pid, 0)  # only now: while the zombie is there, its record may be awaited

    def _restart(self, slot: int, since: float) -> None:
        if time.monotonic() - since < 0.2:
            time.sleep(0.2)  # one that cannot even start must not cost a whole core
        self._supervise(slot)

    def _supervise(self, slot: int) -> None:
        generation, boot = self.args
        entry = os.path.join(os.path.dirname(os.path.abspath(__file__)), "entry.py")
        words = ["supervisor", self.folder, generation, str(slot), boot]
        command = [sys.executable, "-I", "-S", "-E", entry, *words]
        # A session each: it tells whose child an orphan was.
        pid = os.posix_spawn(sys.executable, command, {}, setsid=True)
        self.slots[pid] = (slot, time.monotonic())

    def _append(self, pid: int, code: int, status: int) -> None:
        zombie = read(pid)
        if zombie is None:
            return
        facts = (zombie.start, zombie.session, zombie.group, code, status)
        now_us = time.time_ns() // 1000
        self._write(b"%d %d %d %d %d %d %d\n" % (pid, *facts, now_us))
        if os.fstat(self.reaped).st_size > _KEPT_BYTES:
            self._shorten()

    def _write(self, line: bytes) -> None:
        """Returns once the line is written: a full disk must cost neither status nor keeper."""
        while True:
            try:
                os.write(self.reaped, line)
            except OSError:
                time.sleep(0.5)
            else:
                return

    def _shorten(self) -> None:
        with open(self.path, "rb") as file:
            file.seek(-_KEPT_BYTES // 2, os.SEEK_END)
            file.readline()
            rest = file.read()
        fresh = self.path + ".new"
        fd = os.open(fresh, _OPEN | os.O_TRUNC, 0o600)
        os.write(fd, rest)
        os.rename(fresh, self.path)
        os.close(self.reaped)
        self.reaped = fd
