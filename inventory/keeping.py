"""Drafts as rows: looked up and locked, made and written, with what is refused on the way.

The verbs use it inside their transactions, holding the tree. What a draft names is written with it.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from engine.workflow.problem import problem, shown
from inventory.check import Examined, examine, located, problems_as_json
from inventory.deployed import bound_paths
from inventory.errors import DraftRefused, EditedMeanwhile, ItemUnknown, NameTaken, StillDeployed
from inventory.folders import ensure_folder
from inventory.known import known_names
from inventory.models import Item
from inventory.paths import folder_of, name_of, path_problems
from inventory.references.rows import write_references

ABSENT = 0
"""As `edit_no`: the item must not be there yet."""


_OF_TEXT = frozenset(
    {"form", "source", "title", "valid", "digest", "problems", "changed_by", "changed_at"}
)
"""The columns that follow from the text of a draft."""


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


def fields_of(kind: str, source: str, account: str) -> dict[str, Any]:
    """Return the columns that follow from the text of a draft."""
    return _fields(examine(kind, source, known_names()), source, account)


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


def place_of(path: str) -> dict[str, Any]:
    """Return the columns that follow from a path; missing folders are made."""
    return {"path": path, "name": name_of(path), "folder": ensure_folder(folder_of(path))}


def locked(kind: str, path: str) -> Item | None:
    """Return a draft outside the trash, locked; None where there is none."""
    rows = Item.objects.filter(kind=kind, path=path, trashed_at__isnull=True)
    return rows.select_for_update().first()


def present(kind: str, path: str, edit_no: int | None) -> Item:
    """Return a draft, locked.

    Raises:
        ItemUnknown, EditedMeanwhile: as they say.
    """
    there = locked(kind, path)
    if there is None:
        refuse_unknown(kind, path)
    guard(there, kind, path, edit_no)
    return there


def create(kind: str, path: str, fields: Mapping[str, Any]) -> Item:
    """Return a new draft.

    Raises:
        NameTaken: an object of its kind has the name.
    """
    item = Item(kind=kind, **place_of(path), **fields)
    try:
        with transaction.atomic():
            item.save(force_insert=True)
    except IntegrityError:
        refuse_name(kind, path)
    item.refresh_from_db()
    write_references([item])
    return item


def write(item: Item, fields: Mapping[str, Any]) -> Item:
    """Return the draft with other columns; its number rises.

    Raises:
        NameTaken, EditedMeanwhile: as they say.
    """
    rows = Item.objects.filter(pk=item.pk, edit_no=item.edit_no)
    try:
        # Another text takes no name, so nothing has to be taken back alone.
        with transaction.atomic(savepoint=not fields.keys() <= _OF_TEXT):
            written = rows.update(**fields, edit_no=F("edit_no") + 1)
    except IntegrityError:
        refuse_name(item.kind, fields.get("path", item.path))
    if not written:
        _refuse_edited(item.kind, item.path, item)
    _take_over(item, fields)
    if "source" in fields:
        write_references([item])
    return item


def _take_over(item: Item, fields: Mapping[str, Any]) -> None:
    """Let a row in memory say what was written; what the database computed is read from it."""
    computed = [name for name, value in fields.items() if hasattr(value, "resolve_expression")]
    for name in fields.keys() - computed:
        setattr(item, name, fields[name])
    item.refresh_from_db(fields=["edit_no", *computed])


def guard(there: Item | None, kind: str, path: str, edit_no: int | None) -> None:
    """Refuse a draft whose number is another one than the caller has seen.

    Raises:
        EditedMeanwhile: it is.
    """
    if edit_no is not None and edit_no != (there.edit_no if there else ABSENT):
        _refuse_edited(kind, path, there)


def refuse_path(kind: str, path: str) -> None:
    """Refuse what is no path.

    Raises:
        DraftRefused: it is none.
    """
    problems = path_problems(path)
    if problems:
        raise DraftRefused(located(kind, path, problems))


def refuse_deployed(kind: str, path: str) -> None:
    """Refuse to take an object from where it is deployed.

    Raises:
        StillDeployed: it is, or is on its way.
    """
    if (kind, path) in bound_paths(path):
        sentence = f"The {kind} {shown(path)} is deployed: revoke it first."
        raise StillDeployed(_one(kind, path, "still-deployed", sentence))


def refuse_name(kind: str, path: str) -> NoReturn:
    """Refuse a name that somebody has.

    Raises:
        NameTaken: always.
    """
    other = Item.objects.filter(kind=kind, name=name_of(path), trashed_at__isnull=True).first()
    where = f": {other.path}" if other else ""
    sentence = (
        f"There is a {kind} with the name {shown(name_of(path))} already{where}."
        " Names are unique over all folders."
    )
    raise NameTaken(_one(kind, path, "name-taken", sentence))


def refuse_unknown(kind: str, path: str, where: str = "") -> NoReturn:
    """Refuse what is not there.

    Raises:
        ItemUnknown: always.
    """
    sentence = f"There is no {kind} {shown(path)}{where}."
    raise ItemUnknown(_one(kind, path, "item-unknown", sentence))


def _refuse_edited(kind: str, path: str, there: Item | None) -> NoReturn:
    who = f"{there.changed_by} has changed it" if there else "it has been removed"
    sentence = f"The {kind} {shown(path)} is no longer as you have seen it: {who}."
    raise EditedMeanwhile(_one(kind, path, "edited-meanwhile", sentence))


def _one(kind: str, path: str, code: str, sentence: str) -> tuple[Any, ...]:
    return located(kind, path, [problem(("path",), code, sentence)])
