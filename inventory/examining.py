"""Drafts read anew for a deployment, with everything that is wrong with all of them."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from controller.items import WORKFLOW
from engine.workflow.problem import Problem, problem, shown
from inventory.check import Examined, examine, kind_problems, located
from inventory.deployed import Ref
from inventory.errors import Located
from inventory.including import expanded, scripts_with
from inventory.known import known_with
from inventory.known_calendars import TIMED, calendars_with
from inventory.models import Item


class Candidates(msgspec.Struct, frozen=True):
    """Drafts that were asked for, each with what came of reading it, and all errors."""

    found: tuple[tuple[Item, Examined], ...]
    problems: tuple[Located, ...]


def candidates(
    refs: Sequence[Ref], *, without: Sequence[Ref] = (), lock: bool = False
) -> Candidates:
    """Return the drafts as they would be deployed together.

    Args:
        refs: kind and path of each, none twice.
        without: objects that go at the same time: nobody may name them.
        lock: whether they have to stay as they are until the end of the transaction.
    """
    items = _items(refs, lock=lock)
    problems = nothing_named(refs)
    found: list[tuple[Item, Examined]] = []
    known = known_with(items, without=without)
    if any(kind in TIMED for kind, _ in refs):
        known = replace(known, calendars=calendars_with(items.values(), without=without))
    for ref in refs:
        item = items.get(ref)
        if item is None:
            problems += located(*ref, _absent(ref))
            continue
        # Read again rather than trusting the flag: the rules may be newer than the draft.
        found.append((item, examine(item.kind, item.source, known)))
    found = _with_includes(found)
    for item, examined in found:
        if not examined.valid:
            problems += located(item.kind, item.path, examined.frozen.problems)
    return Candidates(tuple(found), tuple(problems))


def nothing_named(refs: Sequence[Ref]) -> list[Located]:
    """Return the problem of a request about nothing."""
    if refs:
        return []
    return [Located("", "", problem(("objects",), "nothing-named", "No object is named."))]


def _with_includes(found: list[tuple[Item, Examined]]) -> list[tuple[Item, Examined]]:
    scripts = scripts_with(((item.kind, item.path), e.frozen) for item, e in found)
    return [
        (item, replace(e, frozen=expanded(e.frozen, scripts)) if item.kind == WORKFLOW else e)
        for item, e in found
    ]


def _items(refs: Sequence[Ref], *, lock: bool) -> dict[Ref, Item]:
    wanted = set(refs)
    rows = Item.objects.filter(path__in=[path for _, path in refs], trashed_at__isnull=True)
    rows = rows.select_for_update().order_by("pk") if lock else rows
    found = {(item.kind, item.path): item for item in rows}
    return {ref: item for ref, item in found.items() if ref in wanted}


def _absent(ref: Ref) -> list[Problem]:
    kind, path = ref
    sentence = f"There is no {kind} {shown(path)}."
    return kind_problems(kind) or [problem(("path",), "item-unknown", sentence)]
