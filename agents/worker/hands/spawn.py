"""Making the process of one attempt: arguments, environment and files exactly as asked.

The process leads a group of its own in its supervisor's session: a session each would cost a
scheduler group each, and the session tells whose child an orphan was. Standard library only.
"""

import errno
import os
import time

from agents.worker.hands.processes import MARKER

_OUT = os.O_WRONLY | os.O_CREAT | os.O_APPEND
_BUSY_TRIES = 50
_LINE_BYTES = 256  # the kernel looks at no more of a first line
_INTERPRETERS = (errno.ENOENT, errno.EACCES, errno.ENOTDIR, errno.ENOEXEC)


class Order:
    """A start as it came over the wire."""

    __slots__ = ("argv", "attempt", "cwd", "env", "grace_us", "timeout_us")

    def __init__(self, fields: list[bytes]) -> None:
        count = int(fields[5])
        self.attempt = fields[1]
        self.timeout_us = int(fields[2] or 0)
        self.grace_us = int(fields[3])
        self.cwd = fields[4]
        self.argv = fields[6 : 6 + count]
        rest = iter(fields[6 + count :])
        self.env = dict(zip(rest, rest, strict=True))
        self.env[MARKER] = self.attempt


def make(order: Order, out: bytes, home: int) -> int:
    """Returns the pid of the new process.

    Args:
        order: What to run.
        out: Path prefix of the output files; they get ``.out`` and ``.err``.
        home: Directory to be in again afterwards.

    Raises:
        OSError: It could not be started; nothing runs.
        ValueError: A name in the environment is illegal; nothing runs.
    """
    if not order.cwd:
        return _spawn(order, out)
    try:
        os.chdir(order.cwd)  # posix_spawn has no action for it; this process is single-threaded
        return _spawn(order, out)
    finally:
        os.fchdir(home)


def explained(order: Order, failure: OSError | ValueError) -> bytes:
    """Returns why an attempt could not be started, for its log."""
    program = order.argv[0]
    if not isinstance(failure, OSError):
        return b"cannot start %b: %b" % (program, str(failure).encode())
    reason = (failure.strerror or str(failure)).encode()
    if order.cwd and failure.filename == order.cwd:
        return b"cannot change to directory %b: %b" % (order.cwd, reason)
    return b"cannot start %b: %b" % (_blamed(program, failure), reason)


def _blamed(program: bytes, failure: OSError) -> bytes:
    """Returns what could not be run: the program, or what the first line of a script names."""
    line = _first_line(program)
    words = line[2:].split(None, 1)
    if failure.errno not in _INTERPRETERS or not line.startswith(b"#!") or not words:
        return program
    if line.endswith(b"\r"):
        return b"the script, whose lines end with a carriage return, as on Windows"
    return b"%b, which the first line of the script names" % words[0]


def _first_line(program: bytes) -> bytes:
    try:
        with open(program, "rb") as file:  # noqa: PTH123  # pathlib costs each process 1 MB
            return file.readline(_LINE_BYTES).removesuffix(b"\n")
    except OSError:
        return b""


def _spawn(order: Order, out: bytes) -> int:
    argv = order.argv
    actions = (
        (os.POSIX_SPAWN_OPEN, 1, out + b".out", _OUT, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, out + b".err", _OUT, 0o600),
    )
    for tries in range(_BUSY_TRIES):
        try:
            return os.posix_spawn(argv[0], argv, order.env, file_actions=actions, setpgroup=0)
        except OSError as failure:
            # Another process forked while the script was being written and still holds it open.
            if failure.errno != errno.ETXTBSY or tries == _BUSY_TRIES - 1:
                raise
            time.sleep(0.002)
    raise AssertionError
