"""What the controller has, as far as the inventory asks; the controller's rows are only read."""

from collections.abc import Iterable
from typing import TypeAlias

from django.conf import settings
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from controller.models import DeployedItem
from inventory.answers import settle_requested
from inventory.models import DeploymentObject, Item, Version
from inventory.models.deployment import DeploymentState

Ref: TypeAlias = tuple[str, str]
"""Kind and path of an object."""


def deployed_items() -> QuerySet[DeployedItem]:
    """Return the versions that the controller uses now."""
    return DeployedItem.objects.filter(controller=settings.STELLWERK_CONTROLLER_ID, current=True)


def deployed_versions(refs: Iterable[Ref]) -> dict[Ref, str]:
    """Return the version in use of each of the objects that are deployed."""
    wanted = set(refs)
    found = deployed_items().filter(path__in=[path for _, path in wanted])
    versions = found.values_list("kind", "path", "version")
    return {(kind, path): version for kind, path, version in versions if (kind, path) in wanted}


def with_deployed_version(items: QuerySet[Item]) -> QuerySet[Item]:
    """Return the items with `deployed_version` and `deployed_draft`, None where there is none.

    The one is the version in use, the other the digest that its draft had: a draft with another
    digest has changed since.
    """
    in_use = deployed_items().filter(kind=OuterRef("kind"), path=OuterRef("path"))
    found = items.annotate(deployed_version=Subquery(in_use.values("version")[:1]))
    kept = Version.objects.filter(
        kind=OuterRef("kind"), path=OuterRef("path"), version=OuterRef("deployed_version")
    ).exclude(draft_digest="")
    drafts = Subquery(kept.values("draft_digest")[:1])
    return found.annotate(deployed_draft=Coalesce(drafts, F("deployed_version")))


def draft_differs(item: Item) -> bool:
    """Tell whether an item, read with its deployed version, has one and has changed since."""
    deployed: str | None = getattr(item, "deployed_draft", None)
    return deployed is not None and deployed != item.digest


def bound_paths(folder_or_path: str) -> list[Ref]:
    """Return what is deployed, or on its way, at or below a path: it cannot get another one.

    Brings in the controller's answers first: what was refused is not on its way.
    """
    return _bound(Q(path=folder_or_path) | Q(path__startswith=f"{folder_or_path}/"))


def bound_among(refs: Iterable[Ref]) -> list[Ref]:
    """Return which of these objects are deployed, or on their way."""
    wanted = set(refs)
    found = _bound(Q(path__in=[path for _, path in wanted]))
    return [ref for ref in found if ref in wanted]


def _bound(here: Q) -> list[Ref]:
    settle_requested()
    running = deployed_items().filter(here).values_list("kind", "path")
    on_its_way = DeploymentObject.objects.filter(
        here, deployment__state=DeploymentState.REQUESTED
    ).exclude(version="")
    return sorted({*running, *on_its_way.values_list("kind", "path")})
