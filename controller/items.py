"""Deployed versions on their way into the controller: verified, read, made into programs."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from engine import seal
from engine.objects.model import Object
from engine.objects.read import KINDS, AnyObject, read_object
from engine.objects.template import Template
from engine.order.requests import Answered, SignedItem, TakeItems
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from timetable.calendar import Calendar
from timetable.schedule import Schedule

WORKFLOW = "workflow"


def verify_items(public: Ed25519PublicKey, request: TakeItems) -> list[Answered]:
    """Return for each item whether the site's key has signed it."""
    return [
        Answered(item.path, ok=True)
        if seal.verify(public, item)
        else Answered(
            item.path, ok=False, code="not-signed", sentence="The site's key has not signed it."
        )
        for item in request.items
    ]


def take_items(request: TakeItems) -> tuple[list[Program], list[Answered]]:
    """Return the programs of the workflows in a request, with an answer for each item."""
    programs, answers = [], []
    for item in request.items:
        found = program_of(item) if item.kind == WORKFLOW else _reading(item)
        if isinstance(found, str):
            answers.append(Answered(item.path, ok=False, code="invalid", sentence=found))
            continue
        if isinstance(found, Program):
            programs.append(found)
        answers.append(Answered(item.path, ok=True))
    return programs, answers


def object_of(item: SignedItem) -> Object | None:
    """Return the lock, board or job resource of a signed version; None if there is none in it."""
    found = _reading(item)
    return None if isinstance(found, str | Template | Calendar | Schedule) else found


def _reading(item: SignedItem) -> AnyObject | str:
    if item.kind not in KINDS:
        return f"The controller does not know objects of kind {item.kind}."
    reading = read_object(item.kind, item.document)
    if reading.object is None:
        return " ".join(f"{p.place}: {p.sentence}" for p in reading.problems)
    return reading.object


def program_of(item: SignedItem) -> Program | str:
    """Return the program of a signed workflow, or the sentence that says why it has none."""
    if item.kind != WORKFLOW:
        return f"The controller does not know objects of kind {item.kind}."
    reading = read_workflow(item.document)
    if reading.workflow is None:
        return " ".join(f"{p.place}: {p.sentence}" for p in reading.problems)
    return Program(item.path, item.version, reading.workflow)


def refused_items(answers: list[Answered]) -> list[Answered]:
    """Return the answers of an all-or-nothing request in which something was refused."""
    return [
        Answered(
            a.id, ok=False, code="not-taken", sentence="Another object of the request was refused."
        )
        if a.ok
        else a
        for a in answers
    ]
