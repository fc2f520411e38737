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
from cockpit.audit import Deed
from cockpit.pages.addresses import workflow_at
from cockpit.pages.asking import operation_at, reason_of, told
from cockpit.pages.door import leave_to, own_address, page, render
from cockpit.pages.overlays import overlay_of
from cockpit.pages.picture import picture_at, stoppable
from cockpit.pages.transferring import outlook
from cockpit.pages.workflow import program_of
from engine.order.requests import Answer, ControlWorkflow, Request, TransferOrders
from engine.position import to_text
from engine.workflow.program import Program


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
    if request.method == "POST":
        requests = _REQUESTS[verb](program, control, request.POST)
        if requests:
            operation, answer = _asked(request, actor, verb, program, requests)
            if answer is None or (verb == "transfer" and not answer.ok):
                return leave_to(request, operation_at(operation, back_to))
            problems = [each.sentence for each in answer.answers if not each.ok]
        if not problems:
            word = DIALOGS[verb].done if requests else "stays as it is"
            return told(request, f"Workflow {path} {word}.", back_to=back_to)
    context = _context(actor, verb, program, control, given) | {
        "problems": [{"text": text, "place": ""} for text in problems],
        "back": back_to,
        "comment": given.get("comment", ""),
        "ticket": given.get("ticket", ""),
    }
    in_dialog = request.headers.get("HX-Request") == "true"
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
            wanted = set(control.skipped) ^ {given.get("toggle", "")}
            if "labels" in given:
                wanted = set(given.getlist("labels"))
            places = program.labels.items()
            found["labels"] = [(name, to_text(at), name in wanted) for name, at in places]
            found["lost"] = [name for name in control.skipped if name not in program.labels]
        case "stops":
            stops = [stop.position for stop in control.stops]
            found["value"] = given.get("stops", "\n".join(_toggled(stops, given.get("toggle"))))
            overlay = overlay_of(actor.account, program)
            found["overlay"] = overlay._replace(picks=stoppable(program))
            found["picture_url"] = picture_at(program.path, pick="stop")
        case "transfer":
            found["outlook"] = outlook(actor.account, program)
        case _:
            pass
    return found


def _toggled(stops: Sequence[str], position: str | None) -> list[str]:
    others = [stop for stop in stops if stop != position]
    return [*others, position] if position and len(others) == len(stops) else others


def _plain(program: Program, verb: str) -> list[Request]:
    return [ControlWorkflow(program.path, verb)]  # type: ignore[arg-type]  # one of two literals


def _labels(program: Program, control: ControlSeen, given: Any) -> list[Request]:
    wanted, now = set(given.getlist("labels")), set(control.skipped)
    found: list[Request] = []
    if wanted - now:
        found.append(ControlWorkflow(program.path, "skip", labels=tuple(sorted(wanted - now))))
    if now - wanted:
        found.append(ControlWorkflow(program.path, "unskip", labels=tuple(sorted(now - wanted))))
    return found


def _stops(program: Program, control: ControlSeen, given: Any) -> list[Request]:
    wanted = {line.strip() for line in given.get("stops", "").splitlines() if line.strip()}
    now = {stop.position for stop in control.stops}
    found: list[Request] = []
    if wanted - now:
        found.append(ControlWorkflow(program.path, "stop", positions=tuple(sorted(wanted - now))))
    if now - wanted:
        found.append(ControlWorkflow(program.path, "unstop", positions=tuple(sorted(now - wanted))))
    return found


_REQUESTS: Mapping[str, Callable[[Program, ControlSeen, Any], list[Request]]] = {
    "suspend": lambda program, _control, _given: _plain(program, "suspend"),
    "resume": lambda program, _control, _given: _plain(program, "resume"),
    "labels": _labels,
    "stops": _stops,
    "transfer": lambda program, _control, _given: [TransferOrders(program.path)],
}
