"""What else there is besides a document, as far as its checks ask."""

from collections.abc import Iterable
from functools import cache
from zoneinfo import available_timezones

from msgspec.structs import replace

from agents.join import clusters, link_keys
from engine.workflow.check import Known
from engine.world import names_of
from inventory.deployed import Ref, deployed_items
from inventory.models import Item


@cache
def known_names() -> Known:
    """Return what a draft may refer to by itself: whatever it names may still come.

    Agents are not checked: an order waits for one that has yet to join.
    """
    # A machine without a zone database would otherwise know no zone at all.
    return Known(time_zones=frozenset(available_timezones()) or None)


def known_with(refs: Iterable[Ref]) -> Known:
    """Return what documents may refer to that are deployed together with these objects."""
    found: dict[str, set[str]] = {}
    for kind, path in [*deployed_items().values_list("kind", "path"), *refs]:
        found.setdefault(kind, set()).update(names_of(path))
    return replace(
        known_names(),
        locks=frozenset(found.get("lock", ())),
        boards=frozenset(found.get("noticeboard", ())),
        job_resources=frozenset(found.get("jobresource", ())),
        workflows=frozenset(found.get("workflow", ())),
        subagent_clusters=frozenset([*clusters(), *link_keys()]),
        include_scripts=frozenset(found.get("includescript", ())),
    )


def known_in_inventory() -> Known:
    """Return what documents may refer to if every draft were deployed."""
    drafts = Item.objects.filter(trashed_at__isnull=True).values_list("kind", "path")
    return known_with(drafts)
