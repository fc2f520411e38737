"""The trash: whole folders in and out of it, and the end of what is in it."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models.functions import Now

from engine.workflow.problem import problem, shown
from inventory.change import Change
from inventory.check import located
from inventory.deployed import Ref, bound_among
from inventory.errors import FolderRefused, Located, NameTaken, StillDeployed
from inventory.folders import KIND as FOLDER
from inventory.keeping import place_of, refuse_path, refuse_unknown, snapshot, write
from inventory.models import Folder, Item
from inventory.tree_lock import Hold, hold_tree


def trash_all(objects: Sequence[Ref], *, account: str) -> tuple[Change, ...]:
    """Put objects into the trash, all or none.

    Raises:
        ItemUnknown: one is not there.
        StillDeployed: with all that are deployed.
    """
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        return _trash(_present(objects), account)


def trash_folder(path: str, *, account: str) -> tuple[Change, ...]:
    """Put everything in a folder into the trash and remove the folder; the last change is its.

    Raises:
        FolderRefused: there is no such folder.
        StillDeployed: with all that are deployed.
    """
    with transaction.atomic():
        hold_tree(Hold.MOVE)
        if not path or not Folder.objects.filter(path=path).exists():
            sentence = f"There is no folder {shown(path)}."
            told = [problem(("path",), "folder-unknown", sentence)]
            raise FolderRefused(located(FOLDER, path, told))
        items = Item.objects.filter(trashed_at__isnull=True).within([path])
        changes = _trash(list(items.select_for_update().order_by("pk")), account)
        Folder.objects.within([path]).delete()
        return (*changes, Change("trash", FOLDER, path, {"path": path}, None))


def restore_as(kind: str, path: str, to: str, *, account: str) -> Change:
    """Take the object that was trashed last at a path out of the trash, to another path.

    Raises:
        DraftRefused: the new path is no path.
        ItemUnknown: there is none in the trash.
        NameTaken: another object has its name.
    """
    refuse_path(kind, to)
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        there = _last_trashed([(kind, path)])
        if not there:
            refuse_unknown(kind, path, " in the trash")
        return _restored(there[0], to, account)


def restore_folder(path: str, *, account: str) -> tuple[Change, ...]:
    """Take everything at and below a folder out of the trash: the last of each path.

    Raises:
        FolderRefused: nothing of it is in the trash.
        NameTaken: with all whose name somebody has by now; nothing is restored.
    """
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        rows = Item.objects.filter(trashed_at__isnull=False).within([path])
        there = _last_trashed(list(rows.order_by().values_list("kind", "path").distinct()))
        if not there:
            sentence = f"Nothing of the folder {shown(path)} is in the trash."
            told = [problem(("path",), "folder-unknown", sentence)]
            raise FolderRefused(located(FOLDER, path, told))
        changes: list[Change] = []
        problems: list[Located] = []
        for item in there:
            try:
                changes.append(_restored(item, item.path, account))
            except NameTaken as taken:
                problems += taken.problems
        if problems:
            raise NameTaken(problems)
        return tuple(changes)


def delete_from_trash(objects: Sequence[Ref]) -> tuple[Change, ...]:
    """Delete objects in the trash for good, every one with this kind and path. Versions stay.

    Raises:
        ItemUnknown: one is not in the trash.
    """
    with transaction.atomic():
        changes = []
        for kind, path in sorted(set(objects)):
            rows = Item.objects.filter(kind=kind, path=path, trashed_at__isnull=False)
            there = list(rows.select_for_update().order_by("pk"))
            if not there:
                refuse_unknown(kind, path, " in the trash")
            changes += [Change("delete", kind, path, snapshot(item), None) for item in there]
            rows.delete()
        return tuple(changes)


def _present(objects: Sequence[Ref]) -> list[Item]:
    wanted = set(objects)
    rows = Item.objects.filter(trashed_at__isnull=True, path__in=[path for _, path in wanted])
    there = [
        item for item in rows.select_for_update().order_by("pk") if (item.kind, item.path) in wanted
    ]
    for kind, path in sorted(wanted - {(item.kind, item.path) for item in there}):
        refuse_unknown(kind, path)
    return there


def _trash(items: Sequence[Item], account: str) -> tuple[Change, ...]:
    problems = [
        Located(kind, path, problem(("path",), "still-deployed", _still_deployed(kind, path)))
        for kind, path in bound_among((item.kind, item.path) for item in items)
    ]
    if problems:
        raise StillDeployed(problems)
    gone = {"trashed_at": Now(), "folder": None, "changed_by": account, "changed_at": Now()}
    changes = []
    for item in items:
        before = snapshot(item)
        write(item, gone)
        changes.append(Change("trash", item.kind, item.path, before, None))
    return tuple(changes)


def _still_deployed(kind: str, path: str) -> str:
    return f"The {kind} {shown(path)} is deployed: revoke it first."


def _last_trashed(objects: Sequence[Ref]) -> list[Item]:
    wanted = set(objects)
    rows = Item.objects.filter(trashed_at__isnull=False, path__in=[path for _, path in wanted])
    last: dict[Ref, Item] = {}
    for item in rows.select_for_update().order_by("trashed_at", "pk"):
        last[item.kind, item.path] = item
    return [last[ref] for ref in sorted(wanted) if ref in last]


def _restored(item: Item, to: str, account: str) -> Change:
    fields = {"trashed_at": None, "changed_by": account, "changed_at": Now(), **place_of(to)}
    return Change("restore", item.kind, item.path, None, snapshot(write(item, fields)))
