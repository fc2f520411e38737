"""One turn: what agents reported, what people asked and what is due, made into changes.

A function over a store: it writes nothing itself and knows no clock. If its changes cannot be
committed, the turn never happened: drop the world and begin again.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeVar
from uuid import UUID

from msgspec.structs import replace

from agents.protocol import (
    Attach,
    Drop,
    Happened,
    Holding,
    Item,
    Limits,
    Listed,
    SetMark,
    SetPriority,
    Up,
    encode_item,
)
from controller.changes import Changes, LinkState, Saved, Store, storable
from controller.items import refused_items, take_items
from controller.journal import Entry
from engine.errors import CommandRefused, EngineError, EventNotApplicable, NotLoaded
from engine.order import events as e
from engine.order import model as m
from engine.order.add import add_order
from engine.order.commands import Verb, carry_out
from engine.order.group import state_name
from engine.order.requests import AddOrders, Answer, Answered, NewOrder, Request, TakeItems
from engine.steps.advance import advance
from engine.steps.site import DAY_US, Site
from engine.world import Step, World

log = logging.getLogger(__name__)

T = TypeVar("T")
OBJECTS_AT_ONCE = 1_000
Verify = Callable[[TakeItems], list[Answered]]


class Turn:
    """Gathers the changes of one turn. Feed it, then take `changes()`."""

    def __init__(
        self,
        world: World,
        store: Store,
        links: dict[str, LinkState],
        *,
        last_no: int,
        now_us: int,
        stored: dict[str, int],
        verify: Verify,
        new_link: Callable[[str], LinkState],
        horizon_us: int = DAY_US,
    ) -> None:
        self.world, self.store, self.links = world, store, links
        self.last_no, self.now_us = last_no, now_us
        self._stored = stored
        self._verify = verify
        self._new_link = new_link
        self._site = Site(now_us=now_us, horizon_us=horizon_us)
        self._changes = Changes()
        self._changed_no: dict[str, int] = {}
        self._joined: set[str] = set()

    # -- what comes in ----------------------------------------------------------------------

    def preload(self, ids: Iterable[str]) -> None:
        """Load orders and their parents in bulk, so that single look-ups stay rare."""
        wanted = set(ids) - self.world.orders.keys() - self.world.absent
        self.world.absent.update(i for i in wanted if not storable(i))
        wanted -= self.world.absent
        while wanted:
            found = self.store.orders(wanted)
            for order, results in found.values():
                self.world.put(order)
                self._stored[order.id] = results
            self.world.absent.update(wanted - found.keys())
            parents = {order.parent for order, _ in found.values() if order.parent}
            wanted = parents - self.world.orders.keys() - self.world.absent

    def request(
        self, command: UUID, request: Request, *, cursor: int = 0, before: tuple[Answered, ...] = ()
    ) -> None:
        """Carry out a request, or its next slice; the answer is part of the changes.

        Nothing in it stops the turn. A slice and its cursor are committed together, so a big
        request goes on where it was after any fault, and others come between.
        """
        end = cursor + OBJECTS_AT_ONCE
        match request:
            case AddOrders(orders=orders):
                self.preload(o.id for o in orders[cursor:end])
                answers = [self._add(new) for new in orders[cursor:end]]
            case TakeItems():
                answers, end = self._take_items(request), 0
            case _:
                self.preload(request.orders[cursor:end])
                answers = [self._carry_out(i, request) for i in request.orders[cursor:end]]
        answer = Answer((*before, *answers))
        if not isinstance(request, TakeItems) and end < len(request.orders):
            self._changes.progress.append((command, end, answer))
        else:
            self._changes.answers.append((command, answer))

    def _carry_out(self, order_id: str, verb: Verb) -> Answered:
        return self._answer(
            order_id, lambda: self._loaded(lambda: carry_out(self.world, order_id, verb))
        )

    def answered(self, command: UUID, answer: Answer) -> None:
        """Answer a request that could not be read."""
        self._changes.answers.append((command, answer))

    def _add(self, new: NewOrder) -> Answered:
        return self._answer(
            new.id, lambda: self._loaded(lambda: add_order(self.world, new, self.now_us))
        )

    def _answer(self, order_id: str, decide: Callable[[], list[Step]]) -> Answered:
        try:
            steps = decide()
            for concerned, event in steps:
                self._take(concerned, event)
        except CommandRefused as refused:
            order = self.world.orders.get(order_id)
            state = state_name(order) if order else None
            return Answered(
                order_id, ok=False, code=refused.code, sentence=refused.sentence, state=state
            )
        except EngineError as problem:
            return Answered(order_id, ok=False, code="not-applicable", sentence=str(problem))
        for concerned in dict.fromkeys([order_id, *(c for c, _ in steps)]):
            self.advance(concerned)
        order = self.world.orders.get(order_id) or self.world.left.get(order_id)
        return Answered(order_id, ok=True, state=state_name(order) if order else None)

    def _take_items(self, request: TakeItems) -> list[Answered]:
        answers = self._verify(request)
        if all(a.ok for a in answers):
            programs, answers = take_items(request)
            if all(a.ok for a in answers):
                for program in programs:
                    self.world.programs[program.path, program.version] = program
                    self.world.current[program.path] = program.version
                for _, path in request.revoked:
                    self.world.current[path] = ""
                self._changes.items.extend(request.items)
                self._changes.revoked.extend(request.revoked)
                return answers
        return refused_items(answers)

    def reported(self, agent: str, n: int, item: Up) -> None:
        """Take in item `n` of an agent's stream, the one that follows what was taken."""
        link = self.links[agent]
        link.taken_n, link.changed = n, True
        match item:
            case Happened() if link.state == "listing":
                return
            case Happened():
                self._happened(agent, item)
            case Holding(order=order, held=held):
                self._holding(agent, order, held=held)
            case Listed(count=count):
                self._listed(link, count)

    def _happened(self, agent: str, item: Happened) -> None:
        order = self._loaded(lambda: self.world.find(item.order_id))
        if order is None or order.agent != agent or order.own_no != item.own_no:
            log.warning("intake.stale_event", extra={"agent": agent, "order": item.order_id})
            return
        try:
            self._loaded(lambda: self._take(item.order_id, item.event))
        except EngineError as problem:
            self.broken(item.order_id, str(problem))
            return
        if isinstance(item.event, e.OrderDetached):
            self.advance(item.order_id)

    def restream(self, agent: str) -> None:
        """Drop what waits for an agent: its stream begins anew."""
        self._changes.restreamed.append(agent)
        self._changes.outbox = [row for row in self._changes.outbox if row[0] != agent]

    def limit(self, agent: str, processes: int | None) -> None:
        """Tell an agent how many processes it may run at once."""
        self._send(agent, encode_item(Limits(processes)))
        self.links[agent].limit = processes

    def acknowledged(self, agent: str, n: int) -> None:
        """Note that an agent has everything up to `n` durably."""
        if n > self._changes.acknowledged.get(agent, 0):
            self._changes.acknowledged[agent] = n

    def reclaim(self, agent: str, order_ids: Iterable[str], why: str) -> None:
        """Take orders back from an agent that cannot tell any more what it did with them."""
        self.preload(order_ids)
        for order_id in order_ids:
            order = self._loaded(lambda i=order_id: self.world.find(i))  # type: ignore[misc]
            if order is not None and order.agent == agent:
                self._take(order_id, e.OrderReclaimed(agent, m.Outcome("disrupted", message=why)))
                self.advance(order_id)

    def _holding(self, agent: str, told: m.Order, *, held: bool) -> None:
        """Believe an agent that knows more of an order than a journal that was set back in time."""
        link = self.links[agent]
        link.told.add(told.id)
        known = self._loaded(lambda: self.world.find(told.id))
        if known is None and self._has_left(told):
            if held:
                self._send(agent, encode_item(Drop(told.id, told.own_no)))
            return
        if known is not None and not self._tells_more(link, known, told, held=held):
            return
        phase: m.Held | None = m.Held(agent, "attached") if held else None
        self._take(
            told.id, e.OrderRestored(replace(told, held=phase), "the agent knows a later state")
        )
        if not held:
            self.advance(told.id)

    def _has_left(self, told: m.Order) -> bool:
        """Tell whether an order that is not here has left, and is not one that the journal lost."""
        if told.parent is None:
            return self.store.was_added(told.id, told.run)
        parent = self._loaded(lambda: self.world.find(told.parent or ""))
        waits = parent is not None and isinstance(parent.state, m.Forked)
        return not (waits and told.id in parent.state.children)  # type: ignore[union-attr]

    def _tells_more(self, link: LinkState, known: m.Order, told: m.Order, *, held: bool) -> bool:
        """Tell whether the agent is ahead: it owned the order later, or its events are lost."""
        if (known.run, known.own_no) != (told.run, told.own_no):
            return (told.run, told.own_no) > (known.run, known.own_no)
        return held and known.agent == link.agent and link.state == "listing"

    def _listed(self, link: LinkState, count: int) -> None:
        """Take back what the agent did not name: it told all it knows, so it never got these."""
        if link.state != "listing" or len(link.told) < count:
            # The beginning of this list went to an earlier term: the agent will be asked again.
            return
        missing = [i for i in self.store.held_by(link.agent) if i not in link.told]
        self.preload(missing)
        for order_id in missing:
            order = self.world.orders.get(order_id)
            if order is not None and order.agent == link.agent:
                freed = replace(order, held=None, own_no=order.own_no + 1)
                self._take(order_id, e.OrderRestored(freed, f"{link.agent} never received it"))
                self.advance(order_id)
        link.state, link.told = "coupled", set()

    def skipped(self, agent: str, n: int) -> None:
        """Count an item as taken that could not be handled."""
        link = self.links[agent]
        link.taken_n, link.changed = n, True

    def due(self, order_id: str) -> None:
        """Look again at an order whose moment has come."""
        self.advance(order_id)

    # -- what follows -----------------------------------------------------------------------

    def advance(self, order_id: str) -> None:
        """Let an order go on as far as it can; an error makes one Broken and spares the rest."""
        waiting = deque([order_id])
        while waiting:
            try:
                self._loaded(lambda: self._run(waiting))
            except Exception as problem:  # one order's error must not stop the others
                at_fault = waiting.popleft()
                if not isinstance(problem, EngineError):
                    log.exception("turn.order_broken", extra={"order": at_fault})
                self.broken(at_fault, str(problem) or type(problem).__name__)

    def _run(self, waiting: deque[str]) -> None:
        for concerned, event in advance(self.world, waiting, self._site):
            self._record(concerned, event)

    def broken(self, order_id: str, problem: str) -> None:
        """Flag an order with what could not follow."""
        before = self.world.orders.get(order_id)
        try:
            self._loaded(lambda: self._take(order_id, e.OrderBroken(problem[:2000])))
        except EventNotApplicable:
            log.warning("turn.not_broken", extra={"order": order_id, "problem": problem})
            return
        if before is not None and before.held:
            self._send(before.held.agent, encode_item(Drop(order_id, before.own_no)))

    def _take(self, order_id: str, event: e.OrderEvent) -> None:
        if isinstance(event, e.OrderAdded):
            event = e.OrderAdded(replace(event.order, run=self.last_no + 1))
        self.world.take(order_id, event)
        self._record(order_id, event)

    def _record(self, order_id: str, event: e.OrderEvent) -> None:
        self.last_no += 1
        self._changes.entries.append(Entry(self.last_no, self.now_us, order_id, event))
        self._changed_no[order_id] = self.last_no
        self._renew_results(order_id, event)
        if isinstance(event, e.OrderForked):
            for child, _ in event.children:
                self._changed_no[child] = self.last_no
        self._tell_agent(order_id, event)

    def _renew_results(self, order_id: str, event: e.OrderEvent) -> None:
        """Have results written anew where stored ones may be of an earlier use of the id."""
        match event:
            case e.OrderResumed() | e.OrderRestored():
                self._stored[order_id] = -1
            case e.OrderAdded() if order_id in self._stored:
                self._stored[order_id] = -1
            case e.OrderJoined():
                self._joined.add(order_id)
            case e.OrderForked(children=children) if order_id in self._joined:
                self._stored.update((child, -1) for child, _ in children)
            case _:
                return

    def _tell_agent(self, order_id: str, event: e.OrderEvent) -> None:
        order = self.world.orders.get(order_id)
        if order is None or order.held is None:
            return
        match event:
            case e.OrderAttachable(agent=agent):
                self._send_version(agent, order)
                self._send(agent, encode_item(Attach(order)))
            case e.OrderMarked(mark=mark):
                self._send(order.held.agent, encode_item(SetMark(order_id, order.own_no, mark)))
            case e.OrderPriorityChanged(priority=priority):
                self._send(
                    order.held.agent, encode_item(SetPriority(order_id, order.own_no, priority))
                )
            case _:
                return

    def _send_version(self, agent: str, order: m.Order) -> None:
        key = (order.workflow, order.version)
        if key in self.link(agent).known:
            return
        item = self.store.item("workflow", *key)
        self._send(agent, encode_item(Item(*item)))
        self.link(agent).known.add(key)

    def link(self, agent: str) -> LinkState:
        """Return the link to an agent, made at the first look."""
        if agent not in self.links:
            self.links[agent] = self._new_link(agent)
        return self.links[agent]

    def _send(self, agent: str, body: bytes) -> None:
        link = self.link(agent)
        self._changes.outbox.append((agent, link.next_n, body))
        link.next_n += 1
        link.changed = True

    def _loaded(self, decide: Callable[[], T]) -> T:
        """Return what `decide` returns, loading what it turns out to need."""
        while True:
            try:
                return decide()
            except NotLoaded as missing:
                self._load(*missing.key)

    def _load(self, kind: str, name: str, version: str = "") -> None:
        world = self.world
        if kind == "order":
            self.preload([name])
        elif kind == "workflow":
            world.current[name] = self.store.current_version(name) if storable(name) else ""
        else:
            program = self.store.program(name, version)
            if program is None:
                raise EventNotApplicable(f"version {version} of {name} was never taken over")
            world.programs[name, version] = program

    # -- what comes out ---------------------------------------------------------------------

    def changes(self, due_of: Callable[[m.Order], int | None]) -> Changes:
        """Return everything to be written in one transaction."""
        world, out = self.world, self._changes
        for order_id in world.touched:
            order = world.orders.get(order_id)
            if order is None:
                out.removed.append(order_id)
                self._stored.pop(order_id, None)
            else:
                no = self._changed_no.get(order_id, self.last_no)
                out.saved.append(Saved(order, due_of(order), no, self._stored.get(order_id, 0)))
        out.links = [link for link in self.links.values() if link.changed]
        return out
