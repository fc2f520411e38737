"""From the place that a problem names to the instruction or job where it is mended."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from engine.workflow.problem import place_text
from inventory.editing.instructions import runs
from inventory.editing.places import Places

_LAST = re.compile(r'(?:^|\.)[A-Za-z_][A-Za-z0-9_-]*$|\[\d+\]$|\["(?:[^"\\]|\\.)*"\]$')


class Pointed(NamedTuple):
    """Where a place of the document is mended: a position or a job, and the field below it."""

    at: str = ""
    job: str = ""
    field: str = ""


class Pointer:
    """Finds what the places of problems belong to, for one document."""

    def __init__(self, places: Places) -> None:
        self._known = {
            place_text(visit.path): Pointed(at=at) for at, visit in places.visits.items()
        }
        first: dict[str, str] = {}
        for name, path in runs(places):
            first.setdefault(name, places.positions[path])
        for name in places.workflow.jobs:
            self._known[place_text(("jobs", name))] = Pointed(first.get(name, ""), name)

    def point(self, place: str) -> Pointed:
        """Return where a place is mended; nothing where that is the workflow itself."""
        rest = place
        while rest:
            found = self._known.get(rest)
            if found is not None:
                return found._replace(field=place[len(rest) :].lstrip("."))
            cut = _LAST.search(rest)
            rest = rest[: cut.start()] if cut else ""
        return Pointed(field=place)

    def faults(self, problems: Iterable[Mapping[str, str]]) -> dict[str, str]:
        """Return the sentences of problems by the position of the instruction concerned."""
        found: dict[str, str] = {}
        for each in problems:
            at = self.point(each["place"]).at
            if at:
                told = each["sentence"]
                found[at] = f"{found[at]} {told}" if at in found else told
        return found


@lru_cache(maxsize=8)
def pointer_of(places: Places) -> Pointer:
    """Return the pointer of these very places, made once for all parts of an answer."""
    return Pointer(places)
