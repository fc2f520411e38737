"""Copying objects and folders; what the copies name of each other are the copies."""

from collections.abc import Sequence

from django.db import transaction

from engine.workflow.problem import Problem, problem, shown
from inventory.change import Change
from inventory.check import located
from inventory.errors import FolderRefused, Located, NameTaken
from inventory.folders import KIND as FOLDER
from inventory.folders import ensure_folder
from inventory.keeping import create, fields_of, refuse_path, refuse_unknown, snapshot
from inventory.models import Folder, Item
from inventory.paths import folder_of, is_within, joined, moved, name_of, path_problems
from inventory.references.renaming import NamesKept, renamed_source
from inventory.renaming import Move, renames_of
from inventory.tree_lock import Hold, hold_tree


def copy_folder(
    source: str, target: str, *, account: str, prefix: str = "", suffix: str = ""
) -> tuple[Change, ...]:
    """Make a copy of every object in a folder, all or none.

    Args:
        source: the folder.
        target: the folder of the copies; it may be there already, also as `source` itself.
        account: who does it.
        prefix: put before the name of each copy.
        suffix: put behind it. Names are unique over all folders, so one of the two is needed
            unless the names are free.

    Raises:
        FolderRefused: there is no such folder, or it is copied into itself.
        NameTaken: with all names that somebody has; nothing was copied.
        DraftRefused: a new name is none.
    """
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        _refuse(source, _place_problems(source, target))
        copies = copies_of(source, target, prefix=prefix, suffix=suffix)
        _refuse_taken(copies)
        ensure_folder(target)
        return _made(copies, account)


def copies_of(source: str, target: str, *, prefix: str = "", suffix: str = "") -> list[Move]:
    """Return which object of a folder would be copied to which path."""
    items = Item.objects.filter(trashed_at__isnull=True).within([source])
    found = []
    for kind, path in items.order_by("path", "kind").values_list("kind", "path"):
        folder = moved(folder_of(path), source=source, target=target)
        found.append(Move(kind, path, joined(folder, f"{prefix}{name_of(path)}{suffix}")))
    return found


def copy_object(kind: str, path: str, to: str, *, account: str) -> tuple[Change, ...]:
    """Make a new object with the same text; where it names itself, the copy names the copy.

    Raises:
        DraftRefused, ItemUnknown, NameTaken: as they say.
    """
    refuse_path(kind, to)
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        return _made([Move(kind, path, to)], account)


def _made(copies: Sequence[Move], account: str) -> tuple[Change, ...]:
    renames = renames_of(copies)
    paths = [copy.path for copy in copies]
    rows = Item.objects.filter(trashed_at__isnull=True, path__in=paths)
    sources = {(item.kind, item.path): item.source for item in rows}
    changes = []
    for copy in copies:
        source = sources.get((copy.kind, copy.path))
        if source is None:
            refuse_unknown(copy.kind, copy.path)
        try:
            source = renamed_source(copy.kind, source, renames)
        except NamesKept:
            pass  # the copy names the originals then, which its references show
        made = create(copy.kind, copy.to, fields_of(copy.kind, source, account))
        changes.append(Change("copy", copy.kind, copy.to, None, snapshot(made)))
    return tuple(changes)


def _refuse_taken(copies: Sequence[Move]) -> None:
    for copy in copies:
        refuse_path(copy.kind, copy.to)
    names = {(copy.kind, name_of(copy.to)): copy for copy in copies}
    there = Item.objects.filter(trashed_at__isnull=True, name__in=[name for _, name in names])
    problems: list[Located] = []
    for kind, name, path in there.values_list("kind", "name", "path"):
        if (kind, name) in names:
            sentence = f"There is a {kind} with the name {shown(name)} already: {path}."
            told = problem(("to",), "name-taken", sentence)
            problems.append(Located(kind, names[kind, name].to, told))
    if problems:
        raise NameTaken(problems)


def _place_problems(source: str, target: str) -> list[Problem]:
    found = path_problems(target) if target else []
    if source and not Folder.objects.filter(path=source).exists():
        found.append(problem(("path",), "folder-unknown", f"There is no folder {shown(source)}."))
    if target != source and is_within(target, source):
        sentence = f"The folder {shown(source)} cannot be copied into itself, to {shown(target)}."
        found.append(problem(("to",), "folder-cycle", sentence))
    return found


def _refuse(path: str, problems: list[Problem]) -> None:
    if problems:
        raise FolderRefused(located(FOLDER, path, problems))
