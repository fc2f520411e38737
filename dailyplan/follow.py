"""The plan's follower of the journal: what orders do is in their planned rows a moment later."""

from collections.abc import Sequence

import psycopg

from controller.feed import JournalTorn
from controller.journal import Entry
from dailyplan import intents
from dailyplan.happened import Happened, happened
from dailyplan.mend import mend
from dailyplan.state import Flag, PlanState
from dailyplan.tables import moment

NAME = "dailyplan"
_MOST_NAMED = 200

_TOLERANCE = """
    SELECT coalesce((SELECT (body ->> 'late_tolerance_s')::int FROM dailyplan_plansettings
                      WHERE id = 1), 60)"""

# A row that is only planned belongs to no order: what is told is about an earlier life of it.
_UPDATE = """
    UPDATE dailyplan_plannedorder t
       SET state = CASE WHEN u.state IS NOT NULL THEN u.state
                        WHEN NOT u.resumed THEN t.state
                        WHEN coalesce(u.started_at, t.started_at) IS NULL THEN 1 ELSE 2 END,
           started_at = coalesce(t.started_at, u.started_at),
           ended_at = CASE WHEN u.state IS NULL AND NOT u.resumed THEN t.ended_at
                           ELSE u.ended_at END,
           late = t.late OR coalesce(coalesce(t.started_at, u.started_at)
                  > coalesce(u.start_at, t.start_at) + make_interval(secs => %(tolerance)s), false),
           start_at = CASE WHEN t.repeat_s IS NULL THEN coalesce(u.start_at, t.start_at)
                           ELSE t.start_at END,
           flags = CASE WHEN u.start_at IS NULL THEN t.flags ELSE t.flags | %(by_hand)s END
      FROM unnest(%(days)s::date[], %(origins)s::bigint[], %(states)s::smallint[],
                  %(started)s::timestamptz[], %(ended)s::timestamptz[], %(resumed)s::bool[],
                  %(starts)s::timestamptz[])
           AS u (day, origin, state, started_at, ended_at, resumed, start_at)
     WHERE t.day = u.day AND t.origin = u.origin AND t.state = ANY (%(open)s::smallint[])"""
_UPDATE_STARTS = """
    UPDATE dailyplan_submittedstart t
       SET state = CASE WHEN u.state IS NOT NULL THEN u.state
                        WHEN NOT u.resumed THEN t.state
                        WHEN coalesce(u.started_at, t.started_at) IS NULL THEN 1 ELSE 2 END,
           started_at = coalesce(t.started_at, u.started_at),
           ended_at = CASE WHEN u.state IS NULL AND NOT u.resumed THEN t.ended_at
                           ELSE u.ended_at END,
           late = t.late OR coalesce(coalesce(t.started_at, u.started_at)
                  > t.start_at + make_interval(secs => %(tolerance)s), false)
      FROM unnest(%(days)s::date[], %(origins)s::bigint[], %(slots)s::timestamptz[],
                  %(states)s::smallint[], %(started)s::timestamptz[], %(ended)s::timestamptz[],
                  %(resumed)s::bool[])
           AS u (day, origin, start_at, state, started_at, ended_at, resumed)
     WHERE t.day = u.day AND t.origin = u.origin AND t.start_at = u.start_at
       AND t.state = ANY (%(open)s::smallint[] || 9::smallint)"""
_START_TAKEN_BACK = """
    DELETE FROM dailyplan_submittedstart t
     USING unnest(%s::date[], %s::bigint[], %s::timestamptz[]) AS u (day, origin, start_at)
     WHERE t.day = u.day AND t.origin = u.origin AND t.start_at = u.start_at AND t.state = 9"""
_CYCLE_ENDED = """
    UPDATE dailyplan_plannedorder t SET state = 3, ended_at = now()
      FROM unnest(%s::date[], %s::bigint[]) AS u (day, origin)
     WHERE t.day = u.day AND t.origin = u.origin AND t.state = 1 AND t.next_at IS NULL
       AND NOT EXISTS (SELECT FROM dailyplan_submittedstart s
                        WHERE s.day = t.day AND s.origin = t.origin
                          AND s.state = ANY ('{1,2,4,9}'))"""

_OPEN = [int(PlanState.SUBMITTED), int(PlanState.STARTED), int(PlanState.FAILED)]


class PlanFollower:
    """Keeps planned orders in step with the journal."""

    def __init__(self, controller: str) -> None:
        self._controller = controller

    @property
    def name(self) -> str:
        """The name under which its position is kept."""
        return NAME

    def take(self, conn: psycopg.Connection, entries: Sequence[Entry]) -> None:
        """Write what the entries say about planned orders."""
        found = happened(entries)
        if not found:
            return
        row = conn.execute(_TOLERANCE).fetchone()
        tolerance = int(row[0]) if row else 60
        single = [one for one in found if one.place.start_us is None]
        cyclic = [one for one in found if one.place.start_us is not None]
        if single:
            _take_single(conn, single, tolerance)
        if cyclic:
            _take_starts(conn, cyclic, tolerance)
        days = ",".join(sorted({one.place.day.isoformat() for one in found})[:_MOST_NAMED])
        conn.execute("SELECT pg_notify(%s, %s)", (intents.PLAN_ROWS, days))

    def flag(self, conn: psycopg.Connection, entry: Entry, problem: str) -> None:
        """Pass by an entry that could not be taken; the log tells of it."""

    def mend(self, conn: psycopg.Connection, torn: JournalTorn) -> None:
        """Bring the rows in step with the controller's orders, where entries are gone."""
        mend(conn, self._controller)


def _take_single(conn: psycopg.Connection, found: Sequence[Happened], tolerance: int) -> None:
    started = [(o.place.day, o.place.origin) for o in found if o.started_us is not None]
    if started:
        intents.drop(conn, started)
    left = [
        (o.place.day, o.place.origin)
        for o in found
        if o.state is PlanState.CANCELLED and o.started_us is None
    ]
    intents.fulfil(conn, left)
    conn.execute(
        _UPDATE,
        {
            **_columns(found),
            "tolerance": tolerance,
            "by_hand": int(Flag.START),
            "starts": [None if o.start_us is None else moment(o.start_us) for o in found],
        },
    )


def _take_starts(conn: psycopg.Connection, found: Sequence[Happened], tolerance: int) -> None:
    left = [o for o in found if o.state is PlanState.CANCELLED and o.started_us is None]
    if left:
        columns = _columns(left)
        slots = (columns["days"], columns["origins"], columns["slots"])
        if conn.execute(_START_TAKEN_BACK, slots).rowcount:
            conn.execute("SELECT pg_notify(%s, '')", (intents.CHANNEL,))
    columns = _columns(found)
    conn.execute(_UPDATE_STARTS, {**columns, "tolerance": tolerance})
    conn.execute(_CYCLE_ENDED, (columns["days"], columns["origins"]))


def _columns(found: Sequence[Happened]) -> dict[str, list[object]]:
    return {
        "days": [o.place.day for o in found],
        "origins": [o.place.origin for o in found],
        "slots": [moment(o.place.start_us or 0) for o in found],
        "states": [None if o.state is None else int(o.state) for o in found],
        "started": [None if o.started_us is None else moment(o.started_us) for o in found],
        "ended": [None if o.ended_us is None else moment(o.ended_us) for o in found],
        "resumed": [o.resumed for o in found],
        "open": list(_OPEN),
    }
