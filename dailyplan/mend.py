"""The plan after a gap in the journal: submitted rows as the controller's orders are now.

What happened in between is gone with the purged entries; the rows say so and invent nothing.
"""

import psycopg

from dailyplan.origin import place_of
from dailyplan.state import PlanState
from dailyplan.tables import moment

GONE = "The journal of its end is purged."

_LIVE = """
    SELECT order_id, state FROM controller_orderrow
     WHERE controller = %s AND order_id LIKE '#%%' AND parent IS NULL"""
_STANDING = frozenset({"Failed", "FailedWhileFresh", "Stopped", "StoppedWhileFresh", "Broken"})

_MEND = """
    WITH live AS (
        SELECT * FROM unnest(%(days)s::date[], %(origins)s::bigint[], %(states)s::smallint[])
            AS u (day, origin, state))
    UPDATE dailyplan_plannedorder t
       SET state = coalesce(l.state, 3), problem = CASE WHEN l.state IS NULL THEN %(gone)s END,
           ended_at = CASE WHEN l.state IS NULL THEN now() END
      FROM dailyplan_plannedorder o LEFT JOIN live l ON l.day = o.day AND l.origin = o.origin
     WHERE o.state = ANY ('{1,2,4}') AND o.repeat_s IS NULL
       AND t.day = o.day AND t.origin = o.origin
       AND (l.state IS NULL OR l.state <> t.state)
       AND (l.state IS NOT NULL OR EXISTS (
            SELECT FROM dailyplan_submissionpart p WHERE p.id = t.part AND p.settled))"""
_MEND_STARTS = """
    WITH live AS (
        SELECT * FROM unnest(%(days)s::date[], %(origins)s::bigint[], %(starts)s::timestamptz[],
                             %(states)s::smallint[]) AS u (day, origin, start_at, state))
    UPDATE dailyplan_submittedstart t
       SET state = coalesce(l.state, 3), problem = CASE WHEN l.state IS NULL THEN %(gone)s END,
           ended_at = CASE WHEN l.state IS NULL THEN now() END
      FROM dailyplan_submittedstart o
           LEFT JOIN live l ON l.day = o.day AND l.origin = o.origin AND l.start_at = o.start_at
     WHERE o.state = ANY ('{1,2,4,9}')
       AND t.day = o.day AND t.origin = o.origin AND t.start_at = o.start_at
       AND (l.state IS NULL OR l.state <> t.state)
       AND (l.state IS NOT NULL OR EXISTS (
            SELECT FROM dailyplan_submissionpart p WHERE p.id = t.part AND p.settled))"""


def mend(conn: psycopg.Connection, controller: str) -> None:
    """Bring submitted rows in step with the controller's orders, in the open transaction.

    Rows whose request has no answer yet stay: their orders may still be to come.
    """
    live = [
        (place, _state(state))
        for order_id, state in conn.execute(_LIVE, (controller,))
        if (place := place_of(order_id)) is not None
    ]
    single = [(p, s) for p, s in live if p.start_us is None]
    cyclic = [(p, s, p.start_us) for p, s in live if p.start_us is not None]
    conn.execute(
        _MEND,
        {
            "days": [p.day for p, _ in single],
            "origins": [p.origin for p, _ in single],
            "states": [s for _, s in single],
            "gone": GONE,
        },
    )
    conn.execute(
        _MEND_STARTS,
        {
            "days": [p.day for p, _, _ in cyclic],
            "origins": [p.origin for p, _, _ in cyclic],
            "starts": [moment(start) for _, _, start in cyclic],
            "states": [s for _, s, _ in cyclic],
            "gone": GONE,
        },
    )


def _state(name: str) -> int:
    if name == "Fresh":
        return int(PlanState.SUBMITTED)
    return int(PlanState.FAILED if name in _STANDING else PlanState.STARTED)
