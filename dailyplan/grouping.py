"""A day's planned orders by schedule or workflow: how many each has, and its first rows.

Costs follow what is shown, not what a day has: of each parameterisation at most `COUNTED` rows are
looked at.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

import msgspec

from dailyplan.selecting import Listed, PlanFilter, parameterisations
from dailyplan.state import PlanState, name_of
from dailyplan.statements import fetched

COUNTED = 200
"""More rows of a parameterisation than these are not counted."""

By: TypeAlias = Literal["schedule", "workflow"]
_COLUMN = {"schedule": "schedule_path", "workflow": "workflow"}

_FITS = "day = %s AND state = ANY (%s)"
_IS_LATE = """
    AND (late OR (state = ANY ('{0,1}') AND start_at < %s AND coalesce(next_at, start_at) < %s
                  AND NOT (state = 1 AND repeat_s IS NOT NULL)))"""
_GROUPS = """
    SELECT p.{column}, array_agg(p.id ORDER BY p.id) FROM dailyplan_parameterisation AS p
      CROSS JOIN LATERAL (SELECT FROM dailyplan_plannedorder
                           WHERE parameterisation = p.id AND {fits} LIMIT 1) AS there
     WHERE p.{column} > %s {narrow} GROUP BY 1 ORDER BY 1 LIMIT %s"""
_COUNTS = """
    SELECT p, t.state, count(*), min(t.start_at), max(t.start_at) FROM unnest(%s::int[]) AS p
      CROSS JOIN LATERAL (SELECT state, start_at FROM dailyplan_plannedorder
                           WHERE parameterisation = p AND {fits} ORDER BY start_at LIMIT %s) AS t
     GROUP BY 1, 2"""
_ROWS = """
    SELECT {columns} FROM unnest(%s::int[]) AS p
      CROSS JOIN LATERAL (SELECT * FROM dailyplan_plannedorder
                           WHERE parameterisation = p AND {fits}
                           ORDER BY start_at, origin LIMIT %s) AS t"""
_COLUMNS = ", ".join({"orders": "count"}.get(field, field) for field in Listed._fields)


class GroupOfDay(msgspec.Struct, frozen=True):
    """A schedule or workflow: rows by state, its first and last start, and its first rows.

    `capped`: it has more rows than were counted.
    """

    path: str
    states: dict[str, int]
    first_at: datetime
    last_at: datetime
    rows: list[Listed]
    capped: bool

    @property
    def count(self) -> int:
        """How many rows it has, as far as they were counted."""
        return sum(self.states.values())


def group_day(
    wanted: PlanFilter,
    by: By,
    *,
    after: str = "",
    limit: int = 25,
    rows: int = 10,
    only: Collection[str] | None = None,
) -> list[GroupOfDay]:
    """Return groups by path that come after one, with up to `rows` rows of each.

    `only` are the paths that may be among them, None for all.
    """
    found = _groups(wanted, by, after, limit, only)
    ids = [number for _, numbers in found for number in numbers]
    if not ids:
        return []
    counts = _counted(wanted, ids)
    listed = _rows(wanted, ids, rows)
    return [
        _group(path, [c for n in numbers for c in counts.get(n, ())],
               [r for n in numbers for r in listed.get(n, ())], rows)
        for path, numbers in found
    ]  # fmt: skip


def groups_named(
    wanted: PlanFilter, by: By, *, after: str = "", limit: int
) -> list[tuple[str, list[int]]]:
    """Return groups that have rows on the day by path, each with its parameterisations."""
    return _groups(wanted, by, after, limit, None)


def fitting(wanted: PlanFilter, rows: Sequence[Listed]) -> list[Listed]:
    """Return those of the rows that a filter selects."""
    ids = set(parameterisations(wanted)) if wanted.by_parameters else None
    return [
        row
        for row in rows
        if wanted.first <= row.day <= wanted.last
        and row.state in wanted.states
        and (ids is None or row.parameterisation in ids)
        and (wanted.late_before is None or is_late(row, wanted.late_before))
    ]


def is_late(row: Listed, due: datetime) -> bool:
    """Return whether a row started late, or should have started before a moment and has not."""
    waits = row.state == PlanState.PLANNED or (
        row.state == PlanState.SUBMITTED and row.repeat_s is None
    )
    return row.late or (waits and max(row.start_at, row.next_at or row.start_at) < due)


_Count = tuple[int, int, int, datetime, datetime]


def _groups(
    wanted: PlanFilter, by: By, after: str, limit: int, only: Collection[str] | None
) -> list[tuple[str, list[int]]]:
    fits, values = _fits(wanted)
    narrow, given = "", []  # type: str, list[Any]
    if wanted.by_parameters:
        narrow, given = "AND p.id = ANY (%s)", [parameterisations(wanted)]
    if only is not None:
        narrow, given = f"{narrow} AND p.{_COLUMN[by]} = ANY (%s)", [*given, list(only)]
    statement = _GROUPS.format(column=_COLUMN[by], fits=fits, narrow=narrow)
    return [(path, ids) for path, ids in fetched(statement, [*values, after, *given, limit])]


def _counted(wanted: PlanFilter, ids: Sequence[int]) -> dict[int, list[_Count]]:
    fits, values = _fits(wanted)
    found: dict[int, list[_Count]] = {}
    for row in fetched(_COUNTS.format(fits=fits), [list(ids), *values, COUNTED + 1]):
        found.setdefault(row[0], []).append(row)
    return found


def _rows(wanted: PlanFilter, ids: Sequence[int], most: int) -> dict[int, list[Listed]]:
    fits, values = _fits(wanted)
    found: dict[int, list[Listed]] = {}
    statement = _ROWS.format(columns=_COLUMNS, fits=fits)
    for row in fetched(statement, [list(ids), *values, most]):
        listed = Listed._make(row)
        found.setdefault(listed.parameterisation, []).append(listed)
    return found


def _fits(wanted: PlanFilter) -> tuple[str, list[Any]]:
    day: date = wanted.first
    values: list[Any] = [day, [int(state) for state in wanted.states]]
    if wanted.late_before is None:
        return _FITS, values
    return _FITS + _IS_LATE, [*values, wanted.late_before, wanted.late_before]


def _group(path: str, counts: Sequence[_Count], rows: Sequence[Listed], most: int) -> GroupOfDay:
    states: dict[str, int] = {}
    for _, state, count, _, _ in sorted(counts, key=lambda c: c[1]):
        states[name_of(state)] = states.get(name_of(state), 0) + count
    by_parameters: dict[int, int] = {}
    for number, _, count, _, _ in counts:
        by_parameters[number] = by_parameters.get(number, 0) + count
    return GroupOfDay(
        path=path,
        states=states,
        first_at=min(c[3] for c in counts),
        last_at=max(c[4] for c in counts),
        rows=sorted(rows, key=lambda row: (row.start_at, row.origin))[:most],
        capped=any(count > COUNTED for count in by_parameters.values()),
    )
