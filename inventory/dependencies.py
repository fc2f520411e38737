"""What a deployment needs besides what was asked for."""

from collections.abc import Collection

from django.db.models import QuerySet

from inventory.deployed import Ref, draft_differs, with_deployed_version
from inventory.kinds import KINDS
from inventory.models import Item, Reference
from inventory.references.users import paths_of


def needed(refs: Collection[Ref], items: QuerySet[Item]) -> list[Ref]:
    """Return what the objects use, directly or not, and what is not deployed as its draft says.

    Only drafts among `items` are found; what has no draft is a problem of whoever names it.
    """
    return sorted(_differing(reachable(refs, items) - set(refs)))


def reachable(refs: Collection[Ref], items: QuerySet[Item]) -> set[Ref]:
    """Return the objects and all drafts among `items` that they use, directly or not."""
    seen = set(refs)
    level = set(refs)
    while level:
        level = _used_by(level, items) - seen
        seen |= level
    return seen


def _used_by(refs: Collection[Ref], items: QuerySet[Item]) -> set[Ref]:
    rows = Reference.objects.filter(
        item__path__in=[path for _, path in refs],
        item__trashed_at__isnull=True,
        type__in=list(KINDS),
    )
    found = rows.order_by().values_list("item__kind", "item__path", "type", "name")
    named = {(type_, name) for kind, path, type_, name in found if (kind, path) in refs}
    return {(type_, path) for (type_, _), path in paths_of(items, named).items()}


def _differing(refs: Collection[Ref]) -> set[Ref]:
    rows = Item.objects.filter(trashed_at__isnull=True, path__in=[path for _, path in refs])
    there = ((item, (item.kind, item.path)) for item in with_deployed_version(rows.defer("source")))
    return {ref for item, ref in there if ref in refs and not _in_use(item)}


def _in_use(item: Item) -> bool:
    return getattr(item, "deployed_version", None) is not None and not draft_differs(item)
