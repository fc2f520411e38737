"""What else there is besides a document, as far as its checks ask."""

from collections.abc import Iterable
from functools import cache
from zoneinfo import available_timezones

from msgspec.structs import replace

from agents.join import clusters, link_keys
from engine.workflow.check import Known
from engine.world import names_of
from inventory.deployed import Ref, deployed_items
from inventory.known_calendars import draft_calendars
from inventory.models import Item


@cache
def known_names() -> Known:
    """Return what a draft may refer to by itself: whatever it names may still come.

    Agents are not checked: an order waits for one that has yet to join.
    """
    # A machine without a zone database would otherwise know no zone at all.
    return Known(time_zones=frozenset(available_timezones()) or None)


def known_with(refs: Iterable[Ref], *, without: Iterable[Ref] = ()) -> Known:
    """Return what documents may refer to that are deployed together with these objects.

    `without` leaves out what is revoked at the same time.
    """
    found: dict[str, set[str]] = {}
    gone = set(without)
    there = [ref for ref in deployed_items().values_list("kind", "path") if ref not in gone]
    for kind, path in [*there, *refs]:
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


def known_in_inventory(*, timed: bool = True) -> Known:
    """Return what documents may refer to if every draft were deployed.

    `timed` tells whether calendars or schedules are checked, for which calendars are read.
    """
    drafts = Item.objects.filter(trashed_at__isnull=True).values_list("kind", "path")
    known = known_with(drafts)
    return replace(known, calendars=draft_calendars()) if timed else known
