"""Verbs on folders: make, move, remove. Each returns what it changed and writes all or nothing."""

from django.db import transaction
from django.db.models import F, TextField, Value
from django.db.models.functions import Concat, Substr

from engine.workflow.problem import Problem, problem, shown
from inventory.change import Change
from inventory.check import located
from inventory.deployed import bound_paths
from inventory.errors import FolderRefused
from inventory.models import Folder, Item
from inventory.paths import LONGEST_PATH, folder_of, is_within, path_problems, with_ancestors
from inventory.tree_lock import Hold, hold_tree

KIND = "folder"


def make_folder(path: str) -> Change:
    """Make a folder and those around it; nothing changes where it is there already.

    Raises:
        FolderRefused: the path is no path.
    """
    _refuse(path, path_problems(path))
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        before = {"path": path} if Folder.objects.filter(path=path).exists() else None
        ensure_folder(path)
    return Change("make", KIND, path, before, {"path": path})


def ensure_folder(path: str) -> Folder | None:
    """Return the folder, made with its ancestors where missing; None for the root.

    The caller holds the tree.
    """
    missing = [Folder(path=part) for part in with_ancestors(path)]
    Folder.objects.bulk_create(missing, ignore_conflicts=True)
    return Folder.objects.get(path=path) if path else None


def move_folder(source: str, target: str) -> Change:
    """Give a folder another path, with everything in it.

    Raises:
        FolderRefused: it would be within itself, is not there, the target is taken or no path, or
            something in it is deployed.
    """
    _refuse(target, path_problems(target) + _place_problems(source, target))
    with transaction.atomic():
        hold_tree(Hold.MOVE)
        _refuse(source, _state_problems(source, target))
        if source != target:
            _move(source, target)
    return Change("move", KIND, source, {"path": source}, {"path": target})


def remove_folder(path: str) -> Change:
    """Remove an empty folder.

    Raises:
        FolderRefused: it is not there or not empty.
    """
    with transaction.atomic():
        hold_tree(Hold.MOVE)
        _refuse(path, _missing(path) or _occupied(path))
        Folder.objects.filter(path=path).delete()
    return Change("remove", KIND, path, {"path": path}, None)


def _move(source: str, target: str) -> None:
    parent = folder_of(target)
    ensure_folder(parent)
    for rows in (
        Folder.objects.within([source]),
        Item.objects.filter(trashed_at__isnull=True).within([source]),
    ):
        rest = Substr(F("path"), len(source) + 1)
        rows.update(path=Concat(Value(target), rest, output_field=TextField()))


def _place_problems(source: str, target: str) -> list[Problem]:
    if not source:
        return [problem(("path",), "folder-root", "The root folder cannot be moved.")]
    if source != target and is_within(target, source):
        sentence = f"The folder {shown(source)} cannot be moved into itself, to {shown(target)}."
        return [problem(("to",), "folder-cycle", sentence)]
    return []


def _state_problems(source: str, target: str) -> list[Problem]:
    found = _missing(source)
    if source != target and Folder.objects.filter(path=target).exists():
        found.append(problem(("to",), "folder-exists", f"The folder {shown(target)} exists."))
    for kind, path in bound_paths(source):
        sentence = f"The {kind} {shown(path)} is deployed: revoke it before its folder moves."
        found.append(problem(("path",), "still-deployed", sentence))
    return found + _length_problems(source, target)


def _length_problems(source: str, target: str) -> list[Problem]:
    longest = len(target) - len(source)
    paths = Item.objects.filter(trashed_at__isnull=True).within([source])
    return [
        problem(
            ("to",),
            "path-too-long",
            f"The path of {shown(path)} would have {len(path) + longest} characters;"
            f" at most {LONGEST_PATH} are allowed.",
        )
        for path in paths.values_list("path", flat=True)
        if len(path) + longest > LONGEST_PATH
    ]


def _missing(path: str) -> list[Problem]:
    if path and Folder.objects.filter(path=path).exists():
        return []
    return [problem(("path",), "folder-unknown", f"There is no folder {shown(path)}.")]


def _occupied(path: str) -> list[Problem]:
    inside = Folder.objects.filter(path__startswith=f"{path}/").count()
    inside += Item.objects.filter(trashed_at__isnull=True).within([path]).count()
    if not inside:
        return []
    sentence = f"The folder {shown(path)} is not empty: {inside} objects and folders are in it."
    return [problem(("path",), "folder-not-empty", sentence)]


def _refuse(path: str, problems: list[Problem]) -> None:
    if problems:
        raise FolderRefused(located(KIND, path, problems))
