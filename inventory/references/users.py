"""Who uses whom, asked of the rows. Nothing here writes."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from engine.world import names_of
from inventory.deployed import Ref, deployed_items
from inventory.kinds import KINDS
from inventory.models import Item, Reference, VersionReference
from inventory.paths import name_of


class Use(NamedTuple):
    """One side of a reference: the object at its other end, and how it is named.

    `path` is None where nobody has the name. Of a use of an object, type and path are the used
    one's; of a user, they are the user's, and `name` is what it wrote.
    """

    type: str
    name: str
    path: str | None
    role: str
    positions: tuple[str, ...]


def uses_of(item: Item, items: QuerySet[Item]) -> list[Use]:
    """Return what a draft names, in the order of its text; paths are those among `items`."""
    rows = list(Reference.objects.filter(item=item))
    paths = paths_of(items, ((row.type, row.name) for row in rows))
    return [
        Use(row.type, row.name, paths.get((row.type, row.name)), row.role, tuple(row.positions))
        for row in rows
    ]


def users_of(kind: str, path: str, items: QuerySet[Item], *, most: int = 10_000) -> list[Use]:
    """Return which of `items` name the object, by path; it itself is left out."""
    rows = (
        Reference.objects.filter(type=kind, name__in=names_of(path), item__in=items)
        .exclude(item__kind=kind, item__path=path)
        .order_by("item__path", "item__kind", "pk")
    )
    found = rows.values_list("item__kind", "name", "item__path", "role", "positions")
    return [Use(*row[:4], tuple(row[4])) for row in found[:most]]


def with_user_count(items: QuerySet[Item]) -> QuerySet[Item]:
    """Return the items with `users`: how many drafts name each by its bare name."""
    named = Reference.objects.filter(type=OuterRef("kind"), name=OuterRef("name")).order_by()
    counted = named.values("type").annotate(n=Count("item", distinct=True)).values("n")
    return items.annotate(users=Coalesce(Subquery(counted), 0))


def paths_of(items: QuerySet[Item], named: Iterable[Ref]) -> dict[Ref, str]:
    """Return the paths of the objects among `items` that have these names; names are by type."""
    wanted = {ref for ref in named if ref[0] in KINDS}
    names = {name_of(name) for _, name in wanted}
    rows = items.filter(name__in=names).order_by().values_list("kind", "path")
    there = {(kind, name): path for kind, path in rows for name in names_of(path)}
    return {ref: there[ref] for ref in wanted if ref in there}


def dangling(items: QuerySet[Item]) -> QuerySet[Reference]:
    """Return the references of drafts to names that no draft has; agents are not looked at."""
    # A path is matched by its own text, a name by the last part of somebody's path.
    there = Item.objects.filter(
        Q(name=OuterRef("name")) | Q(path=OuterRef("name")),
        kind=OuterRef("type"),
        trashed_at__isnull=True,
    )
    return (
        Reference.objects.filter(item__in=items, type__in=list(KINDS))
        .filter(~Exists(there))
        .select_related("item")
        .order_by("item__path", "item__kind", "pk")
    )


def outside_users(refs: Iterable[Ref], items: QuerySet[Item]) -> list[tuple[Ref, Ref]]:
    """Return pairs of user and used: drafts that name one of the objects and are none of them."""
    wanted = {(kind, name): (kind, path) for kind, path in refs for name in names_of(path)}
    rows = Reference.objects.filter(name__in=[name for _, name in wanted], item__in=items)
    found = rows.order_by().values_list("item__kind", "item__path", "type", "name")
    pairs = {
        ((kind, path), wanted[type_, name])
        for kind, path, type_, name in found
        if (type_, name) in wanted
    }
    used = set(wanted.values())
    return sorted(pair for pair in pairs if pair[0] not in used)


def deployed_users_of(refs: Iterable[Ref]) -> list[tuple[Ref, Ref]]:
    """Return pairs of user and used: deployed versions that name one of the objects, by path."""
    wanted = {(kind, name): (kind, path) for kind, path in refs for name in names_of(path)}
    if not wanted:
        return []
    kinds, names = {kind for kind, _ in wanted}, {name for _, name in wanted}
    in_use = deployed_items().filter(
        kind=OuterRef("version__kind"),
        path=OuterRef("version__path"),
        version=OuterRef("version__version"),
    )
    rows = VersionReference.objects.filter(Exists(in_use), type__in=kinds, name__in=names)
    found = rows.values_list("version__kind", "version__path", "type", "name")
    pairs = {
        ((kind, path), wanted[type_, name])
        for kind, path, type_, name in found
        if (type_, name) in wanted
    }
    return sorted((user, used) for user, used in pairs if user != used)
