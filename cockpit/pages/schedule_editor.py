"""`/inventory/schedule/PATH/`: a schedule as workflows, days and times, with its next starts."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from cockpit.access.account import Actor
from cockpit.pages import drafts
from cockpit.pages.calendar_forms import Form, form_in, posted_form
from cockpit.pages.calendar_operations import FormUnknown, removal, rule_puts
from cockpit.pages.calendar_rules import KINDS as RULES
from cockpit.pages.calendar_view import asked_in
from cockpit.pages.door import page
from cockpit.pages.form_frame import Frame, Puts, form_page
from cockpit.pages.parameters import arguments_of
from cockpit.pages.schedule_cron_form import cron_form, take_over
from cockpit.pages.schedule_forms import form_kind, schedule_puts, schedule_removal
from cockpit.pages.schedule_open import open_form, sent_form
from cockpit.pages.schedule_view import (
    preparation_in,
    schedule_of,
    schedule_parts,
    schedule_preview,
)
from inventory.editing.values import tree_of

KIND = "schedule"


@page()
def schedule_editor(request: HttpRequest, actor: Actor, path: str) -> HttpResponseBase:
    """Show a schedule, or carry out what a form of its page asks for."""
    return form_page(request, actor, path, _FRAME)


@page()
def schedule_source(request: HttpRequest, actor: Actor, path: str) -> HttpResponseBase:
    """Show the schedule's draft as text."""
    return drafts.draft(request, kind=KIND, path=path)


def _puts(request: HttpRequest, actor: Actor, item: Any) -> Puts:
    given, tree = dict(request.POST.lists()), tree_of(item.source)
    kind, at, to = (request.POST.get(name, "") for name in ("kind", "at", "to"))
    if request.POST.get("act") == "remove":
        is_rule = form_kind(at) == "rule"
        return (removal(tree, at) if is_rule else schedule_removal(tree, at)), []
    if kind in RULES:
        if form_kind(at or to) != "rule":
            raise FormUnknown("There is no such rule.")
        return rule_puts(tree, kind, given, at=at, to=to)
    variables: tuple[dict[str, Any], list[Any]] = ({}, [])
    if kind == "orders":
        variables = arguments_of(preparation_in(tree, actor.account), request.POST)
    return schedule_puts(tree, kind, given, at=at, to=to, variables=variables)


def _sent(request: HttpRequest, actor: Actor, item: Any) -> Form | None:
    tree = tree_of(item.source)
    if request.POST.get("act") == "remove":
        return None
    if request.POST.get("kind") == "cron":
        return cron_form(request, item)
    rule = posted_form(request, actor.account, tree)
    return rule or sent_form(request, actor.account, tree)


def _opened(request: HttpRequest, actor: Actor, item: Any) -> Form | None:
    if request.GET.get("kind") == "cron":
        return cron_form(request, item)
    tree, at = tree_of(item.source), request.GET.get("at", "")
    if request.GET.get("kind") in RULES or (at and form_kind(at) == "rule"):
        return form_in(request.GET, actor.account, tree)
    return open_form(request.GET, actor.account, tree)


def _crontab(request: HttpRequest, actor: Actor, item: Any) -> bool | None:
    """Take a line of a crontab over, or only show again what it means."""
    if request.POST.get("kind") != "cron":
        return None
    is_wanted = request.POST.get("act") == "keep"
    if is_wanted:
        take_over(request, actor, item)
    return is_wanted


def _shown(_request: HttpRequest, actor: Actor, item: Any) -> dict[str, Any]:
    now = dt.datetime.now(dt.UTC)
    return schedule_parts(actor.account, item, schedule_of(item.source), now)


def _preview(request: HttpRequest, actor: Actor, _item: Any, source: str) -> dict[str, Any]:
    """Return the starts of a text."""
    now = dt.datetime.now(dt.UTC)
    asked = asked_in(request.GET, now.date())
    return schedule_preview(actor.account, schedule_of(source), asked, now)


_FRAME = Frame(
    KIND, "schedules", ("year", "day"), instead=_crontab,
    opened=_opened, sent=_sent, puts=_puts, shown=_shown, preview=_preview,
)  # fmt: skip
