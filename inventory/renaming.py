"""Renaming and moving, with the drafts that name what is renamed. One transaction each.

What would change can be seen before as a `Renaming`; carrying it out computes it anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from engine.workflow.problem import Problem, problem
from engine.world import names_of
from inventory.change import Change
from inventory.check import located
from inventory.errors import Located
from inventory.folders import KIND as FOLDER
from inventory.folders import move_folder
from inventory.keeping import (
    fields_of,
    place_of,
    present,
    refuse_deployed,
    refuse_path,
    snapshot,
    write,
)
from inventory.models import Item
from inventory.paths import moved
from inventory.references.renaming import NamesKept, Renames, renamed_source
from inventory.text_difference import text_difference
from inventory.tree_lock import Hold, hold_tree


class Move(msgspec.Struct, frozen=True):
    """An object on its way to another path."""

    kind: str
    path: str
    to: str


class SourceEdit(msgspec.Struct, frozen=True):
    """A draft whose text changes with the names in it; `path` is its present one."""

    kind: str
    path: str
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The difference as unified diff."""
        return text_difference(self.path, self.before, self.after)


class Renaming(msgspec.Struct, frozen=True):
    """What a renaming does: paths that change, texts that change, texts that cannot."""

    moves: tuple[Move, ...]
    edits: tuple[SourceEdit, ...]
    problems: tuple[Located, ...] = ()


def rename_everywhere(
    kind: str, path: str, to: str, *, account: str, edit_no: int | None = None
) -> tuple[Change, ...]:
    """Give an object another path and write its new name into the drafts that name it.

    The first change is the object's own.

    Raises:
        DraftRefused: the new path is no path.
        ItemUnknown, EditedMeanwhile, NameTaken: as they say.
        StillDeployed: it is deployed under its present path.
    """
    refuse_path(kind, to)
    with transaction.atomic():
        hold_tree(Hold.MOVE)  # alone, so that no text is written over that changes meanwhile
        present(kind, path, edit_no)
        refuse_deployed(kind, path)
        return carry_out([Move(kind, path, to)], account=account)


def move_folder_everywhere(source: str, target: str, *, account: str) -> tuple[Change, ...]:
    """Give a folder another path, with everything in it and in the drafts that name it by path.

    Raises:
        FolderRefused: as `inventory.folders.move_folder`.
    """
    with transaction.atomic():
        hold_tree(Hold.MOVE)
        renaming = planned(_moves_of(source, target))
        change = move_folder(source, target)
        written = [
            _edit(each.kind, _after(each.path, renaming.moves), each.after, account)
            for each in renaming.edits
        ]
        return (change, *written)


def preview_rename(kind: str, path: str, to: str) -> Renaming:
    """Return what renaming an object would change. Nothing is written."""
    refuse_path(kind, to)
    return planned([Move(kind, path, to)])


def preview_move(source: str, target: str) -> Renaming:
    """Return what moving a folder would change. Nothing is written."""
    refuse_path(FOLDER, target)
    return planned(_moves_of(source, target))


def carry_out(moves: Sequence[Move], *, account: str) -> tuple[Change, ...]:
    """Move the objects and rewrite who names them. The caller holds the tree and has checked."""
    renaming = planned(moves)
    edits = {(each.kind, each.path): each.after for each in renaming.edits}
    changes = [
        _move(move, edits.pop((move.kind, move.path), None), account) for move in renaming.moves
    ]
    changes += [_edit(kind, path, source, account) for (kind, path), source in edits.items()]
    return tuple(changes)


def planned(moves: Sequence[Move]) -> Renaming:
    """Return the texts that change when these objects move."""
    renames = renames_of(moves)
    edits: list[SourceEdit] = []
    problems: list[Located] = []
    for item in _concerned(renames):
        try:
            source = renamed_source(item.kind, item.source, renames)
        except NamesKept:
            problems += located(item.kind, item.path, [_kept()])
            continue
        if source != item.source:
            edits.append(SourceEdit(item.kind, item.path, item.source, source))
    return Renaming(tuple(moves), tuple(edits), tuple(problems))


def renames_of(moves: Iterable[Move]) -> Renames:
    """Return the names that change, by path and by the last part of it."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for move in moves:
        for old, new in zip(_both(move.path), _both(move.to), strict=True):
            if old != new:
                found[move.kind][old] = new
    return Renames(found)


def _both(path: str) -> tuple[str, str]:
    return path, names_of(path)[-1]


def _concerned(renames: Renames) -> list[Item]:
    """Return the drafts that name what is renamed."""
    named = Q(pk__in=[])
    for kind, names in renames.of.items():
        named |= Q(references__type=kind, references__name__in=list(names))
    found = Item.objects.filter(trashed_at__isnull=True).filter(named).values("pk")
    rows = Item.objects.filter(pk__in=found).order_by("path", "kind")
    return list(rows)


def _moves_of(source: str, target: str) -> list[Move]:
    items = Item.objects.filter(trashed_at__isnull=True).within([source])
    paths = items.order_by("path", "kind").values_list("kind", "path")
    return [Move(kind, at, moved(at, source=source, target=target)) for kind, at in paths]


def _after(path: str, moves: Iterable[Move]) -> str:
    return next((move.to for move in moves if move.path == path), path)


def _move(move: Move, source: str | None, account: str) -> Change:
    there = present(move.kind, move.path, None)
    before = snapshot(there)
    fields = {"changed_by": account, "changed_at": Now()}
    if source is not None:
        fields = fields_of(move.kind, source, account)
    after = write(there, {**fields, **place_of(move.to)})
    return Change("rename", move.kind, move.path, before, snapshot(after))


def _edit(kind: str, path: str, source: str, account: str) -> Change:
    there = present(kind, path, None)
    before = snapshot(there)
    after = write(there, fields_of(kind, source, account))
    return Change("edit", kind, path, before, snapshot(after))


def _kept() -> Problem:
    sentence = "The name in it cannot be changed alone; change it by hand."
    return problem((), "name-kept", sentence)
