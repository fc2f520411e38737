"""Counts of planned orders by day and state. Reading is cheap, because the changes are folded."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec
from django.db import connection

from dailyplan.state import PlanState, name_of

LATE_COUNTED = 10_000
"""More late orders than this are not counted."""

_LOCK = 0x5354_504C_434F_554E

_READ = """
    SELECT day, state, sum(rows), sum(orders) FROM dailyplan_countchange
     WHERE day BETWEEN %s AND %s GROUP BY day, state HAVING sum(rows) <> 0 ORDER BY day, state"""
_FOLD = """
    WITH gone AS (
        DELETE FROM dailyplan_countchange WHERE day = ANY (%s) AND id <= %s
        RETURNING day, state, rows, orders)
    INSERT INTO dailyplan_countchange (day, state, rows, orders)
    SELECT day, state, sum(rows), sum(orders) FROM gone GROUP BY day, state HAVING sum(rows) <> 0"""


class StateCount(msgspec.Struct, frozen=True):
    """How many rows are in a state, and for how many orders they stand."""

    state: str
    rows: int
    orders: int


class DayCount(msgspec.Struct, frozen=True):
    """The counts of a day, in the order of states; `late` is counted up to `LATE_COUNTED`."""

    day: date
    states: list[StateCount]
    late: int | None = None

    @property
    def orders(self) -> int:
        """All orders but those removed."""
        return sum(s.orders for s in self.states if s.state != "removed")


def count_days(first: date, last: date) -> list[DayCount]:
    """Return the counts of the days that have planned orders, both bounds inclusive."""
    found: dict[date, list[StateCount]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_READ, [first, last])
        for day, state, rows, orders in cursor.fetchall():
            found.setdefault(day, []).append(StateCount(name_of(state), int(rows), int(orders)))
    return [DayCount(day, states) for day, states in found.items()]


def count_late(day: date, *, now: datetime, tolerance_s: int) -> int:
    """Return how many orders of a day started late or should have started, up to a limit."""
    due = now - timedelta(seconds=tolerance_s)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM ("
            "(SELECT 1 FROM dailyplan_plannedorder WHERE day = %s AND late AND state <> 9 LIMIT %s)"
            " UNION ALL (SELECT 1 FROM dailyplan_plannedorder WHERE day = %s AND state = 0"
            "   AND coalesce(next_at, start_at) < %s AND start_at < %s LIMIT %s)"
            " UNION ALL (SELECT 1 FROM dailyplan_plannedorder WHERE day = %s AND state = 1"
            "   AND repeat_s IS NULL AND start_at < %s LIMIT %s)) AS found",
            [
                day, LATE_COUNTED, day, due, due, LATE_COUNTED, day, due, LATE_COUNTED,
            ],
        )  # fmt: skip
        return min(int(cursor.fetchone()[0]), LATE_COUNTED)


def fold(most_days: int = 400) -> int:
    """Put the changes of days with many of them together, and return how many days that were.

    To be called in a transaction of its own; a second one at the same time does nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            "SELECT day, (SELECT max(id) FROM dailyplan_countchange) FROM dailyplan_countchange"
            " GROUP BY day HAVING count(*) > %s ORDER BY count(*) DESC LIMIT %s",
            [3 * len(PlanState), most_days],
        )
        found: Sequence[tuple[date, int]] = cursor.fetchall()
        if found:
            cursor.execute(_FOLD, [[day for day, _ in found], found[0][1]])
        return len(found)
