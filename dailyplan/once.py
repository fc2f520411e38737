"""One occurrence of the daily plan: answers in, changes planned, orders out, old plans closed."""

from collections.abc import Mapping
from datetime import datetime

from dailyplan.closing import close_old_plans
from dailyplan.counts import fold
from dailyplan.intents import PLAN_ROWS
from dailyplan.plan_now import known_schedules, plan_now
from dailyplan.plan_settings import PlanConfig, kept
from dailyplan.released import Released, read_released
from dailyplan.roll import roll
from dailyplan.settle import settle
from dailyplan.statements import Transaction, fetched
from dailyplan.submit import submit_due
from dailyplan.unplanned import note_unplanned, unplanned_days
from dailyplan.writing import PLANNER


def plan_once(now: datetime, transaction: Transaction, given: str = "") -> Mapping[str, int]:
    """Do all that is to be done now, and return what it was.

    Every step finds what is left by looking at the rows, so one that was cut off goes on here.

    Args:
        now: the moment.
        transaction: opens one, fenced where there is a term.
        given: what else plans follow from, such as the version of the zones.
    """
    settings = kept()
    config = settings.config
    refused = settle(transaction)
    # First what is overdue: a change of a schedule must not take away what has passed before it.
    submitted, rolled = _hand_over(config, now, transaction, only_missed=True)
    released = read_released()
    passed_by = _note_unplanned(released, config, now, transaction)
    planned = plan_now(released, config, now=now, transaction=transaction, given=given)
    more, rolled_more = _hand_over(config, now, transaction, only_missed=False)
    closed = close_old_plans(settings, account=PLANNER, now=now, transaction=transaction)
    done = {
        "schedules": planned.schedules,
        "broken": planned.broken,
        "added": planned.added,
        "changed": planned.changed,
        "deleted": planned.deleted,
        "taken_back": planned.taken_back,
        "submitted": submitted + more,
        "cyclic": rolled + rolled_more,
        "refused": refused,
        "closed": closed,
        "not_planned": passed_by,
    }
    with transaction():
        fold()
        if any(done.values()):
            fetched("SELECT pg_notify(%s, '')", [PLAN_ROWS])
    return done


def _note_unplanned(
    released: Released, config: PlanConfig, now: datetime, transaction: Transaction
) -> int:
    days = unplanned_days(known_schedules(), config, now)
    if not days:
        return 0
    with transaction():
        return note_unplanned(days, released, config, account=PLANNER, now=now)


def _hand_over(
    config: PlanConfig, now: datetime, transaction: Transaction, *, only_missed: bool
) -> tuple[int, int]:
    """Return how many rows were submitted, and how many orders of cyclic ones."""
    submitted = submit_due(
        config, account=PLANNER, now=now, transaction=transaction, only_missed=only_missed
    )
    rolled = roll(
        config, account=PLANNER, now=now, transaction=transaction, only_missed=only_missed
    )
    return submitted, rolled
