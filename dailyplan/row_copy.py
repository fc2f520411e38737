"""New rows of the plan in the form of a binary COPY, ten thousands at a time. Pure.

The bytes are those of PostgreSQL's documented format: each value after its length, -1 for null.
"""

import struct
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from dailyplan.difference import Insert
from dailyplan.state import PlanState
from dailyplan.wanted import Wanted

COPY = (
    "COPY {} (origin, start_at, day, parameterisation, state, flags, submit,"
    " late, repeat_s, count, end_at, next_at, left_out) FROM STDIN (FORMAT BINARY)"
)
"""The statement, but for the table."""

_EPOCH_US = 946_684_800_000_000
"""PostgreSQL's moment 0 in microseconds since 1970."""

_EPOCH_DAY = date(2000, 1, 1).toordinal()
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL = b"\xff\xff"
_ROW = struct.Struct(">6sqiqii")
_BEGIN = struct.pack(">hi", 13, 8)
_SHARED = struct.Struct(">ii ih ih i? i?")
_NULLS = struct.pack(">5i", -1, -1, -1, -1, -1)
_CYCLE = struct.Struct(">ii ii iq")
_MOMENT = struct.Struct(">iq")
_NULL = struct.pack(">i", -1)
_BLOCK = 1_000
"""So many rows are sent together: the database reads them while the next ones are made."""


def blocks(rows: Iterable[Insert], flags: int = 0) -> Iterator[bytes]:
    """Yield all that is to be sent for these rows. `flags` are `dailyplan.state.Flag`."""
    parts, pack = [_HEAD], _ROW.pack
    for row in rows:
        one = row.wanted
        parts += (
            pack(
                _BEGIN, one.origin, 8, one.start_us - _EPOCH_US,
                4, one.day.toordinal() - _EPOCH_DAY,
            ),
            _shared(row.parameterisation, flags, row.submit),
            _cycle(one, row.next_us) if one.repeat_s else _NULLS,
        )  # fmt: skip
        if len(parts) > 3 * _BLOCK:
            yield b"".join(parts)
            parts.clear()
    yield b"".join((*parts, _TAIL))


@lru_cache(maxsize=1_024)
def _shared(parameterisation: int, flags: int, submit: bool) -> bytes:  # noqa: FBT001
    return _SHARED.pack(4, parameterisation, 2, PlanState.PLANNED, 2, flags, 1, submit, 1, 0)


def _cycle(one: Wanted, next_us: int | None) -> bytes:
    found = _CYCLE.pack(4, one.repeat_s, 4, one.starts, 8, one.end_us - _EPOCH_US)
    found += _NULL if next_us is None else _MOMENT.pack(8, next_us - _EPOCH_US)
    return found + (_array(one.left_out) if one.left_out else _NULL)


def _array(moments: tuple[int, ...]) -> bytes:
    """Return a `bigint[]` with one dimension that counts from 1."""
    items = b"".join(_MOMENT.pack(8, at) for at in moments)
    return struct.pack(">6i", 20 + len(items), 1, 0, 20, len(moments), 1) + items
