"""What is left when all faults have healed and everybody had time."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from controller.journal import Entry
from engine.order import events as e
from engine.order.model import Order
from simulation.witness import Invariant

if TYPE_CHECKING:
    from simulation.night import Night


class NoLoss(Invariant):
    """Every order that was accepted is there until it has ended; none vanishes."""

    name = "I5 no loss"

    def before(self, night: "Night", entry: Entry, before: Order | None) -> Iterator[str]:
        match entry.event:
            case e.OrderJoined() if before is not None:
                yield from self._joined(night, before)
            case e.OrderRestored(order=order) if before and before.workflow != order.workflow:
                yield f"{before} is replaced by another order of its id: {order}"

    def _joined(self, night: "Night", order: Order) -> Iterator[str]:
        world = night.witness.watch.world
        for child in getattr(order.state, "children", ()):
            found = world.orders.get(child)
            if found is not None and type(found.state).__name__ not in ENDED:
                yield f"{order.id} is joined while {child} is {type(found.state).__name__}"

    def stepped(self, night: "Night") -> Iterator[str]:
        alive = night.witness.watch.world.orders.keys()
        if alive != night.store.rows.keys():
            yield f"{sorted(alive ^ night.store.rows.keys())} are not in both: journal and rows"


ENDED = frozenset({"Finished", "Cancelled", "Failed", "FailedWhileFresh", "FailedInFork", "Broken"})


class Progress(Invariant):
    """Once all has healed somebody leads, everybody is coupled, and every wish comes true."""

    name = "I12 progress"

    def quiet(self, night: "Night") -> Iterator[str]:
        if not any(node.leads for node in night.nodes):
            yield "nobody leads"
        waiting = [pending.command for pending in night.store.pending(10)]
        if waiting:
            yield f"requests are not answered: {[night.asked.get(c) for c in waiting]}"
        for name, host in night.hosts.items():
            if not night.is_coupled(host):
                yield f"agent {name} is not coupled"
        if night.store.rows:
            yield f"orders do not end: {[row.order for row in night.store.rows.values()]}"
        for name, host in night.hosts.items():
            if host.orders:
                yield f"agent {name} still holds {host.orders}"
