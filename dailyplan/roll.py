"""Cyclic rows hand over their next starts, some time ahead and at least the next one.

A start that is with the controller, or was, has a row of its own: it is handed over once, however
often this runs. Starts that were missed while nobody ran are handed over all the same.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection
from msgspec.structs import replace

from dailyplan import submissions, tables
from dailyplan.cycle import next_start, starts_from
from dailyplan.difference import Key, Row
from dailyplan.given import Given
from dailyplan.models import Submission, SubmittedStart
from dailyplan.new_orders import given_to_send, new_order
from dailyplan.origin import SECOND_US, microseconds
from dailyplan.plan_settings import PlanConfig
from dailyplan.state import PlanState
from dailyplan.statements import Transaction
from dailyplan.submissions import ORDERS_A_SLICE

ROWS_AT_ONCE = 500
_LONGEST_REPEAT = timedelta(days=1)

_DUE = """
    SELECT t.day, t.origin FROM dailyplan_plannedorder t
     WHERE t.state = 1 AND t.next_at IS NOT NULL AND t.next_at <= %(latest)s
       AND (t.next_at <= %(now)s OR NOT %(missed)s
            AND t.next_at - make_interval(secs => greatest(t.repeat_s, %(ahead)s)) <= %(now)s)
       AND NOT EXISTS (SELECT FROM dailyplan_submittedstart s
                       WHERE s.day = t.day AND s.origin = t.origin AND s.state = 9)
     ORDER BY t.day, t.origin LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""

_START = """
    INSERT INTO dailyplan_submittedstart (day, origin, start_at, state, part, late)
    SELECT u.day, u.origin, u.start_at, %s, %s, false
      FROM unnest(%s::date[], %s::bigint[], %s::timestamptz[]) AS u (day, origin, start_at)
    ON CONFLICT DO NOTHING RETURNING day, origin, start_at"""


class _Start(NamedTuple):
    """A start to be handed over."""

    row: Row
    start_us: int


def roll(
    config: PlanConfig,
    *,
    account: str,
    now: datetime,
    transaction: Transaction,
    only_missed: bool = False,
) -> int:
    """Hand over what is due of all cyclic rows, in slices, and return how many orders that was.

    `only_missed`: nothing that is still ahead.
    """
    done = 0
    if only_missed:
        config = replace(config, cycle_ahead_s=0)
    while True:
        with transaction():
            with connection.cursor() as cursor:
                cursor.execute(
                    _DUE,
                    {
                        "now": now,
                        "ahead": config.cycle_ahead_s,
                        "latest": now + _LONGEST_REPEAT + timedelta(seconds=config.cycle_ahead_s),
                        "limit": ROWS_AT_ONCE,
                        "missed": only_missed,
                    },
                )
                keys = list(cursor.fetchall())
            if not keys:
                return done
            submission = submissions.begin(submissions.SUBMIT, account=account, now=now)
            done += roll_rows(keys, submission, config, now, only_missed=only_missed)


def roll_rows(
    keys: Sequence[Key],
    submission: Submission,
    config: PlanConfig,
    now: datetime,
    *,
    only_missed: bool = False,
) -> int:
    """Hand over what is due of these rows in the open transaction; returns how many orders."""
    coming_back = _coming_back(keys)
    rows = [
        row
        for row in tables.rows_at(keys, lock=True)
        if row.state == PlanState.SUBMITTED and (row.day, row.origin) not in coming_back
    ]
    given = given_to_send(row.parameterisation for row in rows)
    now_us, asked = microseconds(now), 0
    until_us = now_us + config.cycle_ahead_s * SECOND_US
    for piece in _pieces(rows, until_us, at_least=0 if only_missed else 1):
        asked += _hand_over(piece, given, submission)
    submissions.note_days(submission, [row.day for row in rows])
    return asked


def _hand_over(piece: Sequence[_Start], given: Mapping[int, Given], submission: Submission) -> int:
    """Ask the controller for those of the starts that nobody has handed over, and count them."""
    part = submissions.new_part(submission, submissions.SUBMIT)
    new = _note(piece, part.pk)
    orders = [
        new_order(row.day, row.origin, given[row.parameterisation], start_us, is_cyclic=True)
        for row, start_us in piece
        if (row.day, row.origin, start_us) in new
    ]
    if orders:
        submissions.ask_to_add(submission, part, orders)
    else:
        part.delete()
    return len(orders)


def _coming_back(keys: Sequence[Key]) -> set[Key]:
    """Return the rows with starts that are being taken back: they go out again afterwards."""
    if not keys:
        return set()
    rows = SubmittedStart.objects.filter(
        day__in={day for day, _ in keys}, state=PlanState.REMOVED
    ).values_list("day", "origin")
    return set(rows) & set(keys)


def _pieces(rows: Sequence[Row], until_us: int, at_least: int) -> list[list[_Start]]:
    """Return the starts that are due in slices; each row is moved on in the slice of its last."""
    starts: list[_Start] = []
    nexts: list[tuple[Row, int | None]] = []
    for row in rows:
        if row.next_us is None or row.end_us is None or row.repeat_s is None:
            continue
        found = starts_from(
            row.start_us, row.end_us, row.repeat_s, row.left_out, row.next_us, ORDERS_A_SLICE
        )
        due = [at for at in found if at <= until_us] or found[:at_least]
        starts += [_Start(row, at) for at in due]
        after = due[-1] + 1 if due else row.next_us
        nexts.append((row, next_start(row.start_us, row.end_us, row.repeat_s, row.left_out, after)))
    _move(nexts)
    return [starts[at : at + ORDERS_A_SLICE] for at in range(0, len(starts), ORDERS_A_SLICE)]


def _move(nexts: Sequence[tuple[Row, int | None]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dailyplan_plannedorder t SET next_at = u.next_at"
            "  FROM unnest(%s::date[], %s::bigint[], %s::timestamptz[])"
            "       AS u (day, origin, next_at)"
            " WHERE t.day = u.day AND t.origin = u.origin",
            [
                [row.day for row, _ in nexts],
                [row.origin for row, _ in nexts],
                [None if at is None else tables.moment(at) for _, at in nexts],
            ],
        )


def _note(piece: Sequence[_Start], part: int) -> set[tuple[date, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _START,
            [
                int(PlanState.SUBMITTED),
                part,
                [one.row.day for one in piece],
                [one.row.origin for one in piece],
                [tables.moment(one.start_us) for one in piece],
            ],
        )
        return {(day, origin, microseconds(at)) for day, origin, at in cursor.fetchall()}
