"""Plays what is going to happen: the controller's and the agents' side over one world.

The real rules decide (`engine.steps`); nothing is sent, so nothing is lost or takes time but jobs,
delays and schedules. What happens at one moment happens in the order of the product: what is due
at the controller, what ends at agents, what travels to agents, what comes back.
"""

import heapq
from collections import deque
from collections.abc import Sequence

from msgspec.structs import replace

from controller.changes import LinkState
from controller.pool import Member, Pool
from engine.errors import EngineError
from engine.facts import due_id, fact_due_us, is_unfinished, key_of
from engine.order import events as e
from engine.order import model as m
from engine.order.add import add_order
from engine.order.group import due_us
from engine.order.requests import NewOrder
from engine.steps.advance import advance
from engine.steps.notices import expire
from engine.steps.site import Site
from engine.steps.wake import awakened
from engine.workflow.model import Execute
from engine.world import Step, World
from simulation.clock import SECOND_US, Clock
from simulation.forecast.durations import Durations
from simulation.forecast.place import Place
from simulation.forecast.snapshot import AgentSeen, Snapshot
from simulation.forecast.trace import Trace

LOOKED_IN_A_SLICE = 100
EVENTS_AT_MOST = 3_000_000
ROUNDS_AT_ONCE = 100_000


class Player:
    """One run of what is going to happen."""

    def __init__(self, snapshot: Snapshot, world: World, durations: Durations) -> None:
        self._snapshot, self.world, self._durations = snapshot, world, durations
        self.clock = Clock(snapshot.now_us)
        away = frozenset(one.name for one in snapshot.agents if not one.is_there)
        self.trace = Trace(world, away, snapshot.now_us)
        self.refused: dict[str, tuple[NewOrder, str]] = {}
        self.cut_off = False
        self.sources: dict[str, int] = {}
        self.places: dict[str, Place] = {}
        for seen in snapshot.agents:
            self._place(seen)
        self._links = {name: LinkState(name, "", state="coupled") for name in self.places}
        for name in away:
            self._links[name].alive = False
        self._pool = Pool(self._links)
        self._pool.clusters = {
            one.name: tuple(Member(agent, priority) for agent, priority in one.members)
            for one in snapshot.clusters
        }
        self._due: list[tuple[int, str]] = []
        self._noted: dict[str, int] = {}
        self._seen: dict[str, m.Order | None] = {}
        self._looked: deque[Step] = deque()

    def play(self) -> None:
        """Go on until everything has ended, or to the end of the forecast."""
        self._begin()
        self._settle()
        while self.trace.open_roots > 0 and not self.cut_off:
            moment = self._next_us()
            if moment is None or moment > self._snapshot.until_us:
                break
            self.clock.go_to(moment)
            self._settle()

    # -- the begin --------------------------------------------------------------------------

    def _begin(self) -> None:
        world, now = self.world, self.clock.now_us
        present = list(world.orders.values())
        for order in present:
            if not isinstance(order.state, m.TERMINATED):
                self.trace.known(order)
        world.wakes.update(
            (key, None) for key, f in sorted(world.facts.items()) if is_unfinished(f)
        )
        self._go_on_at_agents(present)
        for fact in world.facts.items():
            self._note(due_id(fact[0]), fact_due_us(fact[1]))
        for order in present:
            self._note(order.id, self._moment(order))
            if order.held is None and not isinstance(order.state, m.Fresh):
                self._advance(order.id)
        self._add(self._snapshot.coming)
        self._follow(deque())
        self.trace.rest(list(world.orders))
        for name in sorted(self.places):
            self.places[name].turn(now)

    def _go_on_at_agents(self, present: Sequence[m.Order]) -> None:
        running = [o for o in present if o.attached_to and isinstance(o.state, m.Processing)]
        for order in sorted(running, key=_since):
            self._at(order.attached_to or "").adopt(order)
        for order in sorted(present, key=lambda o: -o.priority):
            if order.held is None:
                continue
            self._link(order.held.agent).held += 1
            if order.held.phase == "attaching":
                self._at(order.held.agent).arriving.append(order.id)
            elif self._at(order.held.agent).is_there:
                self._at(order.held.agent).advance(order.id, self.clock.now_us)

    def _add(self, coming: Sequence[NewOrder]) -> None:
        for new in coming:
            try:
                steps = add_order(self.world, new, self.clock.now_us)
                self._take_all(steps)
            except EngineError as problem:
                self.refused[new.id] = (new, getattr(problem, "sentence", str(problem)))
                continue
            self._advance(new.id)

    # -- agents -----------------------------------------------------------------------------

    def _place(self, seen: AgentSeen) -> Place:
        found = self.places[seen.name] = Place(seen, self.world, self.trace, self._run)
        return found

    def _at(self, name: str) -> Place:
        """Return an agent; one that nobody has registered is taken to be there."""
        return self.places.get(name) or self._place(AgentSeen(name))

    def _link(self, name: str) -> LinkState:
        return self._links.setdefault(name, LinkState(name, "", state="coupled"))

    def _run(self, agent: str, order: m.Order, node: Execute, since_us: int) -> None:
        """Let a job run as long as it usually does."""
        now = self.clock.now_us
        elapsed_s = (now - since_us) / SECOND_US
        program = self.world.program_of(order)
        left_s, source = self._durations.of(program, order.position, node, elapsed_s)
        self.trace.runs(order.id, source)
        self.sources[source] = self.sources.get(source, 0) + 1
        place, order_id = self._at(agent), order.id
        self.clock.at(now + round(left_s * SECOND_US), lambda: place.ended.append(order_id))

    # -- time -------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Let everything happen that can happen without time passing."""
        self.trace.now_us = now = self.clock.now_us
        for _ in range(ROUNDS_AT_ONCE):
            self.clock.go_to(now)
            happened = self._turn()
            for place in list(self.places.values()):
                happened |= place.turn(now)
            for place in list(self.places.values()):
                happened |= place.take_in(now) | self._take_back(place)
            self._note_touched()
            if not happened:
                break
        else:
            self.cut_off = True
        self.cut_off |= self.trace.events > EVENTS_AT_MOST
        self.trace.rest(self.world.touched)
        self.world.settled()

    def _next_us(self) -> int | None:
        now = self.clock.now_us
        moments = [self.clock.next_us(), self._due[0][0] if self._due else None]
        moments += [p.timers.next_us() for p in self.places.values() if p.is_there]
        return min((max(now, at) for at in moments if at is not None), default=None)

    def _turn(self) -> bool:
        """Look after what is due at the controller; tells whether anything was."""
        found: list[str] = []
        while self._due and self._due[0][0] <= self.clock.now_us:
            at_us, subject = heapq.heappop(self._due)
            if self._noted.get(subject) == at_us:
                del self._noted[subject]
                found.append(subject)
        for subject in found:
            self._look_after(subject)
        if self.world.wakes:
            self._follow(deque())
        return bool(found)

    def _look_after(self, subject: str) -> None:
        key = key_of(subject)
        if key is None:
            self._advance(subject)
            return
        self._take_all(expire(self.world, key, self.clock.now_us))
        self._follow(deque())

    def _take_back(self, place: Place) -> bool:
        leaving, place.leaving = place.leaving, deque()
        for order_id in leaving:
            self._link(place.name).held -= 1
            self._advance(order_id)
        return bool(leaving)

    def _note_touched(self) -> None:
        for order_id in self.world.touched:
            order = self.world.orders.get(order_id)
            if order is not self._seen.get(order_id):
                self._seen[order_id] = order
                self._note(order_id, self._moment(order) if order else None)
        for key in self.world.changed:
            self._note(due_id(key), fact_due_us(self.world.facts[key]))

    def _note(self, subject: str, at_us: int | None) -> None:
        if at_us is None:
            self._noted.pop(subject, None)
        elif self._noted.get(subject) != at_us:
            self._noted[subject] = at_us
            heapq.heappush(self._due, (at_us, subject))

    def _moment(self, order: m.Order) -> int | None:
        """Return when the clock leads an order on, or it may go to its agent."""
        due = due_us(order)
        if due is None or not isinstance(order.state, m.Fresh):
            return due
        early = due - self._snapshot.horizon_us
        return early if self.clock.now_us < early else due

    # -- the controller ---------------------------------------------------------------------

    def _advance(self, order_id: str) -> None:
        self._follow(deque([order_id]))

    def _follow(self, waiting: deque[str]) -> None:
        """Let orders go on, and those who wait for what they do, until nothing follows."""
        site = Site(
            now_us=self.clock.now_us,
            horizon_us=self._snapshot.horizon_us,
            members=self._pool.members,
            pick=self._pool.pick,
        )
        while waiting or self._add_awakened(waiting):
            try:
                for concerned, event in advance(self.world, waiting, site):
                    self._happened(concerned, event)
            except Exception as problem:  # as in a turn: one order's error spares the others
                self._broken(waiting.popleft(), f"{problem}")

    def _add_awakened(self, waiting: deque[str]) -> bool:
        while self._looked:
            self._take(*self._looked.popleft())
        if not self.world.wakes:
            return False
        found, steps = awakened(self.world, LOOKED_IN_A_SLICE)
        waiting.extend(found)
        self._looked.extend(steps)
        return bool(waiting or self._looked)

    def _broken(self, order_id: str, problem: str) -> None:
        self.world.decided.clear()
        try:
            self._take(order_id, e.OrderBroken(problem))
        except EngineError:
            self.trace.lives.pop(order_id, None)

    def _take_all(self, steps: Sequence[Step]) -> None:
        for subject, event in steps:
            self._take(subject, event)

    def _take(self, subject: str, event: e.OrderEvent) -> None:
        if isinstance(event, e.OrderAdded):
            event = _as_new(event, self.world.no + 1)
        self.world.take(subject, event)
        self._happened(subject, event)

    def _happened(self, subject: str, event: e.OrderEvent) -> None:
        self.trace.happened(subject, event)
        if isinstance(event, e.OrderAttachable):
            self._link(event.agent).held += 1
            self._at(event.agent).arriving.append(subject)


def _since(order: m.Order) -> int:
    assert isinstance(order.state, m.Processing)  # noqa: S101  # the caller looked
    return order.state.started_us


def _as_new(event: e.OrderAdded, run: int) -> e.OrderAdded:
    return e.OrderAdded(replace(event.order, run=run))
