"""Files: each that was complete got one order, and an order leaves with its file."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agents import protocol as pr
from controller.journal import Entry
from engine.order import events as e
from engine.order.model import Order
from simulation.files import Arisen
from simulation.witness import Invariant

if TYPE_CHECKING:
    from simulation.host import Host
    from simulation.night import Night


class Files(Invariant):
    """Each complete file gets exactly one order; once files are gone, all that is known of them is.

    A database that was set back may have lost orders: then a file may get another one.
    """

    name = "files"

    def __init__(self) -> None:
        self._arisen: dict[str, Arisen] = {}
        self._orders: dict[int, list[str]] = {}
        self._set_back = False

    def set_back(self, night: "Night") -> Iterator[str]:
        self._set_back = True
        return iter(())

    def journalled(
        self, night: "Night", host: "Host", items: Sequence[tuple[int, pr.Up]]
    ) -> Iterator[str]:
        for _, item in items:
            if isinstance(item, pr.FileArose) and host.eye is not None:
                found = host.eye.found.get((item.source, item.name))
                if found is not None:
                    self._arisen.setdefault(item.arising.id, found)
        return iter(())

    def after(self, night: "Night", entry: Entry, before: Order | None) -> Iterator[str]:
        match entry.event:
            case e.OrderAdded(order=order) if order.external is not None:
                yield from self._added(night, order)
            case _:
                return

    def _added(self, night: "Night", order: Order) -> Iterator[str]:
        assert order.external is not None  # noqa: S101  # the caller looked
        arisen = self._arisen.get(order.external.arising)
        if arisen is None:
            yield f"{order.id} is added for a file that nobody has seen"
            return
        orders = self._orders.setdefault(arisen.inode, [])
        orders.append(order.id)
        if night.files is not None:
            night.files.ordered.add(arisen.inode)
        if len(orders) > 1 and not self._set_back:
            yield f"{arisen} got a second order {order.id}, the first one was {orders[0]}"

    def quiet(self, night: "Night") -> Iterator[str]:
        if night.files is None:
            return
        for source, files in night.files.folders.files.items():
            for name, look in files.items():
                has = self._orders.get(look.inode, "no order")
                yield f"{source}/{name} ({look.inode}) has {has}"
        known = [key for key in night.store.fact_rows if key[0] == "file"]
        if known and not night.store.rows:
            yield f"files are gone and still known: {known}"
