"""Fulfilling or dropping what rows are taken back for, in the open transaction.

The journal is the truth: an intent is fulfilled when it says that the order was cancelled, and
dropped when it says that it had started.
"""

from collections.abc import Sequence

import psycopg
from django.db import connection

from dailyplan.difference import Key
from dailyplan.origin import Place
from dailyplan.state import PlanState
from dailyplan.tables import columns_of, moment

CHANNEL = "stellwerk_plan"
"""Announces that the planner has something to do."""

PLAN_ROWS = "stellwerk_plan_rows"
"""Announces that rows of the plan have changed: their days, separated by commas, or nothing."""

HAD_STARTED = "It had started before it could be taken back."

_GONE = """
    DELETE FROM dailyplan_plannedorder t USING dailyplan_intent i
     WHERE (i.day, i.origin) IN (SELECT * FROM unnest(%s::date[], %s::bigint[]))
       AND i."then" = 'gone' AND t.day = i.day AND t.origin = i.origin AND t.state = ANY (%s)"""
_BACK = """
    UPDATE dailyplan_plannedorder t
       SET state = 0, parameterisation = i.parameterisation, start_at = i.start_at,
           flags = CASE i."then" WHEN 'hold' THEN i.flags | 4 ELSE i.flags END,
           submit = i."then" = 'renew', part = NULL, started_at = NULL, ended_at = NULL,
           problem = NULL
      FROM dailyplan_intent i
     WHERE (i.day, i.origin) IN (SELECT * FROM unnest(%s::date[], %s::bigint[]))
       AND i."then" <> 'gone' AND t.day = i.day AND t.origin = i.origin AND t.state = ANY (%s)"""
_FORGET = """
    DELETE FROM dailyplan_intent
     WHERE (day, origin) IN (SELECT * FROM unnest(%s::date[], %s::bigint[]))"""
_DROP = """
    WITH dropped AS (
        DELETE FROM dailyplan_intent i USING unnest(%s::date[], %s::bigint[], %s::text[])
            AS u (day, origin, problem)
         WHERE i.day = u.day AND i.origin = u.origin
     RETURNING u.day, u.origin, u.problem)
    UPDATE dailyplan_plannedorder t SET problem = d.problem FROM dropped d
     WHERE t.day = d.day AND t.origin = d.origin"""
_NOT_REMOVED = """
    UPDATE dailyplan_submittedstart t SET state = 2
      FROM unnest(%s::date[], %s::bigint[], %s::timestamptz[]) AS u (day, origin, start_at)
     WHERE t.day = u.day AND t.origin = u.origin AND t.start_at = u.start_at AND t.state = 9
       AND t.part = %s"""
_START_GONE = """
    DELETE FROM dailyplan_submittedstart t
     USING unnest(%s::date[], %s::bigint[], %s::timestamptz[]) AS u (day, origin, start_at)
     WHERE t.day = u.day AND t.origin = u.origin AND t.start_at = u.start_at AND t.state = 9
       AND t.part = %s"""

_WITH_CONTROLLER = [int(PlanState.SUBMITTED), int(PlanState.STARTED), int(PlanState.FAILED)]
_ONLY_HERE = [int(PlanState.PLANNED)]


def fulfil(conn: psycopg.Connection, cancelled: Sequence[Key]) -> int:
    """Let rows become what they were taken back for, and return how many that were."""
    return _fulfil(conn, cancelled, _WITH_CONTROLLER)


def drop(conn: psycopg.Connection, started: Sequence[Key]) -> None:
    """Forget the intents of rows whose orders have started; the rows say so."""
    days, origins = columns_of(started)
    conn.execute(_DROP, (days, origins, [HAD_STARTED] * len(days)))


def drop_refused(part: int, places: Sequence[tuple[Place, str]]) -> None:
    """Forget the intents that the controller refused, with its sentences."""
    conn = connection.connection
    single = [(p, text) for p, text in places if p.start_us is None]
    conn.execute(
        _DROP, ([p.day for p, _ in single], [p.origin for p, _ in single], [t for _, t in single])
    )
    conn.execute(_NOT_REMOVED, (*_starts([p for p, _ in places]), part))


def fulfil_absent(part: int, places: Sequence[Place]) -> None:
    """Fulfil the intents of rows whose orders the controller does not have.

    Those that it refused to add are planned again by now. Those that have left will be told of by
    the journal, or have been.
    """
    conn = connection.connection
    keys = [(p.day, p.origin) for p in places if p.start_us is None]
    _fulfil(conn, keys, _ONLY_HERE)
    conn.execute(_START_GONE, (*_starts(places), part))


def _fulfil(conn: psycopg.Connection, keys: Sequence[Key], states: list[int]) -> int:
    if not keys:
        return 0
    days, origins = columns_of(keys)
    done = conn.execute(_GONE, (days, origins, states)).rowcount
    done += conn.execute(_BACK, (days, origins, states)).rowcount
    conn.execute(_FORGET, (days, origins))
    if done:
        conn.execute("SELECT pg_notify(%s, '')", (CHANNEL,))
    return done


def _starts(places: Sequence[Place]) -> tuple[list[object], list[object], list[object]]:
    found = [(p.day, p.origin, moment(p.start_us)) for p in places if p.start_us is not None]
    return [d for d, _, _ in found], [o for _, o, _ in found], [s for _, _, s in found]
