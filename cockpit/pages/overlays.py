"""What lies over the picture of a workflow now: orders, marks of operators, locks and who has them.

Read through the gate; knows no request.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Count, Min, QuerySet

from cockpit.access.gate import rows
from cockpit.access.policy import Account, Verb, may_at
from cockpit.diagram import Addresses, LockUse, Overlay, Standing
from cockpit.diagram.words_of_blocks import demands
from cockpit.pages.addresses import orders_at
from controller.models import DeployedItem, Fact, OrderRow
from engine.facts import Control, LockState
from engine.facts import Fact as KnownFact
from engine.position import to_text
from engine.workflow.instruction import Lock
from engine.workflow.program import Program
from engine.workflow.walk import walk

ENDED = ("finished", "cancelled")
ADDRESSES = Addresses(workflow="/workflows/{}/", order="/orders/{}/")

_decode: msgspec.msgpack.Decoder[KnownFact] = msgspec.msgpack.Decoder(KnownFact)


def overlay_of(account: Account, program: Program) -> Overlay:
    """Return what lies over a workflow for an account that may see it."""
    control = _control(account, program.path)
    several = f"{orders_at(q=f'wf:{program.path}')}&at={{}}"
    return Overlay(
        orders=_standings(orders_in(account, program.path)),
        skipped=frozenset(control.skipped),
        stopped=frozenset(map(to_text, control.stops)),
        suspended=control.suspended,
        locks=_locks(account, program),
        addresses=ADDRESSES._replace(orders=several),
    )


def orders_in(account: Account, path: str) -> "QuerySet[OrderRow, tuple[str, str, int, str]]":
    """Return position, group, count and first id of the orders that are under way in a workflow."""
    found = rows(OrderRow, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, workflow=path
    )
    # Children that have ended wait to be joined; they are no longer under way.
    found = found.exclude(group__in=ENDED)
    grouped: Any = found.values_list("position", "group").annotate(
        n=Count("order_id"), first=Min("order_id")
    )
    return grouped  # type: ignore[no-any-return]


def _standings(
    grouped: Iterable[tuple[str, str, int, str]],
) -> dict[str, list[Standing]]:
    found: dict[str, list[Standing]] = {}
    for position, group, many, first in grouped:
        standing = Standing(group, many, first if many == 1 else "")
        found.setdefault(position, []).append(standing)
    return found


def _control(account: Account, path: str) -> Control:
    found = _facts(account, "workflow", [path]).get(path)
    return found if isinstance(found, Control) else Control()


def _locks(account: Account, program: Program) -> dict[str, LockUse]:
    """Return how much is taken of the locks that a workflow names, by the name that it uses."""
    names = {
        demand.lock_name
        for visit in walk(program.workflow)
        if isinstance(visit.instruction, Lock)
        for demand in demands(visit.instruction)
    }
    limits = _limits(account, names) if names else {}
    states = _facts(account, "lock", limits)
    used = {path: _use(account, states.get(path), limits[path]) for path in limits}
    return {
        name: use
        for path, use in used.items()
        for name in (path, path.rpartition("/")[2])
        if name in names
    }


def _limits(account: Account, names: Iterable[str]) -> dict[str, int]:
    found = rows(DeployedItem, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, kind="lock", current=True
    )
    wanted = frozenset(names)
    return {
        path: int(msgspec.json.decode(bytes(document)).get("limit", 1))
        for path, document in found.values_list("path", "document")
        if (path in wanted or path.rpartition("/")[2] in wanted)
        and may_at(account, Verb.LOOK, path)
    }


def _use(account: Account, state: KnownFact | None, limit: int) -> LockUse:
    held: Mapping[str, int | None] = state.holders if isinstance(state, LockState) else {}
    taken = sum(limit if share is None else share for share in held.values())
    seen = rows(OrderRow, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, order_id__in=list(held)
    )
    visible = set(seen.values_list("order_id", flat=True)) if held else set()
    return LockUse(taken, limit, tuple(sorted(visible)))


def _facts(account: Account, kind: str, names: Iterable[str]) -> dict[str, KnownFact]:
    found = rows(Fact, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, kind=kind, name__in=list(names), key=""
    )
    return {name: _decode.decode(bytes(body)) for name, body in found.values_list("name", "body")}
