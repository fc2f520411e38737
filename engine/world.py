"""The part of the world that a decision needs: orders and workflow versions.

A world may be partial. Then absence is never a guess: what is not known raises `NotLoaded`, the
caller loads it and decides again. The world changes only by taking events.
"""

from collections.abc import Iterable, Iterator

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
        changed = list(self._changes(order_id, event))
        for found in changed:
            self.orders[found.id] = found
            self.absent.discard(found.id)
            self.touched[found.id] = None
        if isinstance(event, OrderJoined):
            self._remove(self._children)
        elif isinstance(event, OrderFinished | OrderCancelled) and changed[0].parent is None:
            self._remove((order_id,))

    def _changes(self, order_id: str, event: OrderEvent) -> Iterator[Order]:
        if isinstance(event, OrderAdded):
            if self.find(order_id) is not None:
                raise EventNotApplicable(f"order {order_id} exists already")
            yield event.order
            return
        if isinstance(event, OrderRestored) and self.find(order_id) is None:
            yield event.order
            return
        before = self.order(order_id)
        if isinstance(event, OrderJoined) and isinstance(before.state, Forked):
            self._children = before.state.children
        yield apply(before, event)
        if isinstance(event, OrderForked):
            for child_id, branch in event.children:
                yield child(before, child_id, branch)

    def _remove(self, ids: Iterable[str]) -> None:
        for order_id in ids:
            gone = self.orders.pop(order_id, None)
            if gone is not None:
                self.left[order_id] = gone
            self.absent.add(order_id)
            self.touched[order_id] = None


def child(parent: Order, child_id: str, branch: str) -> Order:
    """Return a child order as it begins in its branch, with what its parent carries."""
    return replace(
        parent,
        id=child_id,
        parent=parent.id,
        state=Ready(),
        position=into(parent.position, f"fork+{branch}"),
        held=None,
        own_no=0,
        mark=None,
        suspended=False,
    )


