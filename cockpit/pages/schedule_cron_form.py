"""The form that takes a crontab line over: a calendar of its days, times of the schedule."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from cockpit.access.account import Actor
from cockpit.access.gate import require_at
from cockpit.access.policy import Verb
from cockpit.pages.calendar_changing import NotKept, keep, problems_of, put_with_audit
from cockpit.pages.calendar_forms import Form
from cockpit.pages.calendar_places import value_or
from cockpit.pages.schedule_cron import LineRefused, Understood, understood
from cockpit.pages.zones import offered
from inventory.edit import ABSENT
from inventory.editing.emitting import scalar
from inventory.editing.values import Put, tree_of
from inventory.errors import InventoryRefusal
from inventory.paths import folder_of


def cron_form(request: HttpRequest, item: Any) -> Form:
    """Return the form, with what was understood of the line in it."""
    given = dict(request.POST.lists()) if request.method == "POST" else {}
    found: dict[str, Any] = {"zones": offered("Europe/Berlin"), "name": f"{item.name}-days"}
    if given:
        try:
            found["understood"] = _read(request, item)
        except LineRefused as refused:
            found["refused"] = str(refused)
    return Form("cron", "", "cron", given, None, (), found)


def take_over(request: HttpRequest, actor: Actor, item: Any) -> None:
    """Make the calendars of a line and add its times to the schedule: both or nothing.

    Raises:
        NotKept: the line says no times, or something of it cannot be kept.
    """
    try:
        found = _read(request, item)
    except LineRefused as refused:
        raise NotKept(422, [_problem(str(refused), "line")]) from None
    folder = folder_of(item.path)
    at = len(value_or(tree_of(item.source), ("calendars",)) or ())
    puts = [Put(("calendars", at + n), entry) for n, entry in enumerate(found.entries)]
    with transaction.atomic():
        for name, document in found.calendars.items():
            path = f"{folder}/{name}" if folder else name
            require_at(actor.account, Verb.EDIT, path)
            try:
                put_with_audit(request, actor, "calendar", path, _source(found, document), ABSENT)
            except InventoryRefusal as refused:
                told = [_problem(problem["text"], "name") for problem in problems_of(refused)]
                raise NotKept(422, told) from None
        keep(request, actor, item, puts)


def _read(request: HttpRequest, item: Any) -> Understood:
    name = request.POST.get("name", "").strip() or f"{item.name}-days"
    zone = request.POST.get("zone", "").strip() or "Etc/UTC"
    return understood(request.POST.get("line", ""), zone, name)


def _source(found: Understood, document: dict[str, Any]) -> str:
    lines = [f"title: {scalar(f'Days of crontab {found.line.split(chr(32) * 2)[0]}'[:200])}"]
    return (
        "\n".join([*lines, *(f"{key}: {scalar(value)}" for key, value in document.items())]) + "\n"
    )


def _problem(text: str, place: str) -> dict[str, str]:
    return {"text": text, "place": place, "level": "error"}
