"""Cyclic rows that stop, or go on in another grid: starts that are not begun come back.

All of it happens in the open transaction.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection

from dailyplan import submissions, tables
from dailyplan.cycle import starts_of
from dailyplan.difference import Key, Row, Update
from dailyplan.models import SubmissionPart
from dailyplan.origin import microseconds, order_id
from dailyplan.state import PlanState
from dailyplan.take_back import order_names


def stop_cycles(
    stopped: Sequence[Row], changed: Sequence[Update], *, account: str, now: datetime
) -> int:
    """Let cyclic rows that are submitted stop, or go on in another grid; returns orders taken back.

    Starts that are not on the new grid, and all where the parameters change, come back.
    """
    now_us = microseconds(now)
    going = {
        (u.row.day, u.row.origin): u
        for u in changed
        if u.row.is_cyclic and u.row.state == PlanState.SUBMITTED
    }
    ended = {(row.day, row.origin): row for row in stopped}
    if not going and not ended:
        return 0
    _end(stopped, now_us)
    back: list[tuple[Row, datetime]] = []
    for day, origin, start_at in fresh_starts([*going, *ended], now):
        update = going.get((day, origin))
        if update is None:
            back.append((ended[day, origin], start_at))
        elif not _stays(update, microseconds(start_at)):
            back.append((update.row, start_at))
    return cancel_starts(back, account=account, now=now)


def _stays(update: Update, start_us: int) -> bool:
    if update.parameterisation != update.row.parameterisation:
        return False
    row = update.row
    grid = starts_of(row.start_us, update.end_us or 0, update.repeat_s or 1, update.left_out)
    return start_us in grid


def fresh_starts(keys: Sequence[Key], now: datetime) -> list[tuple[date, int, datetime]]:
    """Return the starts of cyclic rows that are with the controller and not begun."""
    days, origins = tables.columns_of(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.day, s.origin, s.start_at FROM dailyplan_submittedstart s"
            "  JOIN unnest(%s::date[], %s::bigint[]) AS u (day, origin)"
            "    ON s.day = u.day AND s.origin = u.origin"
            " WHERE s.state = %s AND s.start_at >= %s",
            [days, origins, int(PlanState.SUBMITTED), now],
        )
        return list(cursor.fetchall())


def cancel_starts(
    back: Sequence[tuple[Row, datetime]], *, account: str, now: datetime, comment: str = ""
) -> int:
    """Ask the controller to let single starts of cyclic rows go; they are marked as removed."""
    if not back:
        return 0
    names = order_names([row.parameterisation for row, _ in back])
    submission = submissions.begin(submissions.CANCEL, account=account, now=now, comment=comment)
    for at in range(0, len(back), submissions.ORDERS_A_SLICE):
        piece = back[at : at + submissions.ORDERS_A_SLICE]
        part = submissions.new_part(submission, submissions.CANCEL)
        _mark_as_removed(piece, part)
        ids = [
            order_id(row.day, row.origin, names[row.parameterisation], microseconds(start_at))
            for row, start_at in piece
        ]
        submissions.ask_to_cancel(submission, part, ids)
    submissions.note_days(submission, [row.day for row, _ in back])
    return len(back)


def _mark_as_removed(starts: Sequence[tuple[Row, datetime]], part: SubmissionPart) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dailyplan_submittedstart s SET state = %s, part = %s"
            "  FROM unnest(%s::date[], %s::bigint[], %s::timestamptz[])"
            "       AS u (day, origin, start_at)"
            " WHERE s.day = u.day AND s.origin = u.origin AND s.start_at = u.start_at"
            "   AND s.state = %s",
            [
                int(PlanState.REMOVED), part.pk,
                [row.day for row, _ in starts], [row.origin for row, _ in starts],
                [start_at for _, start_at in starts], int(PlanState.SUBMITTED),
            ],
        )  # fmt: skip


def _end(rows: Sequence[Row], now_us: int) -> None:
    """Let cyclic rows end now: what lies ahead is cut off, a row with nothing behind it goes."""
    behind = [(row, [at for at in _grid(row) if at < now_us]) for row in rows]
    left = [(row, past) for row, past in behind if past]
    gone = [(row.day, row.origin) for row, past in behind if not past]
    days, origins = tables.columns_of(gone)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM dailyplan_plannedorder t USING unnest(%s::date[], %s::bigint[])"
            " AS u (day, origin) WHERE t.day = u.day AND t.origin = u.origin",
            [days, origins],
        )
        cursor.execute(
            "UPDATE dailyplan_plannedorder t SET end_at = u.end_at, count = u.count,"
            "       next_at = NULL"
            "  FROM unnest(%s::date[], %s::bigint[], %s::timestamptz[], %s::int[])"
            "       AS u (day, origin, end_at, count)"
            " WHERE t.day = u.day AND t.origin = u.origin",
            [
                [row.day for row, _ in left],
                [row.origin for row, _ in left],
                [tables.moment(past[-1] + (row.repeat_s or 1) * 1_000_000) for row, past in left],
                [len(past) for _, past in left],
            ],
        )


def _grid(row: Row) -> Sequence[int]:
    return starts_of(row.start_us, row.end_us or 0, row.repeat_s or 1, row.left_out)
