"""The product with one protection taken away, for nights that must find out.

Eight protections of the design, and one mutant for each invariant that the search has to report by
its own name.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from agents import protocol as pr
from agents.worker.hold import Hold
from agents.worker.partner import Partner
from agents.worker.round import Round as Working
from cluster.lease import Token
from controller.changes import Changes, LinkState, Pending
from controller.files import Files
from controller.greeting import Greeting
from controller.links import Coupling
from controller.round import Round as Leading
from controller.turn import Turn
from engine.facts import Fact, FactKey, NoticeState
from engine.files import rules
from engine.objects.model import Object, ResourceLock
from engine.order import events as e
from engine.order import model as m
from engine.order.requests import SignedItem
from engine.world import World
from simulation.faulty import FaultyStore
from simulation.night import FORGER
from simulation.parts import Parts

# -- the controller's database ------------------------------------------------------------------


class Unfenced(FaultyStore):
    """Lets everybody write who once led."""

    def commit(self, changes: Changes, token: Token, batch: UUID | None = None) -> None:
        with self._as_if_in(token.term):
            super().commit(changes, token, batch)

    @contextmanager
    def _as_if_in(self, term: int) -> Iterator[None]:
        present, self.term = self.term, term
        try:
            yield
        finally:
            self.term = present


class KeepsRows(FaultyStore):
    """Leaves the rows of orders that have left."""

    def _write_orders(self, changes: Changes) -> None:
        removed, changes.removed = changes.removed, []
        super()._write_orders(changes)
        changes.removed = removed


# -- the controller's turns ---------------------------------------------------------------------


class BelievesAnyOwner(Turn):
    """Takes what an agent says of an order for the latest, whoever owns it."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)

        def always(*_: Any, **__: Any) -> bool:
            return True

        self.listing._tells_more = always  # type: ignore[method-assign]  # of this turn only


class JoinsEarly(Turn):
    """Joins a fork as soon as one of its children has ended."""

    def _run(self, waiting: deque[str]) -> None:
        order = self.world.orders.get(waiting[0])
        state = order.state if order else None
        if isinstance(state, m.Forked) and 0 < state.open < len(state.children):
            self._take(waiting[0], e.OrderJoined(m.SUCCEEDED, None))
        super()._run(waiting)


class SaysOtherwise(Turn):
    """Writes into the journal something else than what has happened."""

    def _record(self, subject: str, event: e.OrderEvent) -> None:
        match event:
            case e.OrderStarted():
                event = replace(event, at_us=0)
            case e.OrderConsumptionStarted(notices=notices):
                event = replace(event, notices=tuple((b, k, n + 7) for b, k, n in notices))
            case _:
                pass
        super()._record(subject, event)


class LooksAtNobody(Turn):
    """Lets those wait on who wait for a notice that has come."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        add_to = self.waking.add_to

        def add_nobody(_waiting: deque[str]) -> bool:
            return add_to(deque())

        self.waking.add_to = add_nobody  # type: ignore[assignment, method-assign]  # of this turn only


# -- the controller's rounds --------------------------------------------------------------------


class OneStream(Leading):
    """Gives each stream to an agent the same name."""

    def __init__(
        self, controller: str, token: Token, rows: Any, outside: Any, **named: Any
    ) -> None:
        outside = replace(outside, new_stream=lambda: "stream")
        super().__init__(controller, token, rows, outside, **named)


class TakesAgain(pr.Inflow):
    """Takes everything that comes, also what was taken before."""

    def fresh(self, envelope: pr.Envelope) -> tuple[tuple[int, msgspec.Raw], ...]:
        if envelope.stream != self.stream or envelope.n > self.taken + 1:
            return ()
        return tuple((envelope.n + i, item) for i, item in enumerate(envelope.items))


class Doubles(Leading):
    """Takes items of agents as often as they come."""

    inflow = TakesAgain


class Poisonable(Leading):
    """Has no way around what cannot be read or stored."""

    def _opened(self, agent: str, sealed: str) -> pr.Envelope | None:
        try:
            return pr.unseal(sealed, self.keys[agent], "up")
        except pr.NotAuthentic:
            return None

    def _turn(self, envelopes: list[pr.Envelope], requests: list[Pending], due: list[str]) -> None:
        self._attempt(envelopes, requests, due)


class WithoutCohort(World):
    """Lets a notice vanish while others who waited for it are still to be looked at."""

    def set_fact(self, key: FactKey, fact: Fact) -> None:
        if isinstance(fact, NoticeState):
            there = tuple(i for i in fact.instances if i.in_use or i.open)
            fact = replace(fact, instances=there)
        super().set_fact(key, fact)


class WithWideLocks(World):
    """Believes that there is room for everybody."""

    def object(self, kind: str, name: str) -> tuple[str, Object] | None:
        found = super().object(kind, name)
        return (found[0], ResourceLock(limit=99)) if found and kind == "lock" else found


class Forgets(Leading):
    """Has a world that forgets cohorts."""

    world_of: type[World] = WithoutCohort

    def new_world(self) -> World:
        known = super().new_world()
        world = self.world_of()
        world.wakes = known.wakes
        return world


class LetsIn(Forgets):
    """Has a world of wide locks."""

    world_of = WithWideLocks


class Suspicious(Greeting):
    """Takes its own journal for one that was set back, whatever an agent says."""

    def _judged(self, link: LinkState, hello: pr.Hello) -> Coupling:
        found = super()._judged(link, hello)
        return Coupling("list", "who knows") if found.verdict == "couple" else found


class Distrusts(Leading):
    """Greets suspiciously."""

    greeting_of = Suspicious


# -- agents -------------------------------------------------------------------------------------


class OneAttempt(Hold):
    """Gives each attempt the same name."""

    def _next_attempt(self) -> str:
        return f"{self.run}-1"


class Keeps(Hold):
    """Goes on with orders that it has given back."""

    def _give_back(self, order_id: str, now_us: int) -> None:
        order = self.world.orders[order_id]
        super()._give_back(order_id, now_us)
        self.world.put(order)


class ObeysAnyTerm(Partner):
    """Listens to every controller, also to one whose term is over."""

    def open(self, letter: str) -> pr.Envelope | None:
        try:
            envelope = pr.unseal(letter, self._key, "down")
        except pr.ProtocolError:
            return None
        return self._accepted(envelope) if envelope.nonce == self.nonce else None

    def _accepted(self, envelope: pr.Envelope) -> pr.Envelope:
        if envelope.term > self.term:
            self.term, self.queue = envelope.term, ""
            self._journal.set("term", str(self.term).encode())
        self._heard_s = self._clock()
        return envelope


class BelievesForgers(Partner):
    """Believes what was sealed with any key."""

    def open(self, letter: str) -> pr.Envelope | None:
        try:
            return pr.unseal(letter, FORGER, "down")
        except pr.ProtocolError:
            return super().open(letter)


class Releases(Partner):
    """Deletes events as soon as they are sent."""

    def tick(self, now_us: int) -> None:
        super().tick(now_us)
        if self.sent > self.released:
            self.released = self.sent
            self._journal.release(self.sent, gone_before_us=0)


class Silent(Partner):
    """Never looks for a controller."""

    def _look_for_controller(self, now: float) -> None:
        return


class TellsFirst(Working):
    """Tells what it has taken before it is durable."""

    def commit_and_act(self) -> None:
        self.partner.acknowledge()
        super().commit_and_act()


# -- files --------------------------------------------------------------------------------------


class TellsNothing(Files):
    """Keeps from an agent which files are known."""

    def _known(self, source: str) -> Iterator[pr.KnownFile]:
        yield from ()


class WaitsForNoAnswer(Files):
    """Believes of files what an agent said before it knew what is known."""

    def _watch(self, agent: str, item: SignedItem, *, anew: bool) -> None:
        super()._watch(agent, item, anew=anew)
        self._take(partial(rules.asked, self._turn.world, item.path, ""))


class TellsNoFiles(Turn):
    """Has agents begin with empty hands."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.files = TellsNothing(self)


class Hasty(Turn):
    """Does not wait until an agent knows what it knows."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.files = WaitsForNoAnswer(self)


class OneArising(Hold):
    """Gives all arisings the same name."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.sources._arising = lambda: "arising"


class Forgetful(Hold):
    """Keeps no file in its journal."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)

        def keep(*_: Any) -> None:
            return

        self.journal.files.keep = keep  # type: ignore[assignment, method-assign]  # of this one


FILES = {
    "what is known is told": Parts(turn=TellsNoFiles),
    "mark of the question": Parts(turn=Hasty),
    "name of the arising": Parts(hold=OneArising),
    "row of the file": Parts(hold=Forgetful),
}
"""Protections of file orders, taken away."""

PROTECTIONS = {
    "owner number": Parts(turn=BelievesAnyOwner),
    "attempt id": Parts(hold=OneAttempt),
    "stream uuid": Parts(leading=OneStream),
    "fence": Parts(database=Unfenced),
    "cohort": Parts(leading=Forgets),
    "inbox dedup": Parts(leading=Doubles),
    "join rule": Parts(turn=JoinsEarly),
    "poison": Parts(leading=Poisonable),
}
"""Each of the eight, taken away."""

CONTROLS = {
    "I1 single writer": Parts(database=Unfenced),
    "I2 obeyed writer": Parts(partner=ObeysAnyTerm),
    "I3 baton": Parts(hold=Keeps),
    "I4 run once": Parts(hold=OneAttempt),
    "I5 no loss": Parts(turn=JoinsEarly),
    "I6 history": Parts(leading=Doubles),
    "I7 release": Parts(partner=Releases),
    "I8 notices": Parts(turn=SaysOtherwise),
    "I8 cohort": Parts(turn=LooksAtNobody),
    "I9 timers": Parts(turn=SaysOtherwise),
    "I11 acknowledgement": Parts(working=TellsFirst),
    "I12 progress": Parts(partner=Silent),
    "I13 authenticity": Parts(partner=BelievesForgers),
    "rows are a replay": Parts(database=KeepsRows),
    "nothing breaks": Parts(leading=Distrusts),
    "locks": Parts(leading=LetsIn),
    "files": FILES["what is known is told"],
}
"""For each invariant a product in which it does not hold."""
