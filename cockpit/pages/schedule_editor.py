"""`/inventory/schedule/PATH/`: a schedule as workflows, days and times, with its next starts."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from cockpit.access.account import Actor
from cockpit.access.policy import Verb, may_at
from cockpit.pages import drafts
from cockpit.pages.addresses import object_at
from cockpit.pages.asking import told
from cockpit.pages.calendar_changing import NotKept, at_fields, keep
from cockpit.pages.calendar_forms import Form, form_in, posted_form
from cockpit.pages.calendar_operations import FormUnknown, removal, rule_puts
from cockpit.pages.calendar_rules import KINDS as RULES
from cockpit.pages.calendar_text import Put, TextUnfit, changed, tree_of
from cockpit.pages.calendar_view import asked_in
from cockpit.pages.door import page, render
from cockpit.pages.drafts import item_of
from cockpit.pages.editor_head import editor_head
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

KIND = "schedule"
_KEPT = ("year", "day")


@page()
def schedule_editor(request: HttpRequest, actor: Actor, path: str) -> HttpResponseBase:
    """Show a schedule, or carry out what a form of its page asks for."""
    if "source" in request.POST:
        return drafts.draft(request, kind=KIND, path=path)
    item = item_of(actor.account, KIND, path)
    if request.method != "POST":
        return _shown(request, actor, item, _open_form(request, actor, item))
    if request.POST.get("act") == "try":
        return _tried(request, actor, item)
    return _carried_out(request, actor, item)


@page()
def schedule_source(request: HttpRequest, actor: Actor, path: str) -> HttpResponseBase:
    """Show the schedule's draft as text."""
    return drafts.draft(request, kind=KIND, path=path)


def _carried_out(request: HttpRequest, actor: Actor, item: Any) -> HttpResponse:
    form: Form | None = None
    try:
        form = _sent(request, actor, item)
        if request.POST.get("kind") == "cron":
            if request.POST.get("act") != "keep":
                return _shown(request, actor, item, form)
            take_over(request, actor, item)
        else:
            puts, problems = _puts(request, actor, item)
            if problems:
                raise NotKept(422, at_fields(problems))
            keep(request, actor, item, puts)
    except FormUnknown as unknown:
        status, told_of = 409, [{"text": str(unknown), "place": "", "level": "error"}]
    except NotKept as refused:
        status, told_of = refused.status, refused.problems
    else:
        return _done(request, actor, item.path)
    item = item_of(actor.account, KIND, item.path)
    return _shown(request, actor, item, form, told_of, status)


def _done(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    query = {n: v for n, v in request.GET.items() if n in _KEPT}
    back = object_at(KIND, path) + (f"?{urlencode(query)}" if query else "")
    if request.headers.get("HX-Request") != "true":
        return told(request, "The draft is kept.", back_to=back)
    response = _shown(request, actor, item_of(actor.account, KIND, path), None)
    response["HX-Push-Url"] = back
    return response


def _puts(request: HttpRequest, actor: Actor, item: Any) -> tuple[list[Put], list[Any]]:
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


def _open_form(request: HttpRequest, actor: Actor, item: Any) -> Form | None:
    if not may_at(actor.account, Verb.EDIT, item.path):
        return None
    tree = tree_of(item.source)
    if request.GET.get("kind") == "cron":
        return cron_form(request, item)
    try:
        at = request.GET.get("at", "")
        if request.GET.get("kind") in RULES or (at and form_kind(at) == "rule"):
            return form_in(request.GET, actor.account, tree)
        return open_form(request.GET, actor.account, tree)
    except FormUnknown:
        return None


def _tried(request: HttpRequest, actor: Actor, item: Any) -> HttpResponse:
    """Answer the starts as they were with the form, keeping nothing."""
    note, source = "", item.source
    try:
        puts, problems = _puts(request, actor, item)
        note = " ".join(dict.fromkeys(p.sentence for p in problems))
        source = changed(source, puts)
    except (FormUnknown, TextUnfit) as unfit:
        note = str(unfit)
    now = dt.datetime.now(dt.UTC)
    asked = asked_in(request.GET, now.date())
    found = schedule_preview(actor.account, schedule_of(source), asked, now)
    context = {**found, **_frame(request, item), "tried": source != item.source, "note": note}
    return render(request, actor, "schedules/preview.html", context)


def _shown(
    request: HttpRequest,
    actor: Actor,
    item: Any,
    form: Form | None,
    problems: Sequence[Mapping[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    now = dt.datetime.now(dt.UTC)
    asked = asked_in(request.GET, now.date())
    schedule = schedule_of(item.source)
    context = {
        **editor_head(actor.account, item),
        **schedule_parts(actor.account, item, schedule, now),
        **schedule_preview(actor.account, schedule, asked, now),
        **_frame(request, item),
        "form": form,
        "form_problems": problems,
    }
    return render(request, actor, _template(request), context, status)


def _template(request: HttpRequest) -> str:
    if request.GET.get("part") == "day":
        return "schedules/checked.html"
    if request.GET.get("part") == "preview":
        return "schedules/preview.html"
    is_part = request.headers.get("HX-Request") == "true"
    whole = "HX-History-Restore-Request" in request.headers or not is_part
    return "schedules/page.html" if whole else "schedules/editor.html"


def _frame(request: HttpRequest, item: Any) -> dict[str, Any]:
    kept = {n: v for n, v in request.GET.items() if n in _KEPT}
    return {"here": object_at(item.kind, item.path), "kept": kept, "query": urlencode(kept)}
