"""What the controller has, as far as the inventory asks; the controller's rows are only read."""

from collections.abc import Iterable
from typing import TypeAlias

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from controller.models import DeployedItem
from inventory.answers import settle_requested
from inventory.models import DeploymentObject, Item
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
    """Return the items with `deployed_version`: the version in use, None where there is none."""
    in_use = deployed_items().filter(kind=OuterRef("kind"), path=OuterRef("path"))
    return items.annotate(deployed_version=Subquery(in_use.values("version")[:1]))


def bound_paths(folder_or_path: str) -> list[Ref]:
    """Return what is deployed, or on its way, at or below a path: it cannot get another one.

    Brings in the controller's answers first: what was refused is not on its way.
    """
    settle_requested()
    here = Q(path=folder_or_path) | Q(path__startswith=f"{folder_or_path}/")
    running = deployed_items().filter(here).values_list("kind", "path")
    on_its_way = DeploymentObject.objects.filter(
        here, deployment__state=DeploymentState.REQUESTED
    ).exclude(version="")
    return sorted({*running, *on_its_way.values_list("kind", "path")})
