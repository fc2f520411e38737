"""The part of the world that a decision needs: orders and workflow versions.

A world may be partial. Then absence is never a guess: what is not known raises `NotLoaded`, the
caller loads it and decides again. The world changes only by taking events.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from engine.errors import EventNotApplicable, NotLoaded
from engine.order.apply import apply
from engine.order.events import (
    OrderAdded,
    OrderCancelled,
    OrderEvent,
    OrderFinished,
    OrderForked,
    OrderJoined,
    OrderRestored,
)
from engine.order.model import Forked, Order, Ready
from engine.position import into
from engine.workflow.program import Program

Step = tuple[str, OrderEvent]


class World:
    """Orders by id and workflow versions by (path, version), changed only by `take`.

    `complete` worlds (an agent's, a test's) know everything: what is not there does not exist.
    """

    def __init__(self, *, complete: bool = False) -> None:
        self.complete = complete
        self.orders: dict[str, Order] = {}
        self.absent: set[str] = set()
        self.programs: dict[tuple[str, str], Program] = {}
        self.current: dict[str, str] = {}
        self.touched: dict[str, None] = {}
        self.left: dict[str, Order] = {}

    def find(self, order_id: str) -> Order | None:
        """Return the order, None where it is known not to exist.

        Raises:
            NotLoaded: a partial world does not know.
        """
        order = self.orders.get(order_id)
        if order is None and not self.complete and order_id not in self.absent:
            raise NotLoaded("order", order_id)
        return order

    def order(self, order_id: str) -> Order:
        """Return an order that must exist."""
        order = self.find(order_id)
        if order is None:
            raise EventNotApplicable(f"there is no order {order_id}")
        return order

    def program(self, path: str, version: str) -> Program:
        """Return a workflow version.

        Raises:
            NotLoaded: this version is not in the world.
        """
        found = self.programs.get((path, version))
        if found is None:
            raise NotLoaded("program", path, version)
        return found

    def program_of(self, order: Order) -> Program:
        """Return the workflow version that the order walks."""
        return self.program(order.workflow, order.version)

    def current_program(self, path: str) -> Program | None:
        """Return the version that new orders get, None where nobody has deployed the path.

        Raises:
            NotLoaded: a partial world does not know.
        """
        version = self.current.get(path)
        if version is None:
            if self.complete:
                return None
            raise NotLoaded("workflow", path)
        return self.program(path, version) if version else None

    def put(self, order: Order) -> None:
        """Place a loaded order; not a change."""
        self.orders[order.id] = order

    def take(self, order_id: str, event: OrderEvent) -> None:
        """Change the world by an event.

        Raises:
            EventNotApplicable: it cannot follow.
            NotLoaded: it needs an order that is not here.
        """
        before = self.find(order_id)
        after = _after(order_id, before, event)
        self._keep(after)
        if isinstance(event, OrderForked):
            for child_id, branch in event.children:
                self._keep(child(after, child_id, branch))
        elif isinstance(event, OrderJoined):
            self._remove(children(before))
        elif isinstance(event, OrderFinished | OrderCancelled) and not self._awaited(after):
            self._remove((order_id,))

    def _keep(self, order: Order) -> None:
        self.orders[order.id] = order
        self.absent.discard(order.id)
        self.touched[order.id] = None

    def _awaited(self, order: Order) -> bool:
        """Tell whether a parent waits for the order: then it stays until the join."""
        parent = self.orders.get(order.parent) if order.parent else None
        return parent is not None and awaits(parent, order.id)

    def _remove(self, ids: Iterable[str]) -> None:
        for order_id in ids:
            gone = self.orders.pop(order_id, None)
            if gone is not None:
                self.left[order_id] = gone
            self.absent.add(order_id)
            self.touched[order_id] = None


def _after(order_id: str, before: Order | None, event: OrderEvent) -> Order:
    if isinstance(event, OrderAdded) and before is not None:
        raise EventNotApplicable(f"order {order_id} exists already")
    if isinstance(event, OrderAdded | OrderRestored) and before is None:
        return event.order
    if before is None:
        raise EventNotApplicable(f"there is no order {order_id}")
    return apply(before, event)


def children(order: Order | None) -> tuple[str, ...]:
    """Return the ids of the children that an order waits for."""
    return order.state.children if order and isinstance(order.state, Forked) else ()


def awaits(parent: Order, child_id: str) -> bool:
    """Tell whether an order is forked and has not yet joined this child."""
    return child_id in children(parent)


def child(parent: Order, child_id: str, branch: str) -> Order:
    """Return a child order as it begins in its branch, with what its parent carries."""
    return replace(
        parent,
        id=child_id,
        parent=parent.id,
        state=Ready(),
        position=into(parent.position, f"fork+{branch}"),
        held=None,
        mark=None,
        suspended=False,
    )
