"""Which planned orders a dialog is about: those that are named, or those that a filter selects."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.http import HttpRequest, QueryDict

from cockpit.access.failures import Forbidden
from cockpit.access.policy import Account, Verb
from cockpit.api.plan.bodies import MOST_NAMED, MOST_SELECTED
from cockpit.api.plan.orders import may_see
from cockpit.api.plan.seen import id_of
from cockpit.pages.plan_day import DayAsked, asked_in
from dailyplan.difference import Key
from dailyplan.selecting import Listed, keys_of, rows_named
from dailyplan.take_back import order_names

MOST_DAYS = 62


class PlanChosen(NamedTuple):
    """The rows by order id, in the order of the list; `unknown` are ids that nobody planned.

    `kept` is what the form has to carry so that the same rows are chosen again; `days` are those
    concerned, `capped` tells that more would match.
    """

    rows: dict[str, Listed]
    kept: list[tuple[str, str]]
    days: list[date]
    unknown: list[str]
    by_filter: bool = False
    capped: bool = False

    @property
    def keys(self) -> list[Key]:
        """The keys of the rows, each once."""
        return sorted({(row.day, row.origin) for row in self.rows.values()})


def chosen_rows(request: HttpRequest, account: Account, today: date) -> PlanChosen:
    """Return the planned orders that a request names, or that its filter selects.

    Raises:
        Forbidden: some of those named are not the account's to operate.
    """
    given = request.POST if request.method == "POST" else request.GET
    if given.get("all"):
        return _filtered(request, account, given, today)
    ids = [i for i in dict.fromkeys(given.getlist("ids")) if i and "\0" not in i][:MOST_NAMED]
    rows = rows_named(ids)
    if len(may_see(account, list(rows.values()), Verb.OPERATE)) < len(rows):
        raise Forbidden(f"{account.name} may not operate on some of these orders.")
    once = {(row.day, row.origin): order_id for order_id, row in reversed(rows.items())}
    found = {i: row for i, row in rows.items() if once[row.day, row.origin] == i}
    return PlanChosen(
        rows=found,
        kept=[("ids", i) for i in ids],
        days=sorted({row.day for row in rows.values()}),
        unknown=[i for i in ids if i not in rows],
    )


def days_in(given: QueryDict) -> list[date]:
    """Return the days that a request names; texts that are none are passed by."""
    found = []
    for text in given.getlist("days"):
        try:
            found.append(date.fromisoformat(text))
        except ValueError:
            continue
    return sorted(set(found))[:MOST_DAYS]


def _filtered(request: HttpRequest, account: Account, given: QueryDict, today: date) -> PlanChosen:
    days = days_in(given) or [today]
    kept = [("all", "1"), *(("days", day.isoformat()) for day in days)]
    kept += [(name, given.get(name, "")) for name in ("q", "late") if given.get(name)]
    kept += [("state", state) for state in given.getlist("state")]
    rows: dict[str, Listed] = {}
    capped = False
    for day in days:
        asked = asked_in(request, day)
        left = MOST_SELECTED - len(rows)
        if asked.wanted.problems or left <= 0:
            capped = capped or left <= 0
            continue
        found = _of_day(account, asked, left + 1)
        capped = capped or len(found) > left
        rows |= dict(list(found.items())[:left])
    return PlanChosen(rows, kept, days, [], by_filter=True, capped=capped)


def _of_day(account: Account, asked: DayAsked, most: int) -> dict[str, Listed]:
    found: dict[str, Listed] = {}
    names: dict[int, str] = {}
    for piece in keys_of(asked.filter_for(account, Verb.OPERATE), most):
        names |= _names(piece, names)
        found |= {id_of(row, names[row.parameterisation]): row for row in piece}
    return found


def _names(rows: Sequence[Listed], known: dict[int, str]) -> dict[int, str]:
    missing = {row.parameterisation for row in rows} - known.keys()
    return dict(order_names(sorted(missing))) if missing else {}
