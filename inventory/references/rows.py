"""Keeps the rows of who names whom in step with the texts."""

from collections.abc import Iterable
from typing import Any

from inventory.models import Item, Reference, Version, VersionReference
from inventory.references.named import names_in

_AT_ONCE = 500


def write_references(items: Iterable[Item]) -> None:
    """Make the rows of drafts what their texts name now; belongs in their transaction.

    Most edits leave the names as they are, so only rows that differ are written.
    """
    items = list(items)
    wanted = [Reference(item=item, **named) for item in items for named in _fields(item)]
    there = list(Reference.objects.filter(item__in=items))
    kept, known = {_told(row) for row in wanted}, {_told(row) for row in there}
    gone = [row.pk for row in there if _told(row) not in kept]
    if gone:
        Reference.objects.filter(pk__in=gone).delete()
    Reference.objects.bulk_create(row for row in wanted if _told(row) not in known)


def keep_versions(versions: Iterable[Version]) -> None:
    """Keep versions with what they name; those that are kept already stay as they are."""
    made = {(each.kind, each.path, each.version): each for each in versions}
    there = Version.objects.filter(version__in=[version for _, _, version in made])
    for key in there.values_list("kind", "path", "version"):
        made.pop(key, None)
    Version.objects.bulk_create(made.values(), ignore_conflicts=True)
    kept = Version.objects.filter(version__in=[version for _, _, version in made])
    VersionReference.objects.bulk_create(
        VersionReference(version=version, **named)
        for version in kept
        if (version.kind, version.path, version.version) in made
        for named in _fields(version)
    )


def rebuild_references() -> int:
    """Compute the rows of all drafts, also of those in the trash; returns how many drafts."""
    keys = list(Item.objects.order_by("pk").values_list("pk", flat=True))
    for begin in range(0, len(keys), _AT_ONCE):
        write_references(Item.objects.filter(pk__in=keys[begin : begin + _AT_ONCE]))
    return len(keys)


def _told(row: Reference) -> tuple[Any, ...]:
    return row.item_id, row.type, row.name, row.role, tuple(row.positions)


def _fields(of: Item | Version) -> list[dict[str, Any]]:
    return [
        {**named._asdict(), "positions": list(named.positions)}
        for named in names_in(of.kind, of.source)
    ]
