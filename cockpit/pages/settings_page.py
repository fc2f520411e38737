"""`/settings/`: the settings of the installation by section; today the daily plan."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.access.gate import require
from cockpit.access.policy import Verb
from cockpit.api.problem import FieldProblem
from cockpit.audit import Deed
from cockpit.pages.asking import reason_of
from cockpit.pages.door import leave_to, page, render
from cockpit.pages.settings_forms import FIELDS, effects_of, read_settings, texts_of
from cockpit.pages.zones import offered
from dailyplan.errors import SettingsMoved, SettingsRefused
from dailyplan.intents import CHANNEL
from dailyplan.plan_settings import Kept, PlanConfig, change, kept


@page()
def settings_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the settings, what a change of them would do, or make it."""
    before = kept()
    if request.method != "POST":
        return _form(request, actor, before, texts_of(before.config))
    require(actor.account, Verb.ADMINISTER)
    form = {name: request.POST.get(name, "") for name in (f.name for f in FIELDS)}
    read = read_settings(form, before.config)
    effects = effects_of(before.config, read.config, datetime.now(UTC)) if read.config else []
    if request.POST.get("again") or read.config is None:
        status = 200 if request.POST.get("again") else 422
        return _form(request, actor, before, form, read.problems, effects, status)
    if (moved := _edit_no(request)) != before.edit_no:
        sentence = "The settings have been changed meanwhile; these are the present ones."
        problems = [FieldProblem("", sentence if moved is not None else "Read the page again.")]
        return _form(request, actor, before, texts_of(before.config), problems, (), 409)
    return _change(request, actor, before, read.config)


def _change(request: HttpRequest, actor: Actor, before: Kept, wanted: PlanConfig) -> HttpResponse:
    old, new = (msgspec.to_builtins(config) for config in (before.config, wanted))
    given = {name: new[name] for name in new if new[name] != old[name]}
    if not given:
        messages.info(request, "Nothing was changed.")
        return leave_to(request, "/settings/")
    try:
        with transaction.atomic():
            change(wanted, edit_no=before.edit_no)
            deed = Deed(
                verb="change-settings",
                kind="settings",
                objects=["dailyplan"],
                before={name: old[name] for name in given},
                after=given,
            )
            audit.record(actor, deed, reason_of(request))
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
    except (SettingsMoved, SettingsRefused) as refused:
        problems = [FieldProblem("", str(refused))]
        return _form(request, actor, kept(), texts_of(wanted), problems, (), 409)
    messages.success(request, "The settings are in force; the plan follows within seconds.")
    return leave_to(request, "/settings/")


def _edit_no(request: HttpRequest) -> int | None:
    text = request.POST.get("edit_no", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _form(
    request: HttpRequest,
    actor: Actor,
    before: Kept,
    texts: Mapping[str, str],
    problems: Sequence[FieldProblem] = (),
    effects: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    context = {
        "page_title": "Settings",
        "fields": [(field, texts[field.name]) for field in FIELDS],
        "zones": offered(before.config.time_zone),
        "edit_no": before.edit_no,
        "problems": [{"text": p.sentence, "place": p.field} for p in problems],
        "effects": effects,
        "again": request.POST.get("again", ""),
        "comment": request.POST.get("comment", ""),
        "ticket": request.POST.get("ticket", ""),
    }
    return render(request, actor, "settings/page.html", context, status)
