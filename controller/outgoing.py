"""What a turn tells agents: orders, the versions and objects they need, marks and controls."""

from collections.abc import Callable, Iterable
from functools import lru_cache

from agents.protocol import (
    NO_PROCESS,
    Attach,
    Down,
    Drop,
    Item,
    Limits,
    SetControl,
    SetMark,
    SetPriority,
    encode_item,
)
from controller.changes import Changes, LinkState, Store
from engine.facts import Control
from engine.order import events as e
from engine.order import model as m
from engine.order.requests import SignedItem
from engine.workflow.program import Program
from engine.workflow.relations import relations
from engine.world import World

Known = tuple[str, str, str]
_CONCERNING_AGENTS = frozenset(
    {
        e.OrderAttachable, e.OrderDetached, e.OrderReclaimed, e.OrderMarked,
        e.OrderPriorityChanged,
    }
)  # fmt: skip
JOB_RESOURCE = "jobresource"


class Outgoing:
    """Writes to the numbered streams; each message is a row of the same transaction."""

    def __init__(
        self,
        world: World,
        store: Store,
        links: dict[str, LinkState],
        changes: Changes,
        new_link: Callable[[str], LinkState],
    ) -> None:
        self._world, self._store, self._links = world, store, links
        self._changes, self._new_link = changes, new_link

    def link(self, agent: str) -> LinkState:
        """Return the link to an agent, made at the first look."""
        if agent not in self._links:
            self._links[agent] = self._new_link(agent)
        return self._links[agent]

    def say(self, agent: str, message: Down) -> None:
        """Append a message to an agent's stream."""
        link = self.link(agent)
        self._changes.outbox.append((agent, link.next_n, encode_item(message)))
        link.next_n += 1
        link.changed = True

    def restream(self, agent: str) -> None:
        """Drop what waits for an agent: its stream begins anew."""
        self._changes.restreamed.append(agent)
        self._changes.outbox = [row for row in self._changes.outbox if row[0] != agent]

    def limit(self, agent: str, processes: int | None) -> None:
        """Tell an agent how many processes it may run at once; at 0 no further one starts."""
        self.say(agent, Limits(NO_PROCESS if processes == 0 else processes))
        self._links[agent].limit = processes

    def drop(self, order: m.Order, agent: str) -> None:
        """Take an order away from an agent."""
        self.say(agent, Drop(order.id, order.own_no))

    def happened(self, order_id: str, event: e.OrderEvent, loaded: Callable[..., object]) -> None:
        """Tell an agent what an event of an order that it holds, or gets, means for it."""
        if type(event) not in _CONCERNING_AGENTS:
            return
        if isinstance(event, e.OrderDetached | e.OrderReclaimed) and event.agent in self._links:
            self._links[event.agent].held -= 1
        order = self._world.orders.get(order_id)
        if order is None or order.held is None:
            return
        agent = order.held.agent
        match event:
            case e.OrderAttachable():
                loaded(lambda: self._prepare(agent, order))
                self.say(agent, Attach(order))
                self.link(agent).held += 1
            case e.OrderMarked(mark=mark):
                self.say(agent, SetMark(order_id, order.own_no, mark))
            case e.OrderPriorityChanged(priority=priority):
                self.say(agent, SetPriority(order_id, order.own_no, priority))
            case _:
                return

    def _prepare(self, agent: str, order: m.Order) -> None:
        """Send what the agent needs to know before it gets the order."""
        key = ("workflow", order.workflow, order.version)
        program, control = self._world.program_of(order), self._world.control(order.workflow)
        named = job_resources(program)
        resources = [self._world.object(JOB_RESOURCE, name) for name in named]
        if key not in self.link(agent).known:
            self.say(agent, self._version(*key))
            self.link(agent).known.add(key)
        for name, found in zip(named, resources, strict=True):
            if found is not None:
                self._resource(agent, name)
        if control != Control():
            self._control(agent, order.workflow, control)

    def _version(self, kind: str, path: str, version: str) -> Item:
        """Return a version as agents are sent it; the store has not what this turn took over."""
        for item in self._changes.items:
            if (item.kind, item.path, item.version) == (kind, path, version):
                return _sent(item)
        return Item(*self._store.item(kind, path, version))

    def _resource(self, agent: str, name: str) -> None:
        item = self._store.current_item(JOB_RESOURCE, name)
        if item is not None and (key := (item.kind, item.path, item.version)) not in (
            known := self.link(agent).known
        ):
            known.add(key)
            self.say(agent, _sent(item))

    def _control(self, agent: str, path: str, control: Control) -> None:
        key = ("control", path, repr(control))
        if key not in self.link(agent).known:
            self.link(agent).known = {
                k for k in self.link(agent).known if k[:2] != ("control", path)
            } | {key}
            self.say(agent, SetControl(path, control))

    def controlled(self, path: str, control: Control) -> None:
        """Tell every agent what orders of a workflow may do from now on."""
        for agent in list(self._links):
            self._control(agent, path, control)

    def send(self, agent: str, item: SignedItem) -> None:
        """Send a version of an object to an agent."""
        self.say(agent, _sent(item))

    def renewed(self, items: Iterable[SignedItem]) -> None:
        """Send new versions of job resources to every agent: orders there use them at once."""
        for item in items:
            if item.kind == JOB_RESOURCE:
                for agent in list(self._links):
                    self.link(agent).known.add((item.kind, item.path, item.version))
                    self.say(agent, _sent(item))


@lru_cache(maxsize=1_000)
def job_resources(program: Program) -> tuple[str, ...]:
    """Return the names of the job resources that a workflow version refers to."""
    return tuple(relations(program.workflow).job_resources)


def _sent(item: SignedItem) -> Item:
    return Item(item.kind, item.path, item.version, item.document, item.signature)
