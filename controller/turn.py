"""One turn: what agents reported, what people asked and what is due, made into changes.

A function over a store: it writes nothing itself and knows no clock. If its changes cannot be
committed, the turn never happened: drop the world and begin again.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from uuid import UUID

from msgspec.structs import replace

from agents.protocol import Happened, Holding, Listed, Up
from controller.changes import Changes, LinkState, Saved, Store
from controller.deployment import Deployment
from controller.files import KINDS as OF_FILES
from controller.files import Files
from controller.journal import Entry
from controller.listing import Listing
from controller.loading import Loading
from controller.outgoing import Outgoing
from controller.pool import Pool
from controller.requests import answers_about, answers_of_orders
from controller.waking import Waking
from engine.errors import EngineError, EventNotApplicable
from engine.facts import key_of
from engine.order import events as e
from engine.order import model as m
from engine.order.object_events import OBJECT_EVENTS, WorkflowControlled
from engine.order.requests import (
    AddOrders,
    Answer,
    Answered,
    OrderRequest,
    Request,
    TakeItems,
)
from engine.steps.advance import advance
from engine.steps.notices import expire
from engine.steps.site import DAY_US, Site
from engine.steps.wake import leave_over
from engine.world import Step, World

log = logging.getLogger(__name__)

OBJECTS_AT_ONCE = 500
_RENEWING = frozenset(
    {
        e.OrderResumed, e.OrderRestored, e.OrderTransferred, e.OrderAdded, e.OrderJoined,
        e.OrderForked,
    }
)  # fmt: skip
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
        pool: Pool | None = None,
        in_time: Callable[[], bool] = lambda: True,
    ) -> None:
        self.world, self.store, self.links = world, store, links
        self.now_us = now_us
        world.no = last_no
        self._stored = stored
        self.in_time = in_time
        self._site = Site(
            now_us=now_us,
            horizon_us=horizon_us,
            members=pool.members if pool else None,
            pick=pool.pick if pool else None,
        )
        self._changes = Changes()
        self.loading = Loading(world, store, stored)
        self._loaded = self.loading.until
        self.out = Outgoing(world, store, links, self._changes, new_link)
        self.waking = Waking(world, self.loading, self._take, in_time)
        self.listing = Listing(self)
        self.files = Files(self)
        self.deployment = Deployment(self, self._changes, verify)
        self._changed_no: dict[str, int] = {}
        self._joined: set[str] = set()

    # -- what comes in ----------------------------------------------------------------------

    @property
    def last_no(self) -> int:
        """The number of the last entry."""
        return self.world.no

    def preload(self, ids: Iterable[str]) -> None:
        """Load orders and their parents in bulk, so that single look-ups stay rare."""
        self.loading.orders(ids)

    def request(
        self, command: UUID, request: Request, *, cursor: int = 0, before: tuple[Answered, ...] = ()
    ) -> None:
        """Carry out a request, or its next slice; the answer is part of the changes.

        Nothing in it stops the turn. A slice and its cursor are committed together, so a big
        request goes on where it was after any fault, and others come between.
        """
        end = cursor + OBJECTS_AT_ONCE
        if isinstance(request, TakeItems):
            answers = self.deployment.take(request)
        elif isinstance(request, AddOrders | OrderRequest):
            answers = answers_of_orders(self, request, slice(cursor, end))
        else:
            answers = answers_about(self, request)
        answer = Answer((*before, *answers))
        if end < len(getattr(request, "orders", ())):
            self._changes.progress.append((command, end, answer))
        else:
            self._changes.answers.append((command, answer))

    def answered(self, command: UUID, answer: Answer) -> None:
        """Answer a request that could not be read."""
        self._changes.answers.append((command, answer))

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
                self.listing.told(link, order, held=held)
            case Listed(count=count):
                self.listing.ended(link, count)
            case _:
                self.files.told(agent, item)

    def _happened(self, agent: str, item: Happened) -> None:
        order = self._loaded(lambda: self.world.find(item.order_id))
        if order is None or not _is_of_its_owner(order, agent, item):
            log.warning("intake.stale_event", extra={"agent": agent, "order": item.order_id})
            return
        try:
            self._take(item.order_id, item.event)
        except EngineError as problem:
            self.broken(item.order_id, str(problem))
            return
        if type(item.event) is e.OrderDetached:
            self.advance(item.order_id)
        elif type(item.event) is e.OrderBroken:
            self.links[agent].held -= 1

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

    def skipped(self, agent: str, n: int) -> None:
        """Count an item as taken that could not be handled."""
        link = self.links[agent]
        link.taken_n, link.changed = n, True

    def due(self, due: str) -> None:
        """Look again at an order whose moment has come, or at a notice whose life ends."""
        key = key_of(due)
        if key is None:
            self.advance(due)
            return
        if key[0] in OF_FILES:
            self.files.due(key)
            return
        for subject, event in self._loaded(lambda: expire(self.world, key, self.now_us)):
            self._take(subject, event)
        self.follow()

    def follow(self) -> None:
        """Look at those who wait for what has changed, as many as one turn may."""
        self._advance(deque())

    @property
    def unfinished(self) -> bool:
        """Whether another turn has to go on looking at those who wait."""
        return bool(self.world.wakes)

    # -- what follows -----------------------------------------------------------------------

    def advance(self, order_id: str) -> None:
        """Let an order go on as far as it can, and those who waited for what it does."""
        self._advance(deque([order_id]))

    def _advance(self, waiting: deque[str]) -> None:
        """Let orders go on; an error makes one Broken and spares the rest."""
        while waiting or self.waking.add_to(waiting):
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
            self.out.drop(before, before.held.agent)
            self.out.link(before.held.agent).held -= 1

    def take_all(self, steps: Iterable[Step]) -> None:
        """Take what was decided; nobody is moved on by it yet."""
        for subject, event in steps:
            self._take(subject, event)

    def _take(self, order_id: str, event: e.OrderEvent) -> None:
        if type(event) is e.OrderAdded:
            event = e.OrderAdded(replace(event.order, run=self.last_no + 1))
        self._loaded(lambda: self.world.take(order_id, event))
        self._record(order_id, event)

    def _record(self, subject: str, event: e.OrderEvent) -> None:
        no = self.world.no
        self._changes.entries.append(Entry(no, self.now_us, subject, event))
        kind = type(event)
        if kind in OBJECT_EVENTS:
            if isinstance(event, WorkflowControlled):
                self.out.controlled(event.path, self.world.control(event.path))
            return
        self._changed_no[subject] = no
        if kind in _RENEWING:
            self._renew_results(subject, event)
        if kind is e.OrderForked:
            for child, _ in event.children:  # type: ignore[union-attr]  # by its kind
                self._changed_no[child] = no
        self.out.happened(subject, event, self._loaded)

    def _renew_results(self, order_id: str, event: e.OrderEvent) -> None:
        """Have results written anew where stored ones differ, or may be of an earlier use."""
        match event:
            case e.OrderResumed() | e.OrderRestored() | e.OrderTransferred():
                self._stored[order_id] = -1
            case e.OrderAdded() if order_id in self._stored:
                self._stored[order_id] = -1
            case e.OrderJoined():
                self._joined.add(order_id)
            case e.OrderForked(children=children):
                joined, left = order_id in self._joined, self.world.left
                again = (child for child, _ in children if joined or child in left)
                self._stored.update((child, -1) for child in again)
            case _:
                return

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
        self._loaded(lambda: leave_over(world))
        out.facts = [(key, world.facts[key]) for key in world.changed]
        out.queued = dict(world.queued)
        return out


def _is_of_its_owner(order: m.Order, agent: str, item: Happened) -> bool:
    """Tell whether an event comes from the present ownership, which begins with OrderAttached.

    Own numbers may come again where the database was set back: what is said under one before that
    is of a time that was lost.
    """
    if order.held is None or order.held.agent != agent or order.own_no != item.own_no:
        return False
    return order.held.phase != "attaching" or isinstance(item.event, e.OrderAttached)
