"""Taking submitted orders back from the controller, as long as they have not started.

What then becomes of a row is its intent; the journal says when it may be fulfilled
(`dailyplan.intents`). All of it happens in the open transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import connection

from dailyplan import submissions, tables
from dailyplan.cycle import starts_of
from dailyplan.difference import Key, Row, TakeBack, Update
from dailyplan.models import Intent, Parameterisation, SubmissionPart, SubmittedStart
from dailyplan.origin import microseconds, order_id
from dailyplan.state import Flag, PlanState

_INTEND = """
    INSERT INTO dailyplan_intent AS i
           (day, origin, "then", parameterisation, start_at, flags, submit, part)
    SELECT * FROM unnest(%s::date[], %s::bigint[], %s::text[], %s::int[], %s::timestamptz[],
                         %s::smallint[], %s::bool[], %s::bigint[])
    ON CONFLICT (day, origin) DO UPDATE
       SET "then" = CASE WHEN i."then" = 'hold' AND excluded."then" = 'renew'
                         THEN 'hold' ELSE excluded."then" END,
           parameterisation = excluded.parameterisation, start_at = excluded.start_at,
           flags = i.flags | excluded.flags
    RETURNING day, origin, xmax = 0"""


def take_back(
    rows: Sequence[TakeBack],
    *,
    account: str,
    now: datetime,
    comment: str = "",
    flags: int = 0,
    start_us: Mapping[Key, int] | None = None,
) -> int:
    """Ask the controller to let go the orders of single rows, and return how many that were.

    Args:
        rows: submitted ones, with what is to become of them.
        account: in whose name.
        now: the moment.
        comment: why, for the list of submissions.
        flags: what people have done, added to the rows' own.
        start_us: other starts, where they change.
    """
    if not rows:
        return 0
    names = order_names([one.row.parameterisation for one in rows])
    submission = submissions.begin(submissions.CANCEL, account=account, now=now, comment=comment)
    asked = 0
    for at in range(0, len(rows), submissions.ORDERS_A_SLICE):
        part = submissions.new_part(submission, submissions.CANCEL)
        piece = rows[at : at + submissions.ORDERS_A_SLICE]
        new = _intend(piece, part, flags, start_us or {})
        ids = [
            order_id(one.row.day, one.row.origin, names[one.row.parameterisation])
            for one in piece
            if (one.row.day, one.row.origin) in new
        ]
        asked += len(ids)
        submissions.ask_to_cancel(submission, part, ids)
    submissions.note_days(submission, [one.row.day for one in rows])
    return asked


def _intend(
    rows: Sequence[TakeBack], part: SubmissionPart, flags: int, start_us: Mapping[Key, int]
) -> set[Key]:
    starts = [start_us.get((r.row.day, r.row.origin), r.row.start_us) for r in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            _INTEND,
            [
                [r.row.day for r in rows],
                [r.row.origin for r in rows],
                [r.then for r in rows],
                [r.parameterisation for r in rows],
                [tables.moment(at) for at in starts],
                [r.row.flags | flags for r in rows],
                [r.then == "renew" for r in rows],
                [part.pk] * len(rows),
            ],
        )
        return {(day, origin) for day, origin, is_new in cursor.fetchall() if is_new}


def wish_again(wanted: Iterable[tuple[date, int, int]], rows: Mapping[Key, Row]) -> None:
    """Change the intents of rows that are wanted after all, or with other parameters.

    Args:
        wanted: day, origin and parameterisation of what the schedule wants.
        rows: those that are there.
    """
    if not rows:
        return
    submitted = {
        (day, origin): parameterisation
        for day, origin, parameterisation in wanted
        if (row := rows.get((day, origin))) is not None and row.state == PlanState.SUBMITTED
    }
    if not submitted:
        return
    days, origins = tables.columns_of(submitted)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dailyplan_intent i SET submit = true,"
            " \"then\" = CASE i.\"then\" WHEN 'hold' THEN 'hold' ELSE 'renew' END,"
            " parameterisation = CASE WHEN i.flags & %s <> 0 THEN i.parameterisation"
            "                         ELSE u.parameterisation END"
            "  FROM unnest(%s::date[], %s::bigint[], %s::int[])"
            "       AS u (day, origin, parameterisation)"
            " WHERE i.day = u.day AND i.origin = u.origin",
            [int(Flag.PARAMETERS), days, origins, list(submitted.values())],
        )


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


def order_names(ids: Iterable[int]) -> dict[int, str]:
    """Return the order names of parameterisations."""
    rows = Parameterisation.objects.filter(id__in=set(ids))
    return dict(rows.values_list("id", "order_name"))


def has_intent(keys: Sequence[Key]) -> set[Key]:
    """Return those of the rows that are being taken back."""
    days = {day for day, _ in keys}
    found = Intent.objects.filter(day__in=days).values_list("day", "origin")
    return set(found) & set(keys)


def open_starts(keys: Sequence[Key]) -> set[Key]:
    """Return those of the cyclic rows that have starts with the controller, or coming back."""
    open_states = [PlanState.SUBMITTED, PlanState.STARTED, PlanState.FAILED, PlanState.REMOVED]
    rows = SubmittedStart.objects.filter(
        day__in={day for day, _ in keys}, origin__in={o for _, o in keys}, state__in=open_states
    )
    return set(rows.values_list("day", "origin")) & set(keys)


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
