"""The dialogs of a workflow: suspend and resume it, skip labels, stop before places, transfer."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import require_at
from cockpit.access.policy import Verb
from cockpit.api import asking
from cockpit.api.controls import ControlSeen, control_seen
from cockpit.api.orders.preview_objects import preview_of_control
from cockpit.api.problem import Refusal
from cockpit.audit import Deed
from cockpit.pages.addresses import workflow_at
from cockpit.pages.asking import operation_at, reason_of, told
from cockpit.pages.door import by_htmx, leave_to, own_address, page, render
from cockpit.pages.overlays import overlay_of
from cockpit.pages.picture import picture_at, stoppable
from cockpit.pages.transferring import outlook
from cockpit.pages.workflow import program_of
from engine.order.requests import Answer, ControlWorkflow, Request, TransferOrders
from engine.position import to_text
from engine.workflow.program import Program

SHOWN = 50


class Dialog(NamedTuple):
    """How a dialog presents itself; `done` is what came of it."""

    title: str
    submit: str
    done: str


DIALOGS: Mapping[str, Dialog] = {
    "suspend": Dialog("Suspend workflow", "Suspend", "is suspended"),
    "resume": Dialog("Resume workflow", "Resume", "goes on"),
    "labels": Dialog("Skip labels", "Save", "skips what you chose"),
    "stops": Dialog("Stop before", "Save", "stops where you chose"),
    "transfer": Dialog("Transfer orders", "Transfer", "has its orders on the newest version"),
}


@page(Verb.OPERATE)
def control_workflow(request: HttpRequest, actor: Actor, path: str, verb: str) -> HttpResponse:
    """Show one of the dialogs of a workflow, or ask for what it says."""
    require_at(actor.account, Verb.OPERATE, path)
    program = program_of(actor.account, path)
    control = control_seen(actor.account, path)
    given = request.POST if request.method == "POST" else request.GET
    back_to = own_address(given.get("next", ""), workflow_at(path))
    problems: list[str] = []
    if request.method == "POST" and not request.POST.get("again"):
        requests = _REQUESTS[verb](program, control, request.POST)
        if requests:
            operation, answer = _asked(request, actor, verb, program, requests)
            if answer is None or (verb == "transfer" and not answer.ok):
                return leave_to(request, operation_at(operation, back_to))
            problems = [each.sentence for each in answer.answers if not each.ok]
        if not problems:
            word = DIALOGS[verb].done if requests else "stays as it is"
            return told(request, f"Workflow {path} {word}.", back_to=back_to)
    context = _context(actor, verb, program, control, given) | _effects(
        actor, verb, program, control, given
    )
    context |= {
        "problems": [{"text": text, "place": ""} for text in problems],
        "back": back_to,
        "comment": given.get("comment", ""),
        "ticket": given.get("ticket", ""),
    }
    in_dialog = by_htmx(request)
    template = "parts/form_dialog.html" if in_dialog else "parts/form_page.html"
    return render(request, actor, template, context, 409 if problems else 200)


def _asked(
    request: HttpRequest, actor: Actor, verb: str, program: Program, requests: Sequence[Request]
) -> tuple[uuid.UUID, Answer | None]:
    deed = Deed(verb=verb, kind="workflow", objects=[program.path])
    return asking.ask_all(
        list(requests), deed, actor=actor, reason=reason_of(request), asked_in=request
    )


def _context(
    actor: Actor, verb: str, program: Program, control: ControlSeen, given: Any
) -> dict[str, Any]:
    dialog = DIALOGS[verb]
    found: dict[str, Any] = {
        "page_title": f"{dialog.title}: {program.path}",
        "verb": verb,
        "path": program.path,
        "action": workflow_at(program.path, verb),
        "submit_text": dialog.submit,
        "keep_text": "Leave it",
        "control": control,
        "program": program,
        "fields": "cockpit/workflows/control_fields.html",
    }
    match verb:
        case "labels":
            wanted = _labels_wanted(control, given)
            places = program.labels.items()
            found["labels"] = [(name, to_text(at), name in wanted) for name, at in places]
            found["lost"] = [name for name in control.skipped if name not in program.labels]
        case "stops":
            found["value"] = _stops_given(control, given)
            overlay = overlay_of(actor.account, program)
            found["overlay"] = overlay._replace(picks=stoppable(program))
            found["picture_url"] = picture_at(program.path, pick="stop")
        case "transfer":
            only_possible = given.get("only_possible") == "1"
            found["only_possible"] = only_possible
            found["outlook"] = outlook(actor.account, program, only_possible=only_possible)
        case _:
            pass
    return found


def _toggled(stops: Sequence[str], position: str | None) -> list[str]:
    others = [stop for stop in stops if stop != position]
    return [*others, position] if position and len(others) == len(stops) else others


def _labels_wanted(control: ControlSeen, given: Any) -> set[str]:
    if "labels" in given or "again" in given:
        return set(given.getlist("labels"))
    return set(control.skipped) ^ ({given["toggle"]} if given.get("toggle") else set())


def _stops_given(control: ControlSeen, given: Any) -> str:
    stops = [stop.position for stop in control.stops]
    return str(given.get("stops", "\n".join(_toggled(stops, given.get("toggle")))))


def _effects(
    actor: Actor, verb: str, program: Program, control: ControlSeen, given: Any
) -> dict[str, Any]:
    """Return what the form as it is now would mean for the orders of the workflow."""
    match verb:
        case "transfer":
            return {}
        case "labels":
            asked = _labels_changed(program, control, _labels_wanted(control, given))
        case "stops":
            asked = _stops_changed(program, control, _stops_given(control, given))
        case _:
            asked = _plain(program, verb)
    try:
        seen = [preview_of_control(actor.account, one) for one in asked]
    except Refusal:
        seen = []  # a place that is not there: the answer says so
    orders = [effect for each in seen for effect in each.orders]
    return {
        "shows_effects": bool(seen),
        "seen": seen[0] if len(seen) == 1 else None,
        "lines": [(effect, "") for effect in orders[:SHOWN]],
        "counts": [count for each in seen for count in each.counts],
        "ids": range(sum(each.matched for each in seen)),
        "not_shown": sum(each.matched for each in seen) - len(orders[:SHOWN]),
    }


def _plain(program: Program, verb: str) -> list[ControlWorkflow]:
    return [ControlWorkflow(program.path, verb)]  # type: ignore[arg-type]  # one of two literals


def _labels_changed(
    program: Program, control: ControlSeen, wanted: set[str]
) -> list[ControlWorkflow]:
    now = set(control.skipped)
    pairs: list[tuple[Any, set[str]]] = [("skip", wanted - now), ("unskip", now - wanted)]
    return [
        ControlWorkflow(program.path, verb, labels=tuple(sorted(labels)))
        for verb, labels in pairs
        if labels
    ]


def _stops_changed(program: Program, control: ControlSeen, given: str) -> list[ControlWorkflow]:
    wanted = {line.strip() for line in given.splitlines() if line.strip()}
    now = {stop.position for stop in control.stops}
    pairs: list[tuple[Any, set[str]]] = [("stop", wanted - now), ("unstop", now - wanted)]
    return [
        ControlWorkflow(program.path, verb, positions=tuple(sorted(positions)))
        for verb, positions in pairs
        if positions
    ]


def _asked_labels(program: Program, control: ControlSeen, given: Any) -> list[Request]:
    return [*_labels_changed(program, control, set(given.getlist("labels")))]


def _asked_stops(program: Program, control: ControlSeen, given: Any) -> list[Request]:
    return [*_stops_changed(program, control, given.get("stops", ""))]


def _asked_transfer(program: Program, _control: ControlSeen, given: Any) -> list[Request]:
    only_possible = given.get("only_possible") == "1"
    return [TransferOrders(program.path, only_possible=only_possible)]


_REQUESTS: Mapping[str, Callable[[Program, ControlSeen, Any], list[Request]]] = {
    "suspend": lambda program, _control, _given: [*_plain(program, "suspend")],
    "resume": lambda program, _control, _given: [*_plain(program, "resume")],
    "labels": _asked_labels,
    "stops": _asked_stops,
    "transfer": _asked_transfer,
}
