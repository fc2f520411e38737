"""The form that stands open on a page with rules: which one, with what in its fields."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest, QueryDict

from cockpit.access.policy import Account
from cockpit.pages.calendar_known import Choice, choices, countries, holiday_lines
from cockpit.pages.calendar_operations import HEAD, FormUnknown, kind_at, shown_at
from cockpit.pages.calendar_places import value_or
from cockpit.pages.calendar_rules import EASTER_DAYS, KINDS, REPETITIONS, RuleKind, Shown
from timetable.calendar import CalendarType
from timetable.phrases import MONTHS, NTH, NTH_LAST, WEEKDAYS

_HOLIDAY_YEARS = 2
_WEEK = tuple(((day + 1) % 7, name) for day, name in enumerate(WEEKDAYS))


class Form(NamedTuple):
    """An open form: `at` is what it changes, `to` where something new goes."""

    kind: str
    at: str
    to: str
    given: Mapping[str, Sequence[str]]
    rule: RuleKind | None = None
    choices: Sequence[Any] = ()
    more: Mapping[str, Any] = {}

    @property
    def place(self) -> str:
        """Where on the page it stands."""
        return self.at or self.to


def form_in(given: QueryDict, account: Account, tree: Any) -> Form | None:
    """Return the form of a rule that an address opens, None where it opens none.

    Raises:
        FormUnknown: there is no such rule.
    """
    at, to, kind = (given.get(name, "") for name in ("at", "to", "kind"))
    if at:
        kind, shown = kind_at(at), shown_at(tree, at)
        if "country" in given:
            shown |= {"country": given.getlist("country"), "region": [""], "dates": [""]}
        return rule_form(kind, account, shown, at=at)
    if to and kind in KINDS:
        shown = {name: given.getlist(name) for name in given if name not in ("to", "kind")}
        return rule_form(kind, account, shown, to=to)
    return None


def posted_form(request: HttpRequest, account: Account, tree: Any) -> Form | None:
    """Return the form that was sent, to be shown again."""
    given = dict(request.POST.lists())
    kind, at, to = (request.POST.get(name, "") for name in ("kind", "at", "to"))
    if request.POST.get("act") == "remove":
        return None
    if kind == HEAD:
        return Form(HEAD, HEAD, "", given)
    return rule_form(kind, account, given, at=at, to=to) if kind in KINDS else None


def head_form(tree: Any) -> Form:
    """Return the form of title, type and validity."""
    fields = {"title": "title", "type": "type", "from": "from", "to": "to_day"}
    given = {field: [str(value_or(tree, (name,)) or "")] for name, field in fields.items()}
    return Form(HEAD, HEAD, "", given)


def rule_form(
    kind: str, account: Account, given: Shown | Mapping[str, Sequence[str]], *,
    at: str = "", to: str = "",
) -> Form:  # fmt: skip
    """Return the form of a rule with what stands in its fields."""
    if not at and not to:
        raise FormUnknown("There is no such rule.")
    place = at or to
    more: dict[str, Any] = {
        "week": _WEEK,
        "months": list(enumerate(MONTHS, 1)),
        "may_nest": KINDS[kind].nests and not at and "months[" not in to,
    }
    if kind in ("monthdays", "ultimos"):
        more["days"] = range(1, 32)
        more["nth"] = list(enumerate(NTH_LAST if kind == "ultimos" else NTH, 1))
    elif kind == "repetitions":
        more["units"] = REPETITIONS
    elif kind == "easter":
        more["easter"] = EASTER_DAYS
    elif kind == "holidays":
        more |= _holiday_choices(given)
    found: list[Choice] = []
    if kind == "nonWorkingDayCalendars":
        found = choices(account, CalendarType.NON_WORKING)
    more["counted"] = place.startswith("calendars[")
    return Form(kind, at, to, given, KINDS[kind], found, more)


def _holiday_choices(given: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    country = (given.get("country") or [""])[0]
    region = (given.get("region") or [""])[0]
    label = f"{country}-{region}" if region else country
    year = dt.datetime.now(dt.UTC).year
    years = range(year, year + _HOLIDAY_YEARS)
    return {
        "countries": list(countries()),
        "regions": countries().get(country, ()),
        "holidays": [line.split(" ", 1) for line in holiday_lines(label, years)] if label else [],
        "label": label,
    }
