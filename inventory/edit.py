"""Verbs on drafts. Each returns what it changed; an invalid draft is kept with its problems.

The caller may wrap a verb into its own transaction, to write its audit row beside it.
"""

from typing import Any, NoReturn

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from engine.workflow.problem import Problem, problem, shown
from inventory.change import Change
from inventory.check import Examined, examine, located, problems_as_json, refusal_reasons
from inventory.deployed import bound_paths
from inventory.errors import DraftRefused, EditedMeanwhile, ItemUnknown, NameTaken, StillDeployed
from inventory.folders import ensure_folder
from inventory.known import known_names
from inventory.models import Item
from inventory.paths import folder_of, name_of, path_problems
from inventory.tree_lock import Hold, hold_tree

ABSENT = 0
"""As `edit_no`: the item must not be there yet."""


def put_draft(
    kind: str, path: str, source: str, *, account: str, edit_no: int | None = None
) -> Change:
    """Keep a text as the draft of an object, new or changed.

    Args:
        kind: name of the kind, as `workflow`.
        path: path of the object; missing folders are made.
        source: JSON or YAML as written.
        account: who does it.
        edit_no: the number that the caller has seen, `ABSENT` for a new one, None for whichever.

    Raises:
        DraftRefused: it cannot even be kept.
        EditedMeanwhile: the number is another one by now.
        NameTaken: an object in another folder has this name.
    """
    reasons = refusal_reasons(kind, path, source)
    if reasons:
        raise DraftRefused(reasons)
    return _put(kind, path, source, account, edit_no)


def _put(kind: str, path: str, source: str, account: str, edit_no: int | None) -> Change:
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        there = _locked(kind, path)
        _guard(there, kind, path, edit_no)
        before = snapshot(there)
        if there is not None and there.source == source:
            return Change("edit", kind, path, before, before)
        fields = _fields(examine(kind, source, known_names()), source, account)
        made = _create(kind, path, fields) if there is None else _write(there, fields)
        return Change("edit", kind, path, before, snapshot(made))


def rename(kind: str, path: str, to: str, *, account: str, edit_no: int | None = None) -> Change:
    """Give an object another name or folder.

    Raises:
        DraftRefused: the new path is no path.
        ItemUnknown, EditedMeanwhile, NameTaken: as they say.
        StillDeployed: it is deployed under its present path.
    """
    _refuse_path(kind, to)
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        there = _present(kind, path, edit_no)
        _refuse_deployed(kind, path)
        before = snapshot(there)
        fields = {"path": to, "name": name_of(to), "changed_by": account, "changed_at": Now()}
        after = _write(there, {**fields, "folder": ensure_folder(folder_of(to))})
        return Change("rename", kind, path, before, snapshot(after))


def copy(kind: str, path: str, to: str, *, account: str) -> Change:
    """Make a new object with the same text.

    Raises:
        DraftRefused, ItemUnknown, NameTaken: as they say.
    """
    _refuse_path(kind, to)
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        there = _present(kind, path, None)
        made = _create(
            kind, to, _fields(examine(kind, there.source, known_names()), there.source, account)
        )
        return Change("copy", kind, to, None, snapshot(made))


def trash(kind: str, path: str, *, account: str, edit_no: int | None = None) -> Change:
    """Put an object into the trash, where its name is free again.

    Raises:
        ItemUnknown, EditedMeanwhile: as they say.
        StillDeployed: a controller would go on running what nobody sees any more.
    """
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        there = _present(kind, path, edit_no)
        _refuse_deployed(kind, path)
        before = snapshot(there)
        _write(
            there,
            {"trashed_at": Now(), "folder": None, "changed_by": account, "changed_at": Now()},
        )
        return Change("trash", kind, path, before, None)


def restore(kind: str, path: str, *, account: str) -> Change:
    """Take the object that was trashed last at this path out of the trash.

    Raises:
        ItemUnknown: there is none.
        NameTaken: another object has its name by now.
    """
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        rows = Item.objects.filter(kind=kind, path=path, trashed_at__isnull=False)
        there = rows.select_for_update().order_by("-trashed_at", "-pk").first()
        if there is None:
            _refuse_unknown(kind, path, " in the trash")
        folder = ensure_folder(folder_of(path))
        fields = {"trashed_at": None, "folder": folder, "changed_by": account, "changed_at": Now()}
        return Change("restore", kind, path, None, snapshot(_write(there, fields)))


def snapshot(item: Item | None) -> dict[str, Any] | None:
    """Return what the audit log keeps of a draft."""
    if item is None:
        return None
    return {
        "path": item.path,
        "source": item.source,
        "form": item.form,
        "valid": item.valid,
        "edit_no": item.edit_no,
    }


def _fields(examined: Examined, source: str, account: str) -> dict[str, Any]:
    return {
        "form": examined.form.value,
        "source": source,
        "title": examined.frozen.title,
        "valid": examined.valid,
        "digest": examined.frozen.digest,
        "problems": problems_as_json(examined.frozen.problems),
        "changed_by": account,
        "changed_at": Now(),
    }


def _locked(kind: str, path: str) -> Item | None:
    rows = Item.objects.filter(kind=kind, path=path, trashed_at__isnull=True)
    return rows.select_for_update().first()


def _present(kind: str, path: str, edit_no: int | None) -> Item:
    there = _locked(kind, path)
    if there is None:
        _refuse_unknown(kind, path)
    _guard(there, kind, path, edit_no)
    return there


def _create(kind: str, path: str, fields: dict[str, Any]) -> Item:
    item = Item(
        kind=kind, path=path, name=name_of(path), folder=ensure_folder(folder_of(path)), **fields
    )
    try:
        with transaction.atomic():
            item.save(force_insert=True)
    except IntegrityError:
        _refuse_name(kind, path)
    item.refresh_from_db()
    return item


def _write(item: Item, fields: dict[str, Any]) -> Item:
    rows = Item.objects.filter(pk=item.pk, edit_no=item.edit_no)
    try:
        with transaction.atomic():
            written = rows.update(**fields, edit_no=F("edit_no") + 1)
    except IntegrityError:
        _refuse_name(item.kind, fields.get("path", item.path))
    if not written:
        _refuse_edited(item.kind, item.path, item)
    item.refresh_from_db()
    return item


def _guard(there: Item | None, kind: str, path: str, edit_no: int | None) -> None:
    if edit_no is not None and edit_no != (there.edit_no if there else ABSENT):
        _refuse_edited(kind, path, there)


def _refuse_path(kind: str, path: str) -> None:
    problems = path_problems(path)
    if problems:
        raise DraftRefused(located(kind, path, problems))


def _refuse_deployed(kind: str, path: str) -> None:
    if (kind, path) in bound_paths(path):
        sentence = f"The {kind} {shown(path)} is deployed: revoke it first."
        raise StillDeployed(_one(kind, path, "still-deployed", sentence))


def _refuse_name(kind: str, path: str) -> NoReturn:
    other = Item.objects.filter(kind=kind, name=name_of(path), trashed_at__isnull=True).first()
    where = f": {other.path}" if other else ""
    sentence = (
        f"There is a {kind} with the name {shown(name_of(path))} already{where}."
        " Names are unique over all folders."
    )
    raise NameTaken(_one(kind, path, "name-taken", sentence))


def _refuse_edited(kind: str, path: str, there: Item | None) -> NoReturn:
    who = f"{there.changed_by} has changed it" if there else "it has been removed"
    sentence = f"The {kind} {shown(path)} is no longer as you have seen it: {who}."
    raise EditedMeanwhile(_one(kind, path, "edited-meanwhile", sentence))


def _refuse_unknown(kind: str, path: str, where: str = "") -> NoReturn:
    sentence = f"There is no {kind} {shown(path)}{where}."
    raise ItemUnknown(_one(kind, path, "item-unknown", sentence))


def _one(kind: str, path: str, code: str, sentence: str) -> tuple[Any, ...]:
    found: list[Problem] = [problem(("path",), code, sentence)]
    return located(kind, path, found)
