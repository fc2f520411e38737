"""Rows of the plan to and from the database, in as few statements as a slice of schedules allows.

New rows go by binary COPY: a plan is a hundred thousand rows at a time.
"""

import datetime as dt
import struct
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from dailyplan.difference import Insert, Key, Row, Update
from dailyplan.state import PlanState
from dailyplan.statements import changed, fetched

_UNIX = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_US = dt.timedelta(microseconds=1)
_PG_EPOCH_US = 946_684_800_000_000
_PG_EPOCH_DAY = dt.date(2000, 1, 1).toordinal()

_COPY = (
    "COPY {} (origin, start_at, day, parameterisation, state, flags, submit,"
    " late, repeat_s, count, end_at, next_at, left_out) FROM STDIN (FORMAT BINARY)"
)
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL = b"\xff\xff"
_ROW = struct.Struct(">h iq iq ii ii ih ih i? i?")
_NULLS = struct.pack(">5i", -1, -1, -1, -1, -1)
_CYCLE = struct.Struct(">ii ii iq")
_MOMENT = struct.Struct(">iq")
_NULL = struct.pack(">i", -1)
_BLOCK = 4_000

_SELECT = """
    SELECT day, origin, parameterisation, (extract(epoch FROM start_at) * 1000000)::bigint, state,
           flags, submit, repeat_s, (extract(epoch FROM end_at) * 1000000)::bigint,
           (extract(epoch FROM next_at) * 1000000)::bigint, count, left_out, problem IS NOT NULL
      FROM dailyplan_plannedorder"""
_MOMENT_OF = "timestamptz 'epoch' + {} * interval '1 microsecond'"
_UPDATE = f"""
    UPDATE dailyplan_plannedorder t
       SET parameterisation = u.parameterisation, submit = u.submit, repeat_s = u.repeat_s,
           end_at = {_MOMENT_OF.format("u.end_us")}, next_at = {_MOMENT_OF.format("u.next_us")},
           count = u.count, left_out = u.left_out::bigint[], problem = NULL
      FROM unnest(%s::date[], %s::bigint[], %s::int[], %s::int[], %s::bool[], %s::int[],
                  %s::bigint[], %s::bigint[], %s::int[], %s::text[])
           AS u (day, origin, state, parameterisation, submit, repeat_s, end_us, next_us, count,
                 left_out)
     WHERE t.day = u.day AND t.origin = u.origin AND t.state = u.state"""  # noqa: S608


def insert_new(rows: Iterable[Insert], flags: int) -> int:
    """Add those of the rows that are not there, and return how many that were."""
    changed(
        "CREATE TEMPORARY TABLE IF NOT EXISTS dailyplan_coming"
        " (LIKE dailyplan_plannedorder) ON COMMIT DELETE ROWS",
        [],
    )
    insert(rows, flags, into="dailyplan_coming")
    done = changed(
        "INSERT INTO dailyplan_plannedorder SELECT * FROM dailyplan_coming ON CONFLICT DO NOTHING",
        [],
    )
    changed("TRUNCATE dailyplan_coming", [])
    return done


def insert(rows: Iterable[Insert], flags: int = 0, into: str = "dailyplan_plannedorder") -> int:
    """Add planned rows, and return how many there were.

    Raises:
        IntegrityError: one of them is there.
    """
    rows = list(rows)
    if not rows:
        return 0
    pack, planned, done = _ROW.pack, int(PlanState.PLANNED), 0
    parts: list[bytes] = [_HEAD]
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(_COPY.format(into)) as copy,
    ):
        for row in rows:
            one = row.wanted
            parts.append(
                pack(
                    13, 8, one.origin, 8, one.start_us - _PG_EPOCH_US, 4,
                    one.day.toordinal() - _PG_EPOCH_DAY, 4, row.parameterisation, 2, planned,
                    2, flags, 1, row.submit, 1, 0,
                )
            )  # fmt: skip
            parts.append(_cycle(one, row.next_us) if one.repeat_s else _NULLS)
            done += 1
            if not done % _BLOCK:
                copy.write(b"".join(parts))
                parts.clear()
        parts.append(_TAIL)
        copy.write(b"".join(parts))
    return done


def _cycle(one: Any, next_us: int | None) -> bytes:
    found = _CYCLE.pack(4, one.repeat_s, 4, one.starts, 8, one.end_us - _PG_EPOCH_US)
    found += _NULL if next_us is None else _MOMENT.pack(8, next_us - _PG_EPOCH_US)
    if not one.left_out:
        return found + _NULL
    items = b"".join(_MOMENT.pack(8, at) for at in one.left_out)
    array = struct.pack(">5i", 1, 0, 20, len(one.left_out), 1) + items
    return found + struct.pack(">i", len(array)) + array


def rows_of(parameterisations: Sequence[int], first: dt.date, last: dt.date | None) -> list[Row]:
    """Return the rows of these parameterisations from one day to another, both inclusive."""
    if not parameterisations:
        return []
    where = " WHERE parameterisation = ANY (%s) AND day >= %s AND day <= %s"
    return _rows(where, [list(parameterisations), first, last or dt.date.max])


def rows_at(keys: Sequence[Key], *, lock: bool = False) -> list[Row]:
    """Return the rows of these days and origins, in the order of their keys."""
    if not keys:
        return []
    where = " WHERE (day, origin) IN (SELECT * FROM unnest(%s::date[], %s::bigint[]))"
    tail = " ORDER BY day, origin" + (" FOR UPDATE" if lock else "")
    return _rows(where + tail, list(columns_of(sorted(keys))))


def _rows(where: str, values: Sequence[Any]) -> list[Row]:
    return [_row(found) for found in fetched(_SELECT + where, values)]


def _row(found: Sequence[Any]) -> Row:
    *plain, left_out, problem = found
    return Row._make((*plain, tuple(left_out or ()), problem))


def delete_planned(keys: Sequence[Key]) -> int:
    """Delete rows that are only planned, and return how many there were."""
    if not keys:
        return 0
    return changed(
        "DELETE FROM dailyplan_plannedorder t"
        " USING unnest(%s::date[], %s::bigint[]) AS u (day, origin)"
        " WHERE t.day = u.day AND t.origin = u.origin AND t.state = %s",
        [*columns_of(keys), int(PlanState.PLANNED)],
    )


def delete_untouched(keys: Sequence[Key]) -> int:
    """Delete rows that are planned or removed, and return how many there were."""
    if not keys:
        return 0
    return changed(
        "DELETE FROM dailyplan_plannedorder t"
        " USING unnest(%s::date[], %s::bigint[]) AS u (day, origin)"
        " WHERE t.day = u.day AND t.origin = u.origin AND t.state IN (0, 9)",
        [*columns_of(keys)],
    )


def update(changes: Sequence[Update]) -> int:
    """Give rows that stand as they did when they were read other values; returns how many did."""
    if not changes:
        return 0
    columns = (
        [c.row.day for c in changes],
        [c.row.origin for c in changes],
        [c.row.state for c in changes],
        [c.parameterisation for c in changes],
        [c.submit for c in changes],
        [c.repeat_s for c in changes],
        [c.end_us for c in changes],
        [c.next_us for c in changes],
        [c.starts for c in changes],
        ["{" + ",".join(map(str, c.left_out)) + "}" if c.left_out else None for c in changes],
    )
    return changed(_UPDATE, columns)


def columns_of(keys: Iterable[Key]) -> tuple[list[dt.date], list[int]]:
    """Return days and origins apart, as arrays for a statement."""
    found = list(keys)
    return [day for day, _ in found], [origin for _, origin in found]


def moment(at_us: int) -> dt.datetime:
    """Return microseconds since the epoch as a moment."""
    return _UNIX + at_us * _US
