"""Who owns an order, and what its owner does with it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from controller.journal import Entry
from engine.order import events as e
from engine.order.model import Order
from simulation.witness import Invariant

if TYPE_CHECKING:
    from simulation.host import Host
    from simulation.night import Night


class Baton(Invariant):
    """Each ownership of an order has one owner, and nobody acts on one that is over."""

    name = "I3 baton"

    def __init__(self) -> None:
        self._freed: set[tuple[str, int]] = set()

    def after(self, night: "Night", entry: Entry, before: Order | None) -> Iterator[str]:
        if isinstance(entry.event, e.OrderBroken | e.OrderReclaimed | e.OrderRestored) and before:
            self._freed.add((before.id, before.run))
        return iter(())

    def stepped(self, night: "Night") -> Iterator[str]:
        owners: dict[tuple[str, int, int, int], str] = {}
        for host in night.hosts.values():
            for order in host.orders:
                # Of a journal that was set back numbers come again; a moment does not.
                known = order.id, order.run, order.own_no, order.added_us
                owner = owners.setdefault(known, host.name)
                if owner != host.name:
                    yield f"{owner} and {host.name} own {order.id} as number {order.own_no}"
                yield from self._against_row(night, host, order)

    def _against_row(self, night: "Night", host: "Host", order: Order) -> Iterator[str]:
        row = night.store.rows.get(order.id)
        mine = order.run, order.own_no
        theirs = (row.order.run, row.order.own_no) if row else (0, 0)
        if row and mine == theirs and row.order.agent != host.name and not night.disturbed:
            yield f"{host.name} owns {order.id} as number {mine}, the controller too: {row.order}"
        late = (order.id, order.run) in self._freed or night.disturbed
        if mine != theirs and not late:
            yield f"{host.name} owns {order.id} as {mine}, the controller says {theirs}"


class RunOnce(Invariant):
    """An attempt has at most one process, and only after it is durable."""

    name = "I4 run once"

    def __init__(self) -> None:
        self._started: set[str] = set()

    def started(self, night: "Night", host: "Host", attempt: str) -> Iterator[str]:
        if attempt in self._started:
            yield f"attempt {attempt} was started twice"
        self._started.add(attempt)
        if attempt not in night.witness.durable:
            yield f"attempt {attempt} was started before it was durable"
