"""The form that stands open on a schedule's page: which one, with what in its fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, QueryDict

from cockpit.access.policy import Account
from cockpit.pages.calendar_forms import Form
from cockpit.pages.calendar_known import choices
from cockpit.pages.calendar_operations import FormUnknown
from cockpit.pages.calendar_places import path_of, value_at
from cockpit.pages.parameters import PREFIX, Field, fields_of, text_of
from cockpit.pages.schedule_forms import (
    GAPS,
    KEYS,
    OVERLAPS,
    WHEN_HOLIDAY,
    form_kind,
    shown_form,
)
from cockpit.pages.schedule_known import workflow_names
from cockpit.pages.schedule_view import preparation_in
from cockpit.pages.zones import offered
from engine.workflow.model import OrderPreparation
from timetable.calendar import CalendarType

ADDED = ("workflow", "entry", "period", "nonworking", "orders")
"""What a form can add."""


def open_form(given: QueryDict, account: Account, tree: Any) -> Form | None:
    """Return the form that an address opens, None where it opens none.

    Raises:
        FormUnknown: there is no such place.
    """
    at, to, kind = (given.get(name, "") for name in ("at", "to", "kind"))
    if kind == "head":
        return schedule_form("head", account, tree, shown_form(tree, "head", ""), at="head")
    if at:
        kind = form_kind(at)
        if kind not in KEYS:
            return None
        shown = shown_form(tree, kind, at)
        if kind == "orders":
            shown |= _shown_variables(value_at(tree, path_of(at)), preparation_in(tree, account))
        return schedule_form(kind, account, tree, shown, at=at)
    if kind in ADDED:
        return schedule_form(kind, account, tree, {}, to=to or kind)
    return None


def sent_form(request: HttpRequest, account: Account, tree: Any) -> Form | None:
    """Return the form that was sent, to be shown again."""
    kind, at, to = (request.POST.get(name, "") for name in ("kind", "at", "to"))
    given = dict(request.POST.lists())
    if kind == "head":
        return schedule_form(kind, account, tree, given, at="head")
    if kind not in ADDED:
        raise FormUnknown("There is no such form.")
    return schedule_form(kind, account, tree, given, at=at, to=to or ("" if at else kind))


def schedule_form(
    kind: str, account: Account, tree: Any, given: Mapping[str, Sequence[str]], *,
    at: str = "", to: str = "",
) -> Form:  # fmt: skip
    """Return a form with what stands in its fields and what they offer."""
    found: Sequence[Any] = ()
    more: dict[str, Any] = {}
    match kind:
        case "workflow":
            found = workflow_names(account)
        case "entry":
            found = choices(account, CalendarType.WORKING)
            more = {"zones": offered("Europe/Berlin"), "gaps": GAPS, "overlaps": OVERLAPS}
        case "nonworking":
            found = choices(account, CalendarType.NON_WORKING)
        case "period":
            more = {"when_holiday": WHEN_HOLIDAY}
        case "orders":
            more = _variables(given, preparation_in(tree, account))
        case _:
            pass
    return Form(kind, at, to, given, None, found, more)


def _variables(
    given: Mapping[str, Sequence[str]], preparation: OrderPreparation | None
) -> dict[str, Any]:
    texts = {name: values[0] for name, values in given.items() if values}
    fields: list[Field] = [f for f in fields_of(preparation, texts) if f.kind != "secret"]
    takes_more = preparation is None or preparation.allow_undeclared
    return {"fields": fields, "takes_more": takes_more, "given": texts}


def _shown_variables(
    value: Mapping[str, Any], preparation: OrderPreparation | None
) -> dict[str, list[str]]:
    parameters = preparation.parameters if preparation else {}
    found: dict[str, list[str]] = {}
    lines = []
    for name, said in (value.get("variables") or {}).items():
        if name in parameters:
            found[PREFIX + name] = [text_of(parameters[name].type, said)]
        else:
            lines.append(f"{name} = {text_of('Any', said)}")
    return found | ({"more": ["\n".join(lines)]} if lines else {})
