"""Verbs of the editor on the draft of a workflow: operate, undo, redo; each in one transaction.

Each edit is kept in the log of the draft, so going back survives whatever ends meanwhile. A text
that was changed elsewhere ends the way back: what lies before it is not taken back through it.
"""

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from django.db import transaction
from django.db.models.functions import Now

from engine.workflow.problem import problem
from inventory import keeping
from inventory.change import Change
from inventory.check import located, refusal_reasons
from inventory.editing import EditingRefusal, Operation, edited
from inventory.editing.apply import text_moved
from inventory.editing.delta import Delta, delta, redone, undone
from inventory.editing.following import Moved
from inventory.errors import DraftRefused, InventoryRefusal
from inventory.keeping import snapshot
from inventory.models import DraftEdit, Item
from inventory.presence import refuse_held
from inventory.tree_lock import Hold, hold_tree

KIND = "workflow"
MOST_EDITS = 2_000
"""So many edits of a draft can be taken back."""


class OperationRefused(InventoryRefusal):
    """The operation cannot be done on this draft."""

    code = "operation-refused"


class Operated(NamedTuple):
    """What was done: the draft afterwards, the position to look at, the words, the change.

    `moved` says which positions are others now, None where that cannot be told.
    """

    item: Item
    at: str
    words: str
    change: Change
    moved: Moved | None = None


def operate(
    path: str, operation: Operation, *, account: str, edit_no: int | None = None, request: str = ""
) -> Operated:
    """Do an operation on a draft and note it; `request` is a name that is told from all others.

    Raises:
        ItemUnknown, EditedMeanwhile, HeldBySomebody: as they say.
        OperationRefused: it cannot be done there.
        DraftRefused: the text is too large by now.
    """
    with transaction.atomic():
        item = _held(path, account, edit_no)
        before = snapshot(item)
        done = _done(path, lambda: edited(item.source, operation))
        given = msgspec.to_builtins(operation)
        if given.get("do") == "write":
            given = {"do": "write"}  # the text itself is in the difference
        item = _kept(item, done.source, account, _Told(_asked(given, request), done.words, done.at))
        change = _change("edit", path, before, item)
        return Operated(item, done.at, done.words, change, done.moved)


def keep_text(path: str, source: str, *, account: str, edit_no: int | None = None) -> Operated:
    """Keep a whole text, also one that cannot be read, as an edit that can be taken back.

    Raises:
        ItemUnknown, EditedMeanwhile, HeldBySomebody, DraftRefused: as they say.
    """
    with transaction.atomic():
        item = _held(path, account, edit_no)
        before = snapshot(item)
        item = _kept(item, source, account, _Told({"do": "write"}, "edited the source", ""))
        return Operated(item, "", "edited the source", _change("edit", path, before, item))


def undo(path: str, *, account: str, edit_no: int | None = None, request: str = "") -> Operated:
    """Take back the last edit of a draft that is not taken back yet.

    Raises:
        ItemUnknown, EditedMeanwhile, HeldBySomebody: as they say.
        OperationRefused: there is nothing to take back.
    """
    with transaction.atomic():
        item = _held(path, account, edit_no)
        row = last_edit(item)
        if row is None:
            raise _refused(path, "There is nothing to undo.")
        text = _done(path, lambda: undone(item.source, _delta(row)))
        return _went(item, row, text, _Way(account, request, is_undo=True))


def redo(path: str, *, account: str, edit_no: int | None = None, request: str = "") -> Operated:
    """Do again what was taken back last.

    Raises:
        ItemUnknown, EditedMeanwhile, HeldBySomebody: as they say.
        OperationRefused: nothing was taken back.
    """
    with transaction.atomic():
        item = _held(path, account, edit_no)
        row = next_edit(item)
        if row is None:
            raise _refused(path, "There is nothing to do again.")
        text = _done(path, lambda: redone(item.source, _delta(row)))
        return _went(item, row, text, _Way(account, request, is_undo=False))


def last_edit(item: Item) -> DraftEdit | None:
    """Return the edit that can be taken back, None where there is none."""
    row = DraftEdit.objects.filter(item=item, undone=False).order_by("-number").first()
    return row if row and row.digest_after == _digest(item.source) else None


def next_edit(item: Item) -> DraftEdit | None:
    """Return the edit that can be done again, None where there is none."""
    row = DraftEdit.objects.filter(item=item, undone=True).order_by("number").first()
    return row if row and row.digest_before == _digest(item.source) else None


class Steps(NamedTuple):
    """What can be taken back and done again, in words; empty for nothing."""

    back: str = ""
    forth: str = ""


def steps_of(item: Item) -> Steps:
    """Return how far one can go back and forth."""
    edits = DraftEdit.objects.filter(item=item)
    fields = ("undone", "words", "digest_before", "digest_after")
    last = edits.filter(undone=False).order_by("-number").values_list(*fields)[:1]
    following = edits.filter(undone=True).order_by("number").values_list(*fields)[:1]
    now, found = _digest(item.source), Steps()
    for is_undone, words, before, after in last.union(following, all=True):
        if is_undone and before == now:
            found = found._replace(forth=words)
        elif not is_undone and after == now:
            found = found._replace(back=words)
    return found


def is_done(item: Item, account: str, edit_no: int, request: str) -> bool:
    """Tell whether a request is what gave the draft its number after this one.

    Whoever never got the answer to a request asks again.
    """
    rows = DraftEdit.objects.filter(item=item, account=account, edit_no=item.edit_no)
    asked = rows.filter(operation__request=request)
    return bool(request) and item.edit_no == edit_no + 1 and asked.exists()


def edits_since(item: Item, edit_no: int) -> list[str]:
    """Return who did what since somebody saw the draft with this number."""
    rows = DraftEdit.objects.filter(item=item, edit_no__gt=edit_no).order_by("edit_no")
    return [f"{row.account} {'took back: ' if row.undone else ''}{row.words}" for row in rows[:20]]


class _Told(NamedTuple):
    """What the log says of an edit."""

    operation: dict[str, Any]
    words: str
    at: str


def _held(path: str, account: str, edit_no: int | None) -> Item:
    hold_tree(Hold.EDIT)
    item = keeping.present(KIND, path, edit_no)
    refuse_held(item, account)
    return item


def _kept(item: Item, source: str, account: str, told: _Told) -> Item:
    if source == item.source:
        return item
    reasons = refusal_reasons(item.kind, item.path, source)
    if reasons:
        raise DraftRefused(reasons)
    before = item.source
    item = keeping.write(item, keeping.fields_of(item.kind, source, account))
    edits = DraftEdit.objects.filter(item=item)
    edits.filter(undone=True).delete()
    newest = edits.order_by("-number").values_list("number", flat=True).first() or 0
    change = delta(before, source)
    DraftEdit.objects.create(
        item=item, number=newest + 1, account=account, made_at=Now(),
        operation=told.operation, words=told.words, at=told.at,
        begin=change.begin, removed=change.removed, added=change.added,
        digest_before=_digest(before), digest_after=_digest(source), edit_no=item.edit_no,
    )  # fmt: skip
    edits.filter(number__lte=newest + 1 - MOST_EDITS).delete()
    return item


class _Way(NamedTuple):
    """Who goes back or forth, in which request."""

    account: str
    request: str
    is_undo: bool


def _went(item: Item, row: DraftEdit, text: str, way: _Way) -> Operated:
    before, old = snapshot(item), item.source
    item = keeping.write(item, keeping.fields_of(item.kind, text, way.account))
    DraftEdit.objects.filter(pk=row.pk).update(
        undone=way.is_undo, edit_no=item.edit_no, operation=_asked(row.operation, way.request),
    )  # fmt: skip
    words = f"{'undid' if way.is_undo else 'did again'}: {row.words}"
    change = _change("undo" if way.is_undo else "redo", item.path, before, item)
    return Operated(item, row.at, words, change, text_moved(old, text))


def _asked(operation: dict[str, Any], request: str) -> dict[str, Any]:
    return {**operation, "request": request} if request else operation


def _done(path: str, act: Callable[[], Any]) -> Any:
    try:
        return act()
    except EditingRefusal as refused:
        raise _refused(path, str(refused)) from refused


def _refused(path: str, sentence: str) -> OperationRefused:
    found = problem((), "operation-refused", sentence)
    return OperationRefused(located(KIND, path, [found]))


def _change(verb: str, path: str, before: dict[str, Any] | None, item: Item) -> Change:
    return Change(verb, KIND, path, before, snapshot(item))


def _delta(row: DraftEdit) -> Delta:
    return Delta(row.begin, row.removed, row.added)


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()
