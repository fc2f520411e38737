"""The part of the world that a decision needs: orders, workflow versions, facts and queues.

A world may be partial. Then absence is never a guess: what is not known raises `NotLoaded`, the
caller loads it and decides again. The world changes only by taking events.
"""

from collections import deque
from collections.abc import Iterable

from msgspec.structs import replace

from engine import effects
from engine.errors import EventNotApplicable, NotLoaded
from engine.facts import (
    DEFAULTS,
    Control,
    Fact,
    FactKey,
    LockState,
    NoticeState,
    PlanState,
    Rank,
    Throttle,
)
from engine.files.effects import is_there
from engine.files.state import FileState, SourceState
from engine.objects.model import Object
from engine.order.apply import apply
from engine.order.events import (
    OrderAdded,
    OrderCancelled,
    OrderEvent,
    OrderFinished,
    OrderForked,
    OrderJoined,
    OrderLocksQueued,
    OrderNoticesExpected,
    OrderRemoved,
    OrderRestored,
)
from engine.order.model import Cancelled, Forked, Order, Ready
from engine.order.object_events import OBJECT_EVENTS
from engine.position import into
from engine.queue import Queue
from engine.workflow.program import Program

Step = tuple[str, OrderEvent]

_QUEUES = frozenset({OrderLocksQueued, OrderNoticesExpected})
_TAKES_OTHERS = frozenset({OrderForked, OrderJoined, OrderRemoved, OrderFinished, OrderCancelled})


class World:
    """Orders by id and workflow versions by (path, version), changed only by `take`.

    `complete` worlds (an agent's, a test's) know everything: what is not there does not exist.
    `no` is the number of the last event. `changed` and `queued` are what differs from the rows,
    `wakes` names what may lead waiting orders on since somebody last looked. `decided` are steps of
    one decision that are still to be taken.
    """

    def __init__(self, *, complete: bool = False) -> None:
        self.complete = complete
        self.orders: dict[str, Order] = {}
        self.absent: set[str] = set()
        self.programs: dict[tuple[str, str], Program] = {}
        self.current: dict[str, str] = {}
        self.named: dict[str, str] = {}
        self.touched: dict[str, None] = {}
        self.left: dict[str, Order] = {}
        self.no = 0
        self.objects: dict[tuple[str, str], tuple[str, Object] | None] = {}
        self.facts: dict[FactKey, Fact] = {}
        self.changed: dict[FactKey, None] = {}
        self.queues: dict[FactKey, Queue] = {}
        self.queued: dict[tuple[FactKey, str], Rank | None] = {}
        self.wakes: dict[FactKey, None] = {}
        self.decided: deque[Step] = deque()
        self.members: dict[tuple[str, str], tuple[str, ...]] = {}
        self.named_files: dict[tuple[str, str], tuple[str, ...]] = {}

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
        found = self.programs.get((order.workflow, order.version))
        return found or self.program(order.workflow, order.version)

    def current_program(self, path: str) -> Program | None:
        """Return the version that new orders get, None where nobody has deployed the path.

        `path` may also be the last part of one, as documents name workflows.

        Raises:
            NotLoaded: a partial world does not know.
        """
        version = self.current.get(path)
        if version is None:
            if self.complete:
                return None
            raise NotLoaded("workflow", path)
        return self.program(self.named.get(path, path), version) if version else None

    def name(self, path: str, version: str) -> None:
        """Let new orders of a path get this version; empty: there is none any more."""
        for name in names_of(path):
            self.current[name] = version
            self.named[name] = path

    # -- objects, facts and queues ----------------------------------------------------------

    def object(self, kind: str, name: str) -> tuple[str, Object] | None:
        """Return path and document of a lock, board or job resource; None if there is none.

        Documents name them by path, or by the last part of it.

        Raises:
            NotLoaded: a partial world does not know.
        """
        if (kind, name) in self.objects:
            return self.objects[kind, name]
        if self.complete:
            return None
        raise NotLoaded("object", kind, name)

    def fact(self, key: FactKey) -> Fact:
        """Return a fact, the default of its kind where nothing has happened yet.

        Raises:
            NotLoaded: a partial world does not know.
        """
        found = self.facts.get(key)
        if found is not None:
            return found
        if self.complete:
            return DEFAULTS[key[0]]
        raise NotLoaded("fact", *key)

    def lock(self, path: str) -> LockState:
        """Return who holds a lock."""
        found = self.fact(("lock", path, ""))
        assert isinstance(found, LockState)  # noqa: S101  # by its kind
        return found

    def notice(self, board: str, key: str) -> NoticeState:
        """Return the instances of a notice."""
        found = self.fact(("notice", board, key))
        assert isinstance(found, NoticeState)  # noqa: S101  # by its kind
        return found

    def control(self, path: str) -> Control:
        """Return what people have done to a workflow."""
        found = self.fact(("workflow", path, ""))
        assert isinstance(found, Control)  # noqa: S101  # by its kind
        return found

    def plan(self, plan: str) -> PlanState:
        """Return whether a plan is closed."""
        found = self.fact(("plan", plan, ""))
        assert isinstance(found, PlanState)  # noqa: S101  # by its kind
        return found

    def throttle(self, name: str) -> Throttle:
        """Return how often something was done lately."""
        found = self.fact(("throttle", name, ""))
        assert isinstance(found, Throttle)  # noqa: S101  # by its kind
        return found

    def file(self, source: str, name: str) -> FileState:
        """Return what is known of a name in the directory of a file order source."""
        found = self.fact(("file", source, name))
        assert isinstance(found, FileState)  # noqa: S101  # by its kind
        return found

    def file_source(self, source: str) -> SourceState:
        """Return what the agent of a file order source says of it."""
        found = self.fact(("fileordersource", source, ""))
        assert isinstance(found, SourceState)  # noqa: S101  # by its kind
        return found

    def files_of(self, source: str, after: str) -> tuple[str, ...]:
        """Return some names of known files of a source behind one, in order; empty at the end.

        Raises:
            NotLoaded: a partial world does not know.
        """
        if (source, after) in self.named_files:
            return self.named_files[source, after]
        if self.complete:
            found = (n for kind, s, n in self.facts if (kind, s) == ("file", source) and n > after)
            return tuple(sorted(found))
        raise NotLoaded("files", source, after)

    def set_fact(self, key: FactKey, fact: Fact) -> None:
        """Change a fact; only effects of events do."""
        self.facts[key] = fact
        self.changed[key] = None

    def queue(self, key: FactKey) -> Queue:
        """Return the queue of those who wait for something."""
        if key not in self.queues:
            self.queues[key] = Queue(key, whole=self.complete)
        return self.queues[key]

    def join_queue(self, key: FactKey, rank: Rank, order_id: str) -> None:
        """Let an order wait; only effects of events do."""
        self.queue(key).add((*rank, order_id))
        self.queued[key, order_id] = rank

    def leave_queue(self, key: FactKey, rank: Rank, order_id: str) -> None:
        """Let an order wait no more; only effects of events do."""
        self.queue(key).remove((*rank, order_id))
        self.queued[key, order_id] = None

    def orders_of(self, path: str, after: str) -> tuple[str, ...]:
        """Return ids of some orders of a workflow path behind an id, in order; empty at the end.

        Raises:
            NotLoaded: a partial world does not know.
        """
        if (path, after) in self.members:
            return self.members[path, after]
        if self.complete:
            found = (o.id for o in self.orders.values() if o.workflow == path and o.id > after)
            return tuple(sorted(found))
        raise NotLoaded("members", path, after)

    # -- changes ----------------------------------------------------------------------------

    def settled(self) -> None:
        """Forget what differs from the rows: it was written. Not a change."""
        self.touched.clear()
        self.left.clear()
        self.absent.clear()
        self.changed.clear()
        self.queued.clear()
        self.members.clear()
        self.named_files.clear()
        if not self.complete:
            self.queues.clear()

    def put(self, order: Order) -> None:
        """Place a loaded order; not a change."""
        self.orders[order.id] = order

    def take(self, subject: str, event: OrderEvent) -> None:
        """Change the world by an event.

        Raises:
            EventNotApplicable: it cannot follow.
            NotLoaded: it needs something that is not here; nothing has changed.
        """
        kind = type(event)
        if kind in OBJECT_EVENTS:
            effects.of_object(self, event)  # type: ignore[arg-type]  # by its kind
            self.no += 1
            return
        before = self.find(subject)
        after = self._after(subject, before, event)
        gone = self._below(before, after) if kind is OrderRestored else []
        for order in gone:
            effects.of_order(self, order, replace(order, state=Cancelled()), event)
        effects.of_order(self, before, after, event)
        self.no += 1
        for order in gone:
            self._remove((order.id,))
        self._keep(after)
        if kind in _TAKES_OTHERS:
            self._take_others(before, after, event)

    def _take_others(self, before: Order | None, after: Order, event: OrderEvent) -> None:
        """Let children come and go with their parent, and orders leave that have ended."""
        if isinstance(event, OrderForked):
            for n, (child_id, branch) in enumerate(event.children):
                element = event.elements[n] if event.elements else None
                self._keep(child(after, child_id, branch, element))
        elif isinstance(event, OrderJoined):
            self._remove(children(before))
        elif isinstance(event, OrderRemoved) or not self._stays(after):
            self._remove((after.id,))

    def _below(self, before: Order | None, after: Order) -> list[Order]:
        """Return the children that an order turns out to wait for no more, and theirs."""
        known = [self.find(i) for i in children(before) if i not in children(after)]
        gone = [order for order in known if order is not None]
        for order in list(gone):
            gone += self._below(order, replace(order, state=Cancelled()))
        return gone

    def _after(self, order_id: str, before: Order | None, event: OrderEvent) -> Order:
        after = _after(order_id, before, event)
        if type(event) in _QUEUES:
            return replace(after, state=replace(after.state, no=self.no + 1))
        return after

    def _keep(self, order: Order) -> None:
        self.orders[order.id] = order
        self.absent.discard(order.id)
        self.touched[order.id] = None

    def _stays(self, order: Order) -> bool:
        """Tell whether an order that has ended stays: for a person, its parent or its file."""
        return order.remain or self._awaited(order) or is_there(self, order)

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
    if before is None:
        if isinstance(event, OrderAdded | OrderRestored):
            return event.order
        raise EventNotApplicable(f"there is no order {order_id}")
    if type(event) is OrderAdded:
        raise EventNotApplicable(f"order {order_id} exists already")
    return apply(before, event)


def children(order: Order | None) -> tuple[str, ...]:
    """Return the ids of the children that an order waits for."""
    return order.state.children if order and isinstance(order.state, Forked) else ()


def names_of(path: str) -> tuple[str, ...]:
    """Return how documents may name an object: by its path, or by the last part of that."""
    return tuple(dict.fromkeys((path, path.rpartition("/")[2])))


def awaits(parent: Order, child_id: str) -> bool:
    """Tell whether an order is forked and has not yet joined this child."""
    return child_id in children(parent)


def child(
    parent: Order, child_id: str, branch: str, element: dict[str, object] | None = None
) -> Order:
    """Return a child order as it begins in its branch, with what its parent carries.

    `element` of a list: the child's own arguments, on top of its parent's.
    """
    return replace(
        parent,
        id=child_id,
        parent=parent.id,
        state=Ready(),
        position=into(parent.position, f"fork+{branch}" if branch else "fork"),
        arguments={**parent.arguments, **element} if element else parent.arguments,
        locks=(),
        consumptions=(),
        grants=(),
        announces=(),
        remain=False,
        external=None,
        held=None,
        mark=None,
        suspended=False,
    )
