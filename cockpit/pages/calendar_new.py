"""`/inventory/calendar/-/new/`, also of schedules: a name and a few choices make a draft."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from cockpit.access.account import Actor
from cockpit.access.gate import require_at
from cockpit.access.policy import Account, Verb
from cockpit.pages import drafts
from cockpit.pages.addresses import object_at
from cockpit.pages.asking import told
from cockpit.pages.calendar_changing import at_fields, problems_of, put_with_audit
from cockpit.pages.calendar_known import choices
from cockpit.pages.calendar_rules import first
from cockpit.pages.door import page, render
from cockpit.pages.kind_words import WORDS
from cockpit.pages.schedule_forms import schedule_puts
from cockpit.pages.schedule_known import workflow_names
from cockpit.pages.zones import offered
from inventory.edit import ABSENT
from inventory.editing.emitting import scalar
from inventory.errors import InventoryRefusal
from timetable.calendar import CalendarType

BEGINNINGS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "weekdays": ("Monday to Friday", {"weekdays": [{"days": [1, 2, 3, 4, 5]}]}),
    "all": ("every day", {"weekdays": [{"days": [0, 1, 2, 3, 4, 5, 6]}]}),
    "none": ("no rule yet", {}),
}
_TYPES = (
    (CalendarType.WORKING.value, "working days"),
    (CalendarType.NON_WORKING.value, "non-working days"),
)


@page(Verb.EDIT)
def new_calendar(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Show the form of a new calendar, or make it."""
    if "source" in request.POST:
        return drafts.new_draft(request, kind="calendar")
    given = _given(request)
    return _new(request, actor, "calendar", given, lambda: (_calendar_source(given), []))


@page(Verb.EDIT)
def new_schedule(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Show the form of a new schedule, or make it."""
    if "source" in request.POST:
        return drafts.new_draft(request, kind="schedule")
    given = _given(request)
    return _new(request, actor, "schedule", given, lambda: _schedule_source(given))


def _new(
    request: HttpRequest,
    actor: Actor,
    kind: str,
    given: Mapping[str, list[str]],
    read: Callable[[], tuple[str, list[dict[str, str]]]],
) -> HttpResponse:
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        path = first(given, "path")
        require_at(actor.account, Verb.EDIT, path)
        source, problems = read()
        if not problems:
            try:
                with transaction.atomic():
                    put_with_audit(request, actor, kind, path, source, ABSENT)
            except InventoryRefusal as refused:
                problems = problems_of(refused)
            else:
                return told(request, f"{path} is made.", back_to=object_at(kind, path))
    words = WORDS[kind]
    context = {
        "page_title": f"New {words.title.lower()}", "kind": kind, "words": words, "given": given,
        "problems": problems, **_offered(actor.account, kind),
    }  # fmt: skip
    return render(request, actor, "calendars/new.html", context, 422 if problems else 200)


def _given(request: HttpRequest) -> dict[str, list[str]]:
    if request.method == "POST":
        return dict(request.POST.lists())
    folder = request.GET.get("folder", "").strip("/")
    return {"path": [f"{folder}/" if folder else ""], "by_itself": ["1"]}


def _offered(account: Account, kind: str) -> dict[str, Any]:
    if kind == "calendar":
        return {"types": _TYPES, "beginnings": [(n, text) for n, (text, _) in BEGINNINGS.items()]}
    return {
        "workflows": workflow_names(account),
        "calendars": choices(account, CalendarType.WORKING),
        "zones": offered("Europe/Berlin"),
    }


def _calendar_source(given: Mapping[str, list[str]]) -> str:
    begin = BEGINNINGS.get(first(given, "begin"), BEGINNINGS["weekdays"])[1]
    kind = first(given, "type")
    said = kind if kind in dict(_TYPES) else CalendarType.WORKING.value
    return _titled(given) + f"type: {said}\n" + _block("includes", begin)


def _schedule_source(given: Mapping[str, list[str]]) -> tuple[str, list[dict[str, str]]]:
    found: dict[str, Any] = {}
    problems = []
    for kind, to in (("workflow", ""), ("entry", "entry")):
        puts, wrong = schedule_puts({}, kind, given, to=to)
        problems += at_fields(wrong)
        found |= {str(put.path[0]): put.value for put in puts}
    if problems:
        return "", problems
    automatic = "true" if first(given, "by_itself") else "false"
    entry = found["calendars"]
    lines = [
        f"workflowNames: {scalar(found['workflowNames'])}",
        f"planOrderAutomatically: {automatic}",
        f"submitOrderToControllerWhenPlanned: {automatic}",
        "calendars:",
    ]
    for at, (name, value) in enumerate(entry.items()):
        dash = "  - " if at == 0 else "    "
        if name != "periods" or not value:
            lines.append(f"{dash}{name}: {scalar(value)}")
        else:
            lines += ["    periods:", *(f"      - {scalar(period)}" for period in value)]
    return _titled(given) + "\n".join(lines) + "\n", []


def _titled(given: Mapping[str, list[str]]) -> str:
    title = first(given, "title")
    return f"title: {scalar(title)}\n" if title else ""


def _block(name: str, rules: Mapping[str, list[Any]]) -> str:
    if not rules:
        return f"{name}: {{}}\n"
    lines = [f"{name}:"]
    for kind, values in rules.items():
        lines += [f"  {kind}:", *(f"    - {scalar(value)}" for value in values)]
    return "\n".join(lines) + "\n"
