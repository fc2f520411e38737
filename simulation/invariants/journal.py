"""The journal: who wrote it, what it says, and whether the rows say the same."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from agents import protocol as pr
from cluster.lease import Token
from controller.changes import Changes
from controller.journal import Entry
from engine.facts import Fact, LockState
from engine.order import events as e
from engine.order.model import Order
from simulation.witness import Invariant, Took

if TYPE_CHECKING:
    from simulation.host import Host
    from simulation.night import Night

AgentItem = tuple[str, str, int]
UNKNOWN = "was never taken over"
"""Why an order breaks whose version was deployed in a time that the database has lost."""


class SingleWriter(Invariant):
    """Numbers are dense, each is written once, and terms never decrease."""

    name = "I1 single writer"

    def __init__(self) -> None:
        self._last_no = self._term = 0

    def committed(self, night: "Night", token: Token, changes: Changes) -> Iterator[str]:
        if token.term < self._term:
            yield f"term {token.term} wrote after term {self._term}"
        self._term = token.term
        for entry in changes.entries:
            if entry.no != self._last_no + 1:
                yield f"{entry.no} follows {self._last_no}"
            self._last_no = entry.no

    def set_back(self, night: "Night") -> Iterator[str]:
        self._last_no, self._term = night.store.last_no(), night.store.term
        return iter(())


class Replayed(Invariant):
    """Rows, results and facts are what a replay of the journal makes of it."""

    name = "rows are a replay"

    def committed(self, night: "Night", token: Token, changes: Changes) -> Iterator[str]:
        world = night.witness.watch.world
        rows = night.store.orders([saved.order.id for saved in changes.saved])
        for order_id, (order, _) in rows.items():
            if world.orders.get(order_id) != order:
                yield f"row {order} is not replayed {world.orders.get(order_id)}"
        for order_id in changes.removed:
            if order_id in world.orders:
                yield f"{order_id} was removed, but the journal has it"
        for key, fact in changes.facts:
            if told(world.facts.get(key, fact)) != told(fact):
                yield f"fact {key} {fact} is not replayed {world.facts.get(key)}"

    def quiet(self, night: "Night") -> Iterator[str]:
        yield from night.witness.watch.differences(night.store)


def told(fact: Fact) -> Fact:
    """Return what the journal says of a fact: not that somebody is still to look at it."""
    return replace(fact, woken=False) if isinstance(fact, LockState) else fact


class Undisturbed(Invariant):
    """Nothing breaks, and nothing is brought back where no disk was lost or set back."""

    name = "nothing breaks"

    def after(self, night: "Night", entry: Entry, before: Order | None) -> Iterator[str]:
        match entry.event:
            case e.OrderBroken(problem=problem) if not (night.disturbed and UNKNOWN in problem):
                yield f"{entry.order} broke: {problem}; it was {before}"
            case e.OrderReclaimed() | e.OrderRestored() if not night.disturbed:
                yield f"{entry.order}: {entry.event}"
            case _:
                return


class History(Invariant):
    """The journal has what agents' journals have: each event once, in order, and unchanged."""

    name = "I6 history"

    def __init__(self) -> None:
        self._told: dict[AgentItem, list[pr.Up]] = {}
        self._last: dict[tuple[str, str], int] = {}
        self._taken: dict[tuple[str, str], int] = {}

    def began(self, night: "Night", host: "Host") -> Iterator[str]:
        self._last[host.name, host.run] = host.durable_n  # it may be an older copy
        return iter(())

    def journalled(
        self, night: "Night", host: "Host", items: Sequence[tuple[int, pr.Up]]
    ) -> Iterator[str]:
        run = host.run
        for n, item in items:
            self._told.setdefault((host.name, run, n), []).append(item)
            self._last[host.name, run] = n
        return iter(())

    def set_back(self, night: "Night") -> Iterator[str]:
        self._taken = {
            (agent, link.run): link.taken_n for agent, link in night.store.link_rows.items()
        }
        return iter(())

    def committed(self, night: "Night", token: Token, changes: Changes) -> Iterator[str]:
        by_no = {entry.no: entry for entry in changes.entries}
        for took in night.witness.took:
            yield from self._took(night, took, by_no)
        for link in changes.links:
            if night.disturbed or not self._taken.get((link.agent, link.run)):
                self._taken[link.agent, link.run] = link.taken_n

    def _took(self, night: "Night", took: Took, by_no: dict[int, Entry]) -> Iterator[str]:
        stream = took.agent, took.run
        known = self._taken.get(stream, took.n - 1)
        if took.n != known + 1:
            yield f"{took.agent}: {took.n} was taken after {known}"
        self._taken[stream] = took.n
        if took.item not in self._told.get((*stream, took.n), ()):
            yield f"{took.agent} never said {took.item} as {took.n}"
        if isinstance(took.item, pr.Happened):
            entry = by_no.get(took.before_no + 1)
            same = entry and (entry.order, entry.event) == (took.item.order_id, took.item.event)
            if not same and not night.disturbed:
                yield f"{took.agent} said {took.item}, the journal says {entry}"

    def quiet(self, night: "Night") -> Iterator[str]:
        for host in night.hosts.values():
            stream = host.name, host.run
            if self._taken.get(stream, 0) < self._last.get(stream, 0):
                yield f"{host.name}: {self._last[stream]} was said, {self._taken.get(stream)} taken"
