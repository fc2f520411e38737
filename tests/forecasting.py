"""Forecasts of a simulated installation: the snapshot of a system, and how its orders ended."""

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from engine.order import events as e
from engine.order.requests import NewOrder
from simulation.documents import FLOWS, JOBS, Installed, installed, without
from simulation.forecast.player import Player
from simulation.forecast.snapshot import AgentSeen, Ran, Snapshot
from simulation.system import System

SECOND_US = 1_000_000
WEIGHTS = without("Stop")
_ENDS = (e.OrderFinished, e.OrderCancelled, e.OrderFailed, e.OrderStopped, e.OrderBroken)


def site(chance: Random, weights: Mapping[str, float] = WEIGHTS) -> Installed:
    """Return random workflows that nothing but time decides about: no job of them fails."""
    found = installed(chance, weights)
    for document in found.workflows.values():
        for job in document["jobs"].values():
            job.pop("timeout", None)
        _plain(document)
    return found


def _plain(value: Any) -> None:
    """Let conditions ask for what an order brings along alone."""
    if isinstance(value, dict):
        if "returnCode" in value.get("predicate", "") or "nowhere" in value.get("predicate", ""):
            value["predicate"] = "$a == 'x'"
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            _plain(one)


def snapshot_of(
    system: System,
    seconds: Mapping[str, float],
    *,
    until_us: int,
    limits: Mapping[str, int | None],
    coming: Iterable[NewOrder] = (),
) -> Snapshot:
    """Return what a forecast of a system starts from, with known durations."""
    store = system.store
    rows = sorted(store.rows.items(), key=lambda row: row[1].changed_no)
    orders = [store.orders([order_id])[order_id][0] for order_id, _ in rows]
    objects = [store.items[k, p, v] for (k, p), v in store.current.items() if k != "workflow"]
    workflows = [item for (kind, _, _), item in store.items.items() if kind == "workflow"]
    return Snapshot(
        now_us=system.clock.now_us,
        until_us=until_us,
        last_no=store.last_no(),
        items=(*workflows, *objects),
        current={path: v for (kind, path), v in store.current.items() if kind == "workflow"},
        orders=tuple(orders),
        facts=tuple(store.fact_rows.items()),
        coming=tuple(coming),
        agents=tuple(AgentSeen(name, processes) for name, processes in limits.items()),
        ran=tuple(Ran(path, job, "", (s,)) for path in FLOWS for job, s in seconds.items()),
    )


def ends_of(system: System) -> dict[str, int]:
    """Return when orders ended first, children left out."""
    found: dict[str, int] = {}
    for entry in system.store.journal:
        if isinstance(entry.event, _ENDS) and "|" not in entry.order:
            found.setdefault(entry.order, entry.at_us)
    return found


def foreseen(player: Player) -> dict[str, int]:
    """Return when orders end in a forecast, children left out."""
    lives = player.trace.lives.values()
    return {i.id: i.end_us for i in lives if not i.is_child and i.end_us is not None}


def as_planned(ends: Mapping[str, int]) -> tuple[dict[str, int], list[int]]:
    """Return the ends of orders by id, and of those that instructions added: their ids tell apart
    which came first in the journal, and nothing else.
    """
    named = {i: at for i, at in ends.items() if not i.startswith("#")}
    return named, sorted(at for i, at in ends.items() if i.startswith("#"))


def orders(chance: Random, begin_us: int, most: int = 8) -> list[NewOrder]:
    """Return orders that start within some seconds of each other."""
    return [
        NewOrder(
            f"o{n}",
            chance.choice(FLOWS),
            {"a": chance.choice(("x", "y"))},
            scheduled_us=begin_us + chance.randrange(0, 40) * SECOND_US,
            priority=chance.choice((0, 0, 0, 5)),
        )
        for n in range(chance.randrange(1, most + 1))
    ]


def durations(chance: Random) -> dict[str, float]:
    """Return how long each job runs: whole seconds, so that much happens at one moment."""
    return {job: float(chance.randrange(0, 9)) for job in JOBS}
