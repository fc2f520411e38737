"""The calendars that documents may name, read only where a calendar or schedule is checked."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.objects.read import read_object
from engine.world import names_of
from inventory.deployed import Ref, deployed_items
from inventory.models import Item
from inventory.references.places import CALENDAR
from inventory.source import values_of
from timetable.calendar import Calendar

TIMED = frozenset({CALENDAR, "schedule"})
"""The kinds that name calendars."""


def calendars_with(drafts: Iterable[Item], *, without: Iterable[Ref] = ()) -> dict[str, Calendar]:
    """Return the released calendars by name, over them those of the drafts that can be read."""
    gone = {path for kind, path in without if kind == CALENDAR}
    rows = deployed_items().filter(kind=CALENDAR).exclude(path__in=gone)
    found: dict[str, Calendar] = {}
    for path, document in rows.values_list("path", "document"):
        _add(found, path, bytes(document))
    for item in drafts:
        data = values_of(item.source).data if item.kind == CALENDAR else None
        if data is not None:
            _add(found, item.path, data)
    return found


def draft_calendars() -> dict[str, Calendar]:
    """Return the calendars by name as they were if every draft were released."""
    return calendars_with(Item.objects.filter(kind=CALENDAR, trashed_at__isnull=True))


def _add(found: dict[str, Calendar], path: str, data: bytes | Mapping[str, Any]) -> None:
    read = read_object(CALENDAR, data).object
    if isinstance(read, Calendar):
        found.update(dict.fromkeys(names_of(path), read))
