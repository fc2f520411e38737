"""Taking submitted orders of single rows back from the controller, before they start.

What then becomes of a row is its intent; the journal says when it may be fulfilled
(`dailyplan.intents`). All of it happens in the open transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import connection

from dailyplan import submissions, tables
from dailyplan.difference import Key, Row, TakeBack
from dailyplan.models import Intent, Parameterisation, SubmissionPart
from dailyplan.origin import order_id
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


def order_names(ids: Iterable[int]) -> dict[int, str]:
    """Return the order names of parameterisations."""
    rows = Parameterisation.objects.filter(id__in=set(ids))
    return dict(rows.values_list("id", "order_name"))


def has_intent(keys: Sequence[Key]) -> set[Key]:
    """Return those of the rows that are being taken back."""
    days = {day for day, _ in keys}
    found = Intent.objects.filter(day__in=days).values_list("day", "origin")
    return set(found) & set(keys)
