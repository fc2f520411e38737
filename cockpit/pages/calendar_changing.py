"""Keeping a draft that a form has changed: with its audit row, guarded by the number seen."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.access.gate import require_at
from cockpit.access.policy import Verb
from cockpit.api.problem import FieldProblem
from cockpit.pages.asking import reason_of
from cockpit.pages.drafts import deed_of
from inventory import edit
from inventory.editing import EditingRefusal
from inventory.editing.values import Put, with_values
from inventory.errors import EditedMeanwhile, InventoryRefusal


class NotKept(Exception):
    """A change that was not kept; `status` is of the answer, `problems` say why."""

    def __init__(self, status: int, problems: Sequence[dict[str, str]]) -> None:
        super().__init__(status)
        self.status, self.problems = status, list(problems)


def keep(request: HttpRequest, actor: Actor, item: Any, puts: Sequence[Put]) -> None:
    """Keep a draft with other values, if nobody has changed it since the form was shown.

    Raises:
        NotKept: somebody has, or the text cannot be changed so.
    """
    require_at(actor.account, Verb.EDIT, item.path)
    if number_of(request) != item.edit_no:
        raise NotKept(409, [_moved(item)])
    try:
        keep_text(request, actor, item, with_values(item.source, puts))
    except EditingRefusal as unfit:
        raise NotKept(422, [{"text": str(unfit), "place": "", "level": "error"}]) from None


def keep_text(request: HttpRequest, actor: Actor, item: Any, source: str) -> None:
    """Keep another text of a draft, if nobody has changed it since it was read.

    Raises:
        NotKept: somebody has, or it cannot be kept.
    """
    try:
        with transaction.atomic():
            put_with_audit(request, actor, item.kind, item.path, source, item.edit_no)
    except EditedMeanwhile:
        raise NotKept(409, [_moved(item)]) from None
    except InventoryRefusal as refused:
        raise NotKept(422, problems_of(refused)) from None


def put_with_audit(
    request: HttpRequest, actor: Actor, kind: str, path: str, source: str, edit_no: int | None
) -> None:
    """Keep a draft and its audit row; to be called within a transaction.

    Raises:
        InventoryRefusal: it cannot be kept.
    """
    done = edit.put_draft(kind, path, source, account=actor.account.name, edit_no=edit_no)
    if done.changed:
        audit.record(actor, deed_of(done), reason_of(request))


def problems_of(refused: InventoryRefusal) -> list[dict[str, str]]:
    """Return what a refusal says, as forms show it."""
    return [
        {"text": found.problem.sentence, "place": found.problem.place, "level": "error"}
        for found in refused.problems
    ]


def at_fields(problems: Sequence[FieldProblem]) -> list[dict[str, str]]:
    """Return problems of a form as its template shows them."""
    return [{"text": p.sentence, "place": p.field, "level": "error"} for p in problems]


def number_of(request: HttpRequest) -> int:
    """Return the number of the draft that a form was shown for; 0 where it names none."""
    text = request.POST.get("edit_no", "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _moved(item: Any) -> dict[str, str]:
    sentence = (
        f"{item.changed_by} has changed the draft since you opened this form; nothing of yours was"
        " kept. The page shows the draft as it is now: look at it and send the form again."
    )
    return {"text": sentence, "place": "", "level": "error"}
