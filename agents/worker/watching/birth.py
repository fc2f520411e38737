"""When a file was made, by Linux's `statx`, which Python does not offer yet."""

import ctypes
import struct
from typing import Any

_AT_SYMLINK_NOFOLLOW = 0x100
_BTIME = 0x800
_SIZE = 256
_MASK = struct.Struct("I")
_BORN = struct.Struct("qI")
_BORN_AT = 80


def _statx() -> Any:
    try:
        found = ctypes.CDLL(None, use_errno=True).statx
    except (OSError, AttributeError):
        return None
    found.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p]
    found.restype = ctypes.c_int
    return found


_call = _statx()


def born_ns(folder: int, name: bytes) -> int:
    """Return when a file in an open folder was made, in nanoseconds; 0 where nobody can tell."""
    if _call is None:
        return 0
    room = ctypes.create_string_buffer(_SIZE)
    if _call(folder, name, _AT_SYMLINK_NOFOLLOW, _BTIME, room) != 0:
        return 0
    if not _MASK.unpack_from(room.raw)[0] & _BTIME:
        return 0
    seconds, nanoseconds = _BORN.unpack_from(room.raw, _BORN_AT)
    return int(seconds) * 1_000_000_000 + int(nanoseconds)
