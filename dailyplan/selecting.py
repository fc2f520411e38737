"""Which planned orders a list or verb is about, and pages of them by the key of the last row.

A page costs the same wherever it lies in a day of a million orders: every way to it walks an index
and stops. What a filter says about schedules, workflows and tags becomes the parameterisations that
fit, which are few.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple

import msgspec

from dailyplan.errors import FilterUnreadable
from dailyplan.origin import microseconds, place_of
from dailyplan.state import SHOWN, PlanState
from dailyplan.statements import fetched
from dailyplan.tables import moment

MOST_ROWS = 1_000
_FIRST_LOOK = 4
_MANY = 50

Text = Annotated[str, msgspec.Meta(max_length=255)]


class PlanFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which planned orders; empty means all. Days are inclusive.

    `workflow` and `schedule` are paths or names, `*` stands for anything. `folders` are those that
    may be seen, None for all. `late_before`: orders that should have started before this moment and
    have not, or started late.
    """

    first: date
    last: date
    states: Sequence[PlanState] = SHOWN
    workflow: Text = ""
    schedule: Text = ""
    folder: Text = ""
    schedule_folder: Text = ""
    tags: Sequence[str] = ()
    text: Text = ""
    late_before: dt.datetime | None = None
    folders: Sequence[str] | None = None

    @property
    def by_parameters(self) -> bool:
        """Whether it narrows parameterisations at all."""
        told = (self.workflow, self.schedule, self.folder, self.schedule_folder, self.tags)
        return any(told) or bool(self.text) or self.folders is not None


class Listed(NamedTuple):
    """A row of a list; moments are in UTC."""

    day: date
    origin: int
    parameterisation: int
    start_at: dt.datetime
    state: int
    flags: int
    submit: bool
    late: bool
    repeat_s: int | None
    orders: int | None
    end_at: dt.datetime | None
    next_at: dt.datetime | None
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    left_out: list[int] | None
    problem: str | None
    part: int | None


class PlanPage(msgspec.Struct, frozen=True):
    """Rows by day, start and origin, and the cursor of the next page; None at the end."""

    rows: list[Listed]
    cursor: str | None


_COLUMNS = (
    "day, origin, parameterisation, start_at, state, flags, submit, late, repeat_s, count, end_at,"
    " next_at, started_at, ended_at, left_out, problem, part"
)
_ORDER = "ORDER BY start_at, origin LIMIT %s"
_BEYOND = "(start_at, origin) > (%s, %s)"
_OF_STATE = f"""
    (SELECT {_COLUMNS} FROM dailyplan_plannedorder
      WHERE day = %s AND state = %s AND {_BEYOND} {{narrow}} {_ORDER})"""  # noqa: S608
_LATE = f"""
    (SELECT {_COLUMNS} FROM dailyplan_plannedorder
      WHERE day = %s AND late AND state = ANY (%s) AND {_BEYOND} {{narrow}} {_ORDER})"""  # noqa: S608
_OVERDUE = f"""
    (SELECT {_COLUMNS} FROM dailyplan_plannedorder
      WHERE day = %s AND state = %s AND start_at < %s AND coalesce(next_at, start_at) < %s
        AND NOT late AND {_BEYOND} {{narrow}} {_ORDER})"""  # noqa: S608
_OF_PARAMETERS = f"""
    SELECT t.* FROM unnest(%s::int[]) AS p CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM dailyplan_plannedorder
         WHERE parameterisation = p AND day = %s AND state = ANY (%s) AND {_BEYOND}
         {_ORDER}) AS t"""  # noqa: S608
_DAYS = """
    SELECT day FROM dailyplan_countchange WHERE day BETWEEN %s AND %s
     GROUP BY day HAVING sum(rows) <> 0 ORDER BY day"""
_NARROW = "AND parameterisation = ANY (%s)"
_CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2})\.(-?\d{1,18})\.(\d{1,19})", re.ASCII)


class _After(NamedTuple):
    """Where a page begins within a day."""

    start_at: dt.datetime
    origin: int


_BEGIN = _After(dt.datetime(1, 1, 2, tzinfo=dt.UTC), -1)


def page(wanted: PlanFilter, *, cursor: str | None = None, limit: int = 100) -> PlanPage:
    """Return a page of planned orders by day, start and origin.

    Raises:
        FilterUnreadable: the cursor is none of this list.
    """
    limit = max(1, min(limit, MOST_ROWS))
    first, after = (wanted.first, _BEGIN) if not cursor else _read(cursor)
    ids = parameterisations(wanted) if wanted.by_parameters else None
    if wanted.text.startswith("#"):
        return PlanPage(_by_id(wanted, ids), None)
    rows: list[Listed] = []
    for (day,) in fetched(_DAYS, [max(first, wanted.first), wanted.last]):
        begin = after if day == first else _BEGIN
        rows += _of_day(wanted, ids, day, begin, limit + 1 - len(rows))
        if len(rows) > limit:
            break
    more, rows = len(rows) > limit, rows[:limit]
    return PlanPage(rows, _cursor(rows[-1]) if more else None)


def keys_of(wanted: PlanFilter, most: int) -> Iterator[list[Listed]]:
    """Yield the rows in slices, up to `most` of them."""
    cursor: str | None = None
    while most > 0:
        found = page(wanted, cursor=cursor, limit=min(MOST_ROWS, most))
        if found.rows:
            yield found.rows
        most -= len(found.rows)
        cursor = found.cursor
        if cursor is None:
            return


def rows_named(ids: Sequence[str]) -> dict[str, Listed]:
    """Return the rows of order ids; those that nobody planned are missing.

    The id of one start of a cyclic row names the row.
    """
    places = {order_id: place for order_id in ids if (place := place_of(order_id))}
    if not places:
        return {}
    rows = fetched(
        f"SELECT {_COLUMNS} FROM dailyplan_plannedorder WHERE (day, origin) IN"  # noqa: S608
        " (SELECT * FROM unnest(%s::date[], %s::bigint[]))",
        [[p.day for p in places.values()], [p.origin for p in places.values()]],
    )
    found = {(row[0], row[1]): Listed._make(row) for row in rows}
    return {
        order_id: found[place.day, place.origin]
        for order_id, place in places.items()
        if (place.day, place.origin) in found
    }


def parameterisations(wanted: PlanFilter) -> list[int]:
    """Return the parameterisations that fit a filter."""
    where, values = ["true"], []  # type: list[str], list[Any]
    for column, pattern in (("workflow", wanted.workflow), ("schedule_path", wanted.schedule)):
        if pattern:
            where.append(f"({column} LIKE %s OR {column} LIKE %s)")
            values += [_like(pattern), f"%/{_like(pattern)}"]
    for column, folder in (("workflow", wanted.folder), ("schedule_path", wanted.schedule_folder)):
        if folder:
            where.append(f"{column} LIKE %s")
            values.append(f"{_like(folder.strip('/'), stars=False)}/%")
    if wanted.tags:
        where.append("tags && %s::text[]")
        values.append(list(wanted.tags))
    if wanted.text and not wanted.text.startswith("#"):
        where.append("(order_name ILIKE %s OR workflow ILIKE %s OR schedule_path ILIKE %s)")
        text = _like(wanted.text)
        values += [text if "*" in wanted.text else f"%{text}%"] * 3
    if wanted.folders is not None:
        where.append("(workflow = ANY (%s::text[]) OR workflow LIKE ANY (%s::text[]))")
        inside = [f"{_like(folder, stars=False)}/%" for folder in wanted.folders]
        values += [list(wanted.folders), inside]
    statement = f"SELECT id FROM dailyplan_parameterisation WHERE {' AND '.join(where)}"  # noqa: S608
    return [number for (number,) in fetched(statement, values)]


def _of_day(
    wanted: PlanFilter, ids: list[int] | None, day: date, after: _After, limit: int
) -> list[Listed]:
    if ids is not None and not ids:
        return []
    if wanted.late_before is not None:
        return _late(wanted, ids, day, after, limit)
    if ids is not None and not _is_common(ids):
        return _of_parameters(wanted, ids, day, after, limit)
    narrow, given = ("", []) if ids is None else (_NARROW, [ids])  # type: str, list[Any]
    values: list[Any] = []
    for state in wanted.states:
        values += [day, int(state), *after, *given, limit]
    parts = [_OF_STATE.format(narrow=narrow)] * len(wanted.states)
    return _merged(parts, values, limit)


def _is_common(ids: Sequence[int]) -> bool:
    """Tell whether so many parameterisations fit that most rows of any walk are found."""
    if len(ids) < _MANY:
        return False
    ((of_all,),) = fetched("SELECT count(*) FROM dailyplan_parameterisation", [])
    return bool(len(ids) * 3 >= of_all)


def _late(
    wanted: PlanFilter, ids: list[int] | None, day: date, after: _After, limit: int
) -> list[Listed]:
    assert wanted.late_before is not None  # noqa: S101  # the caller looked
    narrow, given = ("", []) if ids is None else (_NARROW, [ids])  # type: str, list[Any]
    parts = [_LATE.format(narrow=narrow)]
    values: list[Any] = [day, [int(s) for s in wanted.states], *after, *given, limit]
    for state in (PlanState.PLANNED, PlanState.SUBMITTED):
        if state in wanted.states:
            parts.append(_OVERDUE.format(narrow=narrow))
            due = wanted.late_before
            values += [day, int(state), due, due, *after, *given, limit]
    return _merged(parts, values, limit)


def _merged(parts: Sequence[str], values: list[Any], limit: int) -> list[Listed]:
    if not parts:
        return []
    statement = f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS found {_ORDER}"  # noqa: S608
    return [Listed._make(row) for row in fetched(statement, [*values, limit])]


def _of_parameters(
    wanted: PlanFilter, ids: Sequence[int], day: date, after: _After, limit: int
) -> list[Listed]:
    """Return the first rows of many parameterisations.

    A few rows of each are looked at; only of those whose rows all lie in the page more are read.
    """
    states = [int(s) for s in wanted.states]
    few = max(_FIRST_LOOK, _FIRST_LOOK * limit // len(ids))
    found = _looked(ids, day, states, after, min(few, limit))
    if few < limit:
        counted: dict[int, int] = {}
        for row in found[:limit]:
            counted[row.parameterisation] = counted.get(row.parameterisation, 0) + 1
        full = [number for number, rows in counted.items() if rows >= few]
        if full:
            others = [row for row in found if row.parameterisation not in set(full)]
            found = sorted([*others, *_looked(full, day, states, after, limit)], key=_by_start)
    return found[:limit]


def _looked(
    ids: Sequence[int], day: date, states: list[int], after: _After, limit: int
) -> list[Listed]:
    rows = fetched(_OF_PARAMETERS, [list(ids), day, states, *after, limit])
    return sorted((Listed._make(row) for row in rows), key=_by_start)


def _by_start(row: Listed) -> tuple[dt.datetime, int]:
    return row.start_at, row.origin


def _by_id(wanted: PlanFilter, ids: list[int] | None) -> list[Listed]:
    found = rows_named([f"{wanted.text}-"]) or rows_named([wanted.text])
    allowed = None if ids is None else set(ids)
    return [
        row
        for row in found.values()
        if row.state in wanted.states and (allowed is None or row.parameterisation in allowed)
    ]


def _cursor(row: Listed) -> str:
    return f"{row.day}.{microseconds(row.start_at)}.{row.origin}"


def _read(cursor: str) -> tuple[date, _After]:
    found = _CURSOR.fullmatch(cursor)
    try:
        if found is not None and int(found[3]) < 1 << 63:
            return date.fromisoformat(found[1]), _After(moment(int(found[2])), int(found[3]))
    except (ValueError, OverflowError):
        pass
    raise FilterUnreadable("cursor", f"{cursor!r} is no cursor of this list.")


def _like(pattern: str, *, stars: bool = True) -> str:
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%") if stars else escaped
