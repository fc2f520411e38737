"""What pages and the API read of the inventory. Nothing here writes.

Each function takes the rows that the reader may see: the gate narrows them, see `InFolders.within`.
"""

import difflib
import json
from collections.abc import Sequence

import msgspec
from django.db.models import Count, Q, QuerySet

from inventory.deployed import with_deployed_version
from inventory.models import Deployment, DeploymentObject, Folder, Item, Version
from inventory.paths import name_of, with_ancestors


class FolderNode(msgspec.Struct, frozen=True):
    """A folder of the tree; `items` counts what lies directly in it."""

    path: str
    name: str
    depth: int
    items: int


def present_items() -> QuerySet[Item]:
    """Return all items outside the trash, with `deployed_version`."""
    return with_deployed_version(Item.objects.filter(trashed_at__isnull=True))


def trashed_items() -> QuerySet[Item]:
    """Return what is in the trash, last trashed first."""
    return Item.objects.filter(trashed_at__isnull=False).order_by("-trashed_at", "-pk")


def tree(folders: QuerySet[Folder]) -> list[FolderNode]:
    """Return the folders as rows of a tree: each right behind the one that holds it."""
    present = Count("items", filter=Q(items__trashed_at__isnull=True))
    rows = folders.annotate(present=present).values_list("path", "present")
    in_order = sorted(rows, key=lambda row: row[0].split("/"))
    return [
        FolderNode(path, name_of(path), len(with_ancestors(path)) - 1, count)
        for path, count in in_order
    ]


def items_in(items: QuerySet[Item], folder: str) -> QuerySet[Item]:
    """Return the items directly in a folder, by name."""
    return items.filter(folder__path=folder or None).order_by("name", "kind")


def item_at(items: QuerySet[Item], kind: str, path: str) -> Item | None:
    """Return one item, None where there is none or the reader may not see it."""
    return items.filter(kind=kind, path=path).first()


def versions_of(kind: str, path: str) -> QuerySet[Version]:
    """Return all versions of an object, newest first."""
    return Version.objects.filter(kind=kind, path=path)


def deployments_of(kind: str, path: str) -> QuerySet[Deployment]:
    """Return the deployments in which an object was, newest first."""
    rows = DeploymentObject.objects.filter(kind=kind, path=path)
    return Deployment.objects.filter(pk__in=rows.values("deployment"))


def difference(old: Version, new: Version) -> str:
    """Return what changed between two versions as unified diff; empty where nothing did.

    Compared are the canonical documents, laid out over lines, so notation does not count. Scripts
    are shown line by line.
    """
    lines = difflib.unified_diff(
        laid_out(bytes(old.document)),
        laid_out(bytes(new.document)),
        fromfile=f"{old.path} {old.version[:12]}",
        tofile=f"{new.path} {new.version[:12]}",
        lineterm="",
    )
    return "\n".join(lines)


def laid_out(document: bytes) -> list[str]:
    """Return a JSON document over lines, with the lines of long texts apart."""
    return [line for row in _rows(json.loads(document)) for line in row.split("\n")]


def _rows(document: object) -> Sequence[str]:
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return [_opened(line) for line in text.split("\n")]


def _opened(line: str) -> str:
    """Return the line; a text of several lines below its name, indented by four more."""
    field, colon, value = line.partition(": ")
    if "\\n" not in line or not colon or not value.startswith('"'):
        return line
    indent = " " * (len(field) - len(field.lstrip()) + 4)
    text: str = json.loads(value.rstrip(","))
    return "\n".join([f"{field}: |", *(indent + part for part in text.split("\n"))])
