"""Rows become the bytes that PostgreSQL documents, in blocks that are one whole."""

import struct
from datetime import date

from dailyplan.difference import Insert
from dailyplan.row_copy import blocks
from dailyplan.wanted import Wanted

DAY = date(2000, 1, 3)
DAY_2000_US = 946_684_800_000_000
HEAD, TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def single(origin: int, parameterisation: int = 7) -> Insert:
    wanted = Wanted(DAY, origin, 0, DAY_2000_US + 5, 0, DAY_2000_US + 5)
    return Insert(wanted, parameterisation, submit=True, next_us=None)


def values(row: Insert, flags: int = 0) -> list[bytes | None]:
    """Return the values of the only row."""
    sent = b"".join(blocks([row], flags))
    assert (sent[: len(HEAD)], sent[-2:]) == (HEAD, TAIL)
    rest, found = sent[len(HEAD) : -2], []
    (count,) = struct.unpack_from(">h", rest)
    rest = rest[2:]
    for _ in range(count):
        (length,) = struct.unpack_from(">i", rest)
        found.append(None if length < 0 else rest[4 : 4 + length])
        rest = rest[4 + max(length, 0) :]
    assert rest == b""
    return found


def number(value: int, length: int) -> bytes:
    return value.to_bytes(length, "big")


def test_a_single_start_has_no_cycle() -> None:
    assert values(single(42), flags=16) == [
        number(42, 8), number(5, 8), number(2, 4), number(7, 4), number(0, 2), number(16, 2),
        b"\1", b"\0", None, None, None, None, None,
    ]  # fmt: skip


def test_a_cycle_has_its_step_its_number_and_its_end() -> None:
    wanted = Wanted(DAY, 1, 0, DAY_2000_US, 60, DAY_2000_US + 9, 3)
    row = Insert(wanted, 7, submit=False, next_us=None)
    assert values(row)[6:] == [b"\0", b"\0", number(60, 4), number(3, 4), number(9, 8), None, None]


def test_what_is_left_out_is_an_array_of_moments() -> None:
    wanted = Wanted(DAY, 1, 0, DAY_2000_US, 60, DAY_2000_US + 9, 3, (11, 12))
    row = Insert(wanted, 7, submit=False, next_us=DAY_2000_US + 1)
    dimensions = struct.pack(">5i", 1, 0, 20, 2, 1)
    items = number(8, 4) + number(11, 8) + number(8, 4) + number(12, 8)
    assert values(row)[-2:] == [number(1, 8), dimensions + items]


def test_many_rows_go_in_blocks_that_together_are_what_one_would_be() -> None:
    rows = [single(n, n % 3) for n in range(2_500)]
    sent = list(blocks(rows))
    alone = [b"".join(blocks([row]))[len(HEAD) : -2] for row in rows]
    assert len(sent) == 3
    assert b"".join(sent) == HEAD + b"".join(alone) + TAIL


def test_no_rows_are_head_and_end() -> None:
    assert b"".join(blocks([])) == HEAD + TAIL
