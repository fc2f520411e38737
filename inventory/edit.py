"""Verbs on one draft. Each returns what it changed; an invalid draft is kept with its problems.

The caller may wrap a verb into its own transaction, to write its audit row beside it. What touches
several drafts at once is in `inventory.renaming`, `inventory.copying` and `inventory.trashing`.
"""

from django.db import transaction
from django.db.models.functions import Now

from inventory.change import Change
from inventory.check import refusal_reasons
from inventory.errors import DraftRefused
from inventory.folders import ensure_folder
from inventory.keeping import (
    ABSENT,
    create,
    fields_of,
    guard,
    locked,
    place_of,
    present,
    refuse_deployed,
    refuse_path,
    refuse_unknown,
    snapshot,
    write,
)
from inventory.models import Item, Version
from inventory.paths import folder_of
from inventory.tree_lock import Hold, hold_tree

__all__ = ["ABSENT", "copy", "put_draft", "rename", "restore", "roll_back", "snapshot", "trash"]


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
    return _put("edit", kind, path, source, account, edit_no)


def roll_back(
    kind: str, path: str, version: Version, *, account: str, edit_no: int | None = None
) -> Change:
    """Make the text of a version the draft again; nothing is deployed by that.

    Raises:
        EditedMeanwhile: the number of the draft is another one by now.
        NameTaken: the object was removed, and another one has its name.
    """
    refuse_path(kind, path)
    return _put("roll-back", kind, path, version.source, account, edit_no)


def _put(verb: str, kind: str, path: str, source: str, account: str, edit_no: int | None) -> Change:
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        there = locked(kind, path)
        guard(there, kind, path, edit_no)
        before = snapshot(there)
        if there is not None and there.source == source:
            return Change(verb, kind, path, before, before)
        fields = fields_of(kind, source, account)
        made = create(kind, path, fields) if there is None else write(there, fields)
        return Change(verb, kind, path, before, snapshot(made))


def rename(kind: str, path: str, to: str, *, account: str, edit_no: int | None = None) -> Change:
    """Give an object another name or folder; drafts that name it stay as they are.

    Raises:
        DraftRefused: the new path is no path.
        ItemUnknown, EditedMeanwhile, NameTaken: as they say.
        StillDeployed: it is deployed under its present path.
    """
    refuse_path(kind, to)
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        there = present(kind, path, edit_no)
        refuse_deployed(kind, path)
        before = snapshot(there)
        after = write(there, {**place_of(to), "changed_by": account, "changed_at": Now()})
        return Change("rename", kind, path, before, snapshot(after))


def copy(kind: str, path: str, to: str, *, account: str) -> Change:
    """Make a new object with the same text.

    Raises:
        DraftRefused, ItemUnknown, NameTaken: as they say.
    """
    refuse_path(kind, to)
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        there = present(kind, path, None)
        made = create(kind, to, fields_of(kind, there.source, account))
        return Change("copy", kind, to, None, snapshot(made))


def trash(kind: str, path: str, *, account: str, edit_no: int | None = None) -> Change:
    """Put an object into the trash, where its name is free again.

    Raises:
        ItemUnknown, EditedMeanwhile: as they say.
        StillDeployed: a controller would go on running what nobody sees any more.
    """
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        there = present(kind, path, edit_no)
        refuse_deployed(kind, path)
        before = snapshot(there)
        gone = {"trashed_at": Now(), "folder": None}
        write(there, {**gone, "changed_by": account, "changed_at": Now()})
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
            refuse_unknown(kind, path, " in the trash")
        folder = ensure_folder(folder_of(path))
        fields = {"trashed_at": None, "folder": folder, "changed_by": account, "changed_at": Now()}
        return Change("restore", kind, path, None, snapshot(write(there, fields)))
