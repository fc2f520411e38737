"""Giving back the disk space in the middle of a file; where that fails the file stays whole."""

import ctypes
import functools
from collections.abc import Callable

_KEEP_SIZE = 1
_PUNCH_HOLE = 2


@functools.cache
def _fallocate() -> Callable[..., int] | None:
    function: Callable[..., int] | None = getattr(ctypes.CDLL(None), "fallocate64", None)
    return function


def punch(fd: int, offset: int, length: int) -> bool:
    """Returns whether the kernel took the call; it frees whole blocks only."""
    function = _fallocate()
    if function is None:
        return False
    where = (ctypes.c_int64(offset), ctypes.c_int64(length))
    return function(fd, _KEEP_SIZE | _PUNCH_HOLE, *where) == 0
