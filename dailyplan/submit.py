"""Submitting: planned orders become orders of the controller.

A row changes its state in the transaction that writes the request, in slices. So nothing is
submitted twice, and nothing that was to be submitted is forgotten: what was not written is still
to be done.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from dailyplan import submissions, tables
from dailyplan.cycle import next_start
from dailyplan.difference import Key, Row
from dailyplan.models import Submission
from dailyplan.new_orders import given_to_send, new_order
from dailyplan.origin import microseconds
from dailyplan.plan_settings import PlanConfig
from dailyplan.roll import roll_rows
from dailyplan.state import Flag, PlanState
from dailyplan.statements import Transaction
from dailyplan.submissions import ORDERS_A_SLICE
from engine.order.requests import NewOrder

_DUE = """
    SELECT day, origin FROM dailyplan_plannedorder
     WHERE submit AND state = 0 AND day <= %s AND start_at <= %s
     ORDER BY day, origin LIMIT %s FOR UPDATE SKIP LOCKED"""

_SUBMIT = """
    UPDATE dailyplan_plannedorder t
       SET state = %s, part = %s, problem = NULL, submit = true,
           flags = t.flags & ~%s::int, next_at = u.next_at, started_at = NULL, ended_at = NULL
      FROM unnest(%s::date[], %s::bigint[], %s::timestamptz[]) AS u (day, origin, next_at)
     WHERE t.day = u.day AND t.origin = u.origin AND t.state = %s
 RETURNING t.day, t.origin, t.parameterisation, t.start_at, t.repeat_s IS NOT NULL"""

_EVER = datetime.max.replace(tzinfo=UTC)


def submit_due(
    config: PlanConfig,
    *,
    account: str,
    now: datetime,
    transaction: Transaction,
    only_missed: bool = False,
) -> int:
    """Submit all rows whose day is near, in slices, and return how many rows that were.

    `only_missed`: those alone that should have started already.
    """
    last = config.day_of(now) + timedelta(days=config.days_ahead_submit)
    done = 0
    while config.days_ahead_submit >= 0:
        with transaction():
            with connection.cursor() as cursor:
                cursor.execute(_DUE, [last, now if only_missed else _EVER, ORDERS_A_SLICE])
                keys = list(cursor.fetchall())
            if not keys:
                break
            submission = submissions.begin(submissions.SUBMIT, account=account, now=now)
            done += submit_rows(keys, submission, config, now)
    return done


def submit_rows(
    keys: Sequence[Key],
    submission: Submission,
    config: PlanConfig,
    now: datetime,
    *,
    also_missed: bool = True,
) -> int:
    """Submit planned rows in the open transaction, and return how many were still planned.

    Args:
        keys: days and origins, up to a slice of them.
        submission: the act that this is part of.
        config: the settings.
        now: the moment.
        also_missed: cyclic rows submit the starts that they have missed, too.
    """
    rows = tables.rows_at(keys, lock=True)
    planned = [row for row in rows if row.state == PlanState.PLANNED]
    if not planned:
        return 0
    part = submissions.new_part(submission, submissions.SUBMIT)
    found = _mark(planned, part.pk, microseconds(now), also_missed=also_missed)
    given = given_to_send(number for _, _, number, _, _ in found)
    orders: list[NewOrder] = [
        new_order(day, origin, given[number], microseconds(start_at))
        for day, origin, number, start_at, is_cyclic in found
        if not is_cyclic
    ]
    if orders:
        submissions.ask_to_add(submission, part, orders)
    else:
        part.delete()
    cyclic = [(day, origin) for day, origin, _, _, is_cyclic in found if is_cyclic]
    roll_rows(cyclic, submission, config, now)
    submissions.note_days(submission, [row[0] for row in found])
    return len(found)


def _mark(
    rows: Sequence[Row], part: int, now_us: int, *, also_missed: bool
) -> list[tuple[date, int, int, datetime, bool]]:
    nexts = [_next(row, now_us, also_missed=also_missed) for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            _SUBMIT,
            [
                int(PlanState.SUBMITTED),
                part,
                int(Flag.HELD),
                [row.day for row in rows],
                [row.origin for row in rows],
                nexts,
                int(PlanState.PLANNED),
            ],
        )
        return list(cursor.fetchall())


def _next(row: Row, now_us: int, *, also_missed: bool) -> datetime | None:
    if row.repeat_s is None or row.end_us is None:
        return None
    from_us = row.next_us if row.next_us is not None else row.start_us
    if not also_missed or row.flags & Flag.HELD:
        from_us = max(from_us, now_us)
    at = next_start(row.start_us, row.end_us, row.repeat_s, row.left_out, from_us)
    return None if at is None else tables.moment(at)
