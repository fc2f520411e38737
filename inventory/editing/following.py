"""Where instructions, and the ends of blocks, are after an operation. Pure.

Whoever chose a place while an operation was on its way means what stood there then.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from engine.workflow.walk import type_name
from inventory.editing.places import Places
from inventory.editing.tree import value_or

Moved: TypeAlias = Mapping[str, str]
"""Positions that are others now, by what they were; an empty text for what is gone."""


def moved(before: Places, document: Any, after: Places) -> Moved:
    """Return what an operation moved.

    Args:
        before: the places until then.
        document: what `after` says; what did not change is the same object as in `before`.
        after: the places since then.
    """
    same = _same_objects(before, document, after)
    now = same | _same_types(before, after, same)
    ends = {end: _end(now, scope, after) for scope, end in before.ends.items()}
    return {was: at for was, at in (now | ends).items() if was != at}


def moved_by_text(before: Places, after: Places) -> Moved | None:
    """Return that nothing was moved where another text has the same instructions, else None."""
    return {} if _named(before) == _named(after) and before.ends == after.ends else None


def _same_objects(before: Places, document: Any, after: Places) -> dict[str, str]:
    """Return where the instructions went that were not changed themselves."""
    there: dict[int, list[str]] = {}
    for path, at in after.positions.items():
        there.setdefault(id(value_or(document, path)), []).append(at)
    found = {}
    for path, was in before.positions.items():
        same = there.get(id(value_or(before.document, path)))
        if same:
            found[was] = same.pop(0)
    return found


def _same_types(before: Places, after: Places, known: Moved) -> dict[str, str]:
    """Return where all others went: they stayed, or are the next of their type, or are gone."""
    taken = set(known.values())
    left = [at for at in after.visits if at not in taken]
    found = {}
    for was, visit in before.visits.items():
        if was in known:
            continue
        alike = [at for at in left if _type(after, at) == type_name(visit.instruction)]
        found[was] = was if was in alike else next(iter(alike), "")
        if found[was]:
            left.remove(found[was])
    return found


def _type(places: Places, at: str) -> str:
    return type_name(places.visits[at].instruction)


def _end(now: Moved, scope: str, after: Places) -> str:
    """Return the end of a block that ended elsewhere before, empty where the block is gone."""
    holder, _, branch = scope.rpartition("/")
    if not scope:
        return after.ends[""]
    return after.ends.get(f"{now[holder]}/{branch}", "") if now.get(holder) else ""


def _named(places: Places) -> list[tuple[str, str, str]]:
    return [
        (at, _type(places, at), str(getattr(visit.instruction, "job_name", "")))
        for at, visit in places.visits.items()
    ]
