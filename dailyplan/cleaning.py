"""Old days leave the plan, in slices; what their orders did stays in the history."""

from datetime import date, timedelta

from django.db import connection

from dailyplan.statements import Transaction

ROWS_AT_ONCE = 20_000

_ORDERS = """
    DELETE FROM dailyplan_plannedorder WHERE (day, origin) IN (
        SELECT day, origin FROM dailyplan_plannedorder WHERE day < %s LIMIT %s)"""
_STARTS = """
    DELETE FROM dailyplan_submittedstart WHERE (day, origin, start_at) IN (
        SELECT day, origin, start_at FROM dailyplan_submittedstart WHERE day < %s LIMIT %s)"""
_REST = (
    "DELETE FROM dailyplan_intent WHERE day < %s",
    "DELETE FROM dailyplan_submissionpart p USING dailyplan_submission s"
    " WHERE p.submission_id = s.id AND s.at < %s::date",
    "DELETE FROM dailyplan_submission WHERE at < %s::date",
    "DELETE FROM dailyplan_projectedmonth WHERE month < %s::date - 400",
    "DELETE FROM dailyplan_parameterisation p WHERE %s::date IS NOT NULL AND NOT EXISTS ("
    " SELECT FROM dailyplan_plannedorder t WHERE t.parameterisation = p.id)"
    " AND NOT EXISTS (SELECT FROM dailyplan_intent i WHERE i.parameterisation = p.id)",
)


def clean_up(today: date, keep_days: int, transaction: Transaction) -> int:
    """Delete what is older than the days to be kept, and return how many rows of the plan."""
    before = today - timedelta(days=keep_days)
    gone = 0
    for statement in (_ORDERS, _STARTS):
        while True:
            with transaction(), connection.cursor() as cursor:
                cursor.execute(statement, [before, ROWS_AT_ONCE])
                gone += cursor.rowcount
                if cursor.rowcount < ROWS_AT_ONCE:
                    break
    for statement in _REST:
        with transaction(), connection.cursor() as cursor:
            cursor.execute(statement, [before])
    return gone
