"""Rows of the plan to and from the database, in as few statements as a slice of schedules allows.

New rows go by binary COPY: a plan is a hundred thousand rows at a time.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from django.db import connection

from dailyplan.difference import Insert, Key, Row, Update
from dailyplan.row_copy import COPY, blocks
from dailyplan.state import PlanState
from dailyplan.statements import changed, fetched

_UNIX = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_US = dt.timedelta(microseconds=1)

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
    coming = iter(rows)
    first = next(coming, None)
    if first is None:
        return 0
    with connection.wrap_database_errors, connection.cursor() as cursor:
        with cursor.copy(COPY.format(into)) as copy:
            for block in blocks(chain((first,), coming), flags):
                copy.write(block)
        return int(cursor.rowcount)


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
