"""Which planned orders a list or a verb is about, within what the account may see."""

import datetime as dt

from cockpit.access.gate import everywhere
from cockpit.access.policy import Account, Verb, folders
from cockpit.api.plan.bodies import PlanOrdersQuery, PlanSelection
from cockpit.api.problem import FieldProblem, invalid
from dailyplan.plan_settings import PlanConfig
from dailyplan.selecting import PlanFilter
from dailyplan.state import SHOWN, PlanState

LONGEST_DAYS = 400


def plan_filter(
    account: Account,
    query: PlanOrdersQuery | PlanSelection,
    config: PlanConfig,
    now: dt.datetime,
    verb: Verb = Verb.LOOK,
) -> PlanFilter:
    """Return the filter that a query stands for.

    Raises:
        Refusal: its days make no sense.
    """
    first, last = days_of(query.date, query.since, query.until, config.day_of(now))
    states = [PlanState[name.upper()] for name in dict.fromkeys(query.state)]
    due = now - dt.timedelta(seconds=config.late_tolerance_s)
    return PlanFilter(
        first=first,
        last=last,
        states=states or SHOWN,
        workflow=query.workflow,
        schedule=query.schedule,
        folder=query.folder,
        schedule_folder=query.schedule_folder,
        tags=query.tag,
        text=query.text,
        late_before=due if query.late else None,
        folders=None if everywhere(account, verb) else folders(account, verb),
    )


def days_of(
    day: dt.date | None, since: dt.date | None, until: dt.date | None, today: dt.date
) -> tuple[dt.date, dt.date]:
    """Return the first and last day that are meant; one day alone, or a range.

    Raises:
        Refusal: both are given, or the range is none or too long.
    """
    if day is not None and (since or until):
        raise invalid([FieldProblem("date", "Give a day or a range, not both.")])
    first = day or since or (min(until, today) if until else today)
    last = day or until or (since if since else today)
    if last < first:
        raise invalid([FieldProblem("until", "It must not be before the first day.")])
    if (last - first).days > LONGEST_DAYS:
        raise invalid([FieldProblem("until", f"At most {LONGEST_DAYS} days are shown at once.")])
    return first, last
