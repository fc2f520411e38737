"""Looks at processes by id without mistaking a newcomer for the one that was meant."""

import contextlib
import os
import select
import signal
from pathlib import Path


def command_line(pid: int) -> list[str]:
    """Return the arguments of a process; empty if it has ended or is a zombie."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []
    return raw.decode(errors="surrogateescape").rstrip("\0").split("\0") if raw else []


def handle_of(pid: int, argument: str) -> int | None:
    """Return a pidfd of a living process that has the argument on its command line, or None."""
    try:
        fd = os.pidfd_open(pid)
    except (ProcessLookupError, OSError):
        return None
    # Asked after the handle is open: from here on the id cannot pass to another process.
    if argument in command_line(pid):
        return fd
    os.close(fd)
    return None


def has_ended(pidfd: int, *, within_s: float = 0.0) -> bool:
    """Whether the process behind a handle has ended, waiting for it up to the given time."""
    waiter = select.poll()
    waiter.register(pidfd, select.POLLIN)
    return bool(waiter.poll(within_s * 1000))


def send(pidfd: int, number: signal.Signals) -> None:
    """Send a signal; a process that has ended needs none."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, number)


def boot_mark() -> str:
    """Return a text that changes when process ids start anew: a boot or another container."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot} {Path('/proc/self/ns/pid').stat().st_ino}"
