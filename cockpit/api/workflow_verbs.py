"""`/workflows/{path}/{verb}/`: what concerns all orders of a workflow."""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from msgspec import Meta
from rest_framework.request import Request

from cockpit.access.failures import NotThere
from cockpit.access.gate import require_at
from cockpit.access.policy import Verb
from cockpit.api import asking
from cockpit.api.controls import WorkflowControlSeen, control_seen
from cockpit.api.documented import told
from cockpit.api.orders import answering
from cockpit.api.orders.adding import place_problems, position_text
from cockpit.api.orders.bodies import Accepted, Path, Place, Remark, Ticket
from cockpit.api.orders.load import current_version, program_at
from cockpit.api.orders.preview import Preview
from cockpit.api.orders.preview_objects import preview_of_control
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.view import View
from cockpit.audit import Deed, Reason
from engine.errors import CommandRefused
from engine.order.places import read_position
from engine.order.requests import ControlWorkflow
from engine.workflow.program import Program

_MOST = 1_000


class WorkflowBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Freezes the orders of a workflow after their running step, or lets them go on.

    `dry_run` tells what that means for each of its orders and changes nothing.
    """

    comment: Remark = ""
    ticket: Ticket = ""
    dry_run: bool = False


class LabelBody(WorkflowBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Skips instructions by their labels, or no longer: orders that reach one pass it by."""

    labels: Annotated[list[Path], Meta(min_length=1, max_length=_MOST)]


class StopBody(WorkflowBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Puts stops before instructions, or takes them away: who reaches one is suspended."""

    positions: Annotated[list[Place], Meta(max_length=_MOST)] = []
    labels: Annotated[list[Path], Meta(max_length=_MOST)] = []


CONTROLS: dict[str, type[WorkflowBody]] = {
    "suspend": WorkflowBody,
    "resume": WorkflowBody,
    "skip": LabelBody,
    "unskip": LabelBody,
    "stop": StopBody,
    "unstop": StopBody,
}
EXAMPLES: dict[str, Any] = {
    "suspend or resume": {"comment": "the source is being repaired", "ticket": "OPS-17"},
    "skip or unskip": {"labels": ["load", "publish"]},
    "stop or unstop": {"positions": ["1/then/0"], "labels": ["publish"]},
    "what it would mean": {"dry_run": True},
}


class WorkflowVerb(View):
    """What the verbs on a workflow have in common."""

    verbs = {"POST": Verb.OPERATE}

    def version(self, path: str) -> str:
        """Return the version that new orders get.

        Raises:
            NotThere: it is not deployed, or the account may not see it.
            Forbidden: the account may only look at it.
        """
        found = current_version(self.account, path)
        if found is None:
            raise NotThere(f"No workflow {path} is deployed.", "workflow-unknown")
        require_at(self.account, Verb.OPERATE, path)
        return found


class WorkflowControl(WorkflowVerb):
    """Suspends, resumes, skips and stops."""

    @told(
        body=(WorkflowBody, LabelBody, StopBody),
        answers={200: (WorkflowControlSeen, Preview), 202: Accepted},
        problems=(409,),
        examples=EXAMPLES,
    )
    def post(self, request: Request, path: str, verb: str) -> HttpResponse:
        """Change what all orders of a workflow may do; answers with what is in force then."""
        body = self.body(CONTROLS[verb])
        program = program_at(self.account, path, self.version(path))
        asked = control_request(path, verb, body, program)
        if body.dry_run:
            return as_json(preview_of_control(self.account, asked))
        operation, answer = asking.ask(
            asked,
            Deed(verb=verb, kind="workflow", objects=[path], after=asking.given_of(asked)),
            actor=self.actor,
            reason=Reason(body.comment, body.ticket),
            asked_in=request._request,  # noqa: SLF001
        )
        if answer is None:
            return answering.later(operation)
        asking.refuse(answer)
        return as_json(control_seen(self.account, path))


def control_request(
    path: str, verb: str, body: WorkflowBody, program: Program | None
) -> ControlWorkflow:
    """Return what a body asks of a workflow; `program` is its newest version, where it is known.

    Raises:
        Refusal: with everything that is wrong with its labels and positions.
    """
    labels: list[str] = getattr(body, "labels", [])
    positions: list[str | list[int | str]] = getattr(body, "positions", [])
    problems = [
        FieldProblem(*found)
        for n, place in enumerate(positions)
        for found in place_problems(f"positions[{n}]", place)
    ]
    if isinstance(body, StopBody) and not labels and not positions:
        problems.append(FieldProblem("positions", "Give positions or labels."))
    if problems:
        raise invalid(problems)
    texts = [position_text(place) or "" for place in positions]
    if program is not None and (problems := list(_unknown(program, verb, labels, texts))):
        raise invalid(problems)
    # CONTROLS holds exactly the verbs of the request.
    return ControlWorkflow(path, verb, tuple(labels), tuple(texts))  # type: ignore[arg-type]


def _unknown(
    program: Program, verb: str, labels: list[str], positions: list[str]
) -> Iterator[FieldProblem]:
    """Yield what the workflow does not have; what is taken away may have gone with a version."""
    for n, label in enumerate(labels):
        if verb != "unskip" and label not in program.labels:
            sentence = f"{program.path} has no label {label!r}."
            yield FieldProblem(f"labels[{n}]", sentence, "label-unknown")
    for n, text in enumerate(positions):
        try:
            read_position(program, text)
        except CommandRefused as refused:
            yield FieldProblem(f"positions[{n}]", refused.sentence, refused.code)
