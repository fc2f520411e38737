"""What a timeline shows of a day: the rows in view, or how dense they lie where they are too many.

Every statement looks at a bounded number of rows of the parameterisations in view, so a day of a
million orders costs no more than one of a thousand.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from dailyplan.selecting import Listed, PlanFilter, parameterisations
from dailyplan.statements import fetched

MOST_BARS = 2_000
LOOKED_AT = 60_000
"""Rows that are looked at to tell how dense a view is."""

_MANY = 300
_BACK = dt.timedelta(hours=12)
_BACK_ROWS = 200
_RUNS = 20
_COLUMNS = ", ".join({"orders": "count"}.get(field, field) for field in Listed._fields)
_OF = "parameterisation = p AND day = %s AND state = ANY (%s)"
_BEGIN_IN_VIEW = f"""
    SELECT {_COLUMNS} FROM unnest(%s::int[]) AS p CROSS JOIN LATERAL (
        SELECT * FROM dailyplan_plannedorder
         WHERE {_OF} AND start_at >= %s AND start_at < %s ORDER BY start_at, origin LIMIT %s) AS t
     LIMIT %s"""  # noqa: S608
_REACH_INTO_VIEW = f"""
    SELECT {_COLUMNS} FROM unnest(%s::int[]) AS p CROSS JOIN LATERAL (
        SELECT * FROM dailyplan_plannedorder
         WHERE {_OF} AND start_at >= %s AND start_at < %s
         ORDER BY start_at DESC, origin DESC LIMIT %s) AS t
     WHERE state = 2 OR coalesce(ended_at, end_at, start_at + interval '6 hours') >= %s
     LIMIT %s"""  # noqa: S608
_DENSE = f"""
    SELECT p, b, t.state, count(*)::int
      FROM unnest(%s::int[]) AS p
     CROSS JOIN generate_series(%s::timestamptz, %s::timestamptz, %s::interval) AS b
     CROSS JOIN LATERAL (
        SELECT state FROM dailyplan_plannedorder
         WHERE {_OF} AND start_at >= b AND start_at < b + %s::interval
         ORDER BY start_at, origin LIMIT %s) AS t
     GROUP BY 1, 2, 3"""  # noqa: S608
_DENSE_OF_ALL = """
    SELECT t.parameterisation, b, s, count(*)::int
      FROM unnest(%s::int[]) AS s
     CROSS JOIN generate_series(%s::timestamptz, %s::timestamptz, %s::interval) AS b
     CROSS JOIN LATERAL (
        SELECT parameterisation FROM dailyplan_plannedorder
         WHERE day = %s AND state = s AND start_at >= b AND start_at < b + %s::interval
         ORDER BY start_at, origin LIMIT %s) AS t
     WHERE t.parameterisation = ANY (%s)
     GROUP BY 1, 2, 3"""
_RAN = """
    SELECT p, array_agg(extract(epoch FROM t.ended_at - t.started_at)::float8)
      FROM unnest(%s::int[]) AS p CROSS JOIN LATERAL (
        SELECT started_at, ended_at FROM (
            SELECT state, started_at, ended_at FROM dailyplan_plannedorder
             WHERE parameterisation = p AND day <= %s
             ORDER BY day DESC, start_at DESC, origin DESC LIMIT 100) AS last
         WHERE state = 3 AND started_at IS NOT NULL AND ended_at IS NOT NULL LIMIT %s) AS t
     GROUP BY p"""
_TAGS = """
    SELECT tag, array_agg(p.id ORDER BY p.id) FROM dailyplan_parameterisation AS p
     CROSS JOIN unnest(p.tags) AS tag
     CROSS JOIN LATERAL (SELECT FROM dailyplan_plannedorder
                          WHERE parameterisation = p.id AND day = %s AND state = ANY (%s)
                          LIMIT 1) AS there
     WHERE tag > %s {narrow} GROUP BY 1 ORDER BY 1 LIMIT %s"""
_STARTS = """
    SELECT s.day, s.origin, s.start_at, s.state, s.late
      FROM unnest(%s::date[], %s::bigint[]) AS u (day, origin)
      JOIN dailyplan_submittedstart AS s ON s.day = u.day AND s.origin = u.origin
     WHERE s.start_at >= %s AND s.start_at < %s LIMIT %s"""


class View(msgspec.Struct, frozen=True):
    """A part of a day: what is selected there, from a moment to before another."""

    wanted: PlanFilter
    begin: dt.datetime
    end: dt.datetime


class Dense(NamedTuple):
    """How many rows of a parameterisation in a state begin in a slot; at most as many as looked."""

    parameterisation: int
    slot: dt.datetime
    state: int
    rows: int


class Start(NamedTuple):
    """A start of a cyclic row that was handed over."""

    day: dt.date
    origin: int
    start_at: dt.datetime
    state: int
    late: bool


def rows_in_view(view: View, ids: Sequence[int]) -> list[Listed] | None:
    """Return the rows of parameterisations that lie in view, None where they are too many."""
    given = [view.wanted.first, [int(state) for state in view.wanted.states]]
    most = MOST_BARS + 1
    begun = fetched(_BEGIN_IN_VIEW, [list(ids), *given, view.begin, view.end, most, most])
    if len(begun) > MOST_BARS:
        return None
    back = [view.begin - _BACK, view.begin, _BACK_ROWS, view.begin, most]
    reach = fetched(_REACH_INTO_VIEW, [list(ids), *given, *back])
    found = [Listed._make(row) for row in (*reach, *begun)]
    return found if len(found) <= MOST_BARS else None


def density(view: View, ids: Sequence[int], slot: dt.timedelta) -> tuple[list[Dense], int]:
    """Return how dense rows lie, and up to how many of a parameterisation and slot are counted."""
    slots = max(1, -(-(view.end - view.begin) // slot))
    states = [int(state) for state in view.wanted.states]
    last = view.end - dt.timedelta(microseconds=1)
    if len(ids) > _MANY:
        # A look at each of them would take too long: rows are looked at by time, whose ever.
        cap = max(4, LOOKED_AT // max(1, slots * len(states)))
        given = [states, view.begin, last, slot, view.wanted.first, slot, cap, list(ids)]
        return [Dense._make(row) for row in fetched(_DENSE_OF_ALL, given)], cap
    cap = max(4, LOOKED_AT // max(1, slots * len(ids)))
    values = [list(ids), view.begin, last, slot, view.wanted.first, states, slot, cap]
    return [Dense._make(row) for row in fetched(_DENSE, values)], cap


def durations(ids: Sequence[int], last: dt.date) -> dict[int, list[float]]:
    """Return how many seconds the last runs took that went well, up to a day."""
    return {number: list(found) for number, found in fetched(_RAN, [list(ids), last, _RUNS])}


def by_tag(wanted: PlanFilter, *, after: str, limit: int) -> list[tuple[str, list[int]]]:
    """Return the tags of a day's rows with the parameterisations that have them."""
    narrow, given = "", []  # type: str, list[object]
    if wanted.by_parameters:
        narrow, given = "AND p.id = ANY (%s)", [parameterisations(wanted)]
    states = [int(state) for state in wanted.states]
    values = [wanted.first, states, after, *given, limit]
    return [(tag, ids) for tag, ids in fetched(_TAGS.format(narrow=narrow), values)]


def starts_in_view(view: View, rows: Sequence[Listed]) -> list[Start]:
    """Return the starts of cyclic rows in view that were handed over."""
    keys = [[row.day for row in rows], [row.origin for row in rows]]
    found = fetched(_STARTS, [*keys, view.begin, view.end, 10 * MOST_BARS])
    return [Start._make(row) for row in found]
