"""What a schedule's page looks at besides its draft: workflows with their parameters, calendars."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from cockpit.access.gate import restrict, rows
from cockpit.access.policy import Account
from cockpit.pages.calendar_known import named_calendars, released_calendars
from engine.workflow.model import OrderPreparation
from engine.workflow.read import read_workflow
from inventory.deployed import deployed_items
from inventory.models import Item
from inventory.paths import name_of
from inventory.source import values_of
from timetable.calendar import Calendar, Frequencies
from timetable.schedule import Schedule

MOST_WORKFLOWS = 2_000


class Wanted(NamedTuple):
    """A workflow by name and which variables it declares; no path where it is not there."""

    name: str
    path: str
    preparation: OrderPreparation | None


def names_in(schedule: Schedule) -> set[str]:
    """Return the names of all calendars that a schedule refers to itself."""
    found = {named.calendar_name for named in schedule.non_working_day_calendars}
    for entry in schedule.calendars:
        found.add(entry.calendar_name)
        found.update(entry.includes.non_working_day_calendars)
        found.update(entry.excludes.non_working_day_calendars)
    return found


def calendars_of(schedule: Schedule, account: Account) -> dict[str, Calendar]:
    """Return the calendars of a schedule as their drafts say them."""
    return named_calendars(names_in(schedule), account)


def released_as_drafted(schedule: Schedule, account: Account) -> dict[str, bool]:
    """Return for each calendar that an entry names whether it is released as its draft says.

    The dates of holidays that were frozen do not count as a difference.
    """
    names = names_in(schedule)
    drafts, released = named_calendars(names, account), released_calendars(names, account)
    return {
        name: name in released and _undated(released[name]) == _undated(drafts[name])
        for name in sorted(names)
        if name in drafts
    }


def workflow_names(account: Account) -> list[str]:
    """Return the names of workflows that a schedule may start, drafts included."""
    drafts = rows(Item, account).filter(kind="workflow", trashed_at__isnull=True)
    names = set(drafts.values_list("name", flat=True)[:MOST_WORKFLOWS])
    deployed = restrict(deployed_items().filter(kind="workflow"), account)
    return sorted(names | {name_of(path) for path in deployed.values_list("path", flat=True)})


def workflow_named(name: str, account: Account) -> Wanted:
    """Return a workflow as its draft says it, or as it is deployed."""
    bare = name_of(name)
    drafts = rows(Item, account).filter(kind="workflow", trashed_at__isnull=True)
    item = drafts.filter(name=bare).first()
    if item is not None:
        return Wanted(name, item.path, _preparation(values_of(item.source).data))
    deployed = restrict(deployed_items().filter(kind="workflow"), account)
    for path in deployed.values_list("path", flat=True):
        if name_of(path) == bare:
            row = deployed.filter(path=path).first()
            return Wanted(name, path, _preparation(bytes(row.document)) if row else None)
    return Wanted(name, "", None)


def _preparation(data: bytes | Mapping[str, Any] | None) -> OrderPreparation | None:
    if data is None:
        return None
    workflow = read_workflow(data).workflow
    return workflow.order_preparation if workflow else None


def _undated(calendar: Calendar) -> Calendar:
    """Return a calendar to compare, with the dates of national holidays left out."""
    includes, excludes = map(_without_dates, (calendar.includes, calendar.excludes))
    return replace(calendar, includes=includes, excludes=excludes)


def _without_dates(rules: Frequencies) -> Frequencies:
    holidays = tuple(
        replace(rule, dates=()) if rule.national_calendar else rule for rule in rules.holidays
    )
    return replace(rules, holidays=holidays)
