"""A follower of the journal: what became of each order, as seen from outside.

It builds everything from the events alone, so that it also checks the rows against the journal.
"""

from collections.abc import Sequence

import msgspec

from controller.journal import Entry
from engine.order import events as e
from engine.order.model import Order, Outcome
from engine.order.object_events import OBJECT_EVENTS
from engine.world import World
from simulation.store import MemoryStore


class JobRun(msgspec.Struct, frozen=True):
    """The end of a job run, with the label of its instruction; no outcome where it was skipped."""

    label: str | None
    job: str
    attempt: str
    outcome: Outcome | None
    began_us: int
    ended_us: int


class Seen(msgspec.Struct):
    """What is known of an order id, over all uses of it."""

    order: Order
    runs: list[JobRun] = []
    started_us: int | None = None
    ended_us: int | None = None
    history: str = "INCOMPLETE"
    problem: Outcome | None = None


class Watch:
    """Replays a journal entry by entry."""

    def __init__(self) -> None:
        self.world = World(complete=True)
        self.seen: dict[str, Seen] = {}
        self._starts: dict[str, e.OrderProcessingStarted] = {}
        self._read = 0

    def follow(self, journal: Sequence[Entry]) -> None:
        """Take in what is new in a journal that lies there from its beginning."""
        for entry in journal[self._read :]:
            self.take(entry)

    def take(self, entry: Entry) -> None:
        """Take in the next entry."""
        self._read += 1
        self.world.touched.clear()
        self.world.left.clear()
        self.world.take(entry.order, entry.event)
        for order_id in self.world.touched:
            order = self.world.orders.get(order_id) or self.world.left.get(order_id)
            if order is not None:
                self._note(order)
        if type(entry.event) not in OBJECT_EVENTS:
            self._learn(self.seen[entry.order], entry)

    def _note(self, order: Order) -> None:
        if order.id in self.seen:
            self.seen[order.id].order = order
        else:
            self.seen[order.id] = Seen(order)

    def _learn(self, seen: Seen, entry: Entry) -> None:
        match entry.event:
            case e.OrderStarted(at_us=at_us):
                seen.started_us = at_us
            case e.OrderProcessingStarted() as start:
                self._starts[start.attempt] = start
            case e.OrderProcessed() as end:
                if end.attempt in self._starts:  # a database that was set back may have lost it
                    seen.runs.append(_run(self._starts[end.attempt], end))
            case e.OrderMoved(skipped=str() as skipped):
                seen.runs.append(_skipped(skipped, entry.at_us))
            case _:
                _learn_end(seen, entry)

    def differences(self, store: MemoryStore) -> list[str]:
        """Return what differs between the rows and a replay of the journal; nothing should."""
        self.follow(store.journal)
        rows = {i: o for i, (o, _) in store.orders(list(store.rows)).items()}
        found = [f"{i}: only in the rows" for i in rows.keys() - self.world.orders.keys()]
        found += [f"{i}: only in the journal" for i in self.world.orders.keys() - rows.keys()]
        both = rows.keys() & self.world.orders.keys()
        found += [
            f"{i}: row {rows[i]} is not replayed {self.world.orders[i]}"
            for i in sorted(both)
            if rows[i] != self.world.orders[i]
        ]
        return found


def _run(start: e.OrderProcessingStarted, end: e.OrderProcessed) -> JobRun:
    return JobRun(start.label, start.job, end.attempt, end.outcome, start.at_us, end.at_us)


def _skipped(job: str, at_us: int) -> JobRun:
    return JobRun(job, job, "", None, at_us, at_us)


def _learn_end(seen: Seen, entry: Entry) -> None:
    match entry.event:
        case (
            e.OrderFailed(at_us=at_us, outcome=outcome)
            | e.OrderFailedInFork(at_us=at_us, outcome=outcome)
        ):
            seen.ended_us, seen.history, seen.problem = at_us, "FAILED", outcome
        case e.OrderStopped(at_us=at_us, outcome=outcome):
            seen.ended_us, seen.problem = at_us, outcome
        case e.OrderFinished(at_us=at_us, outcome=outcome):
            seen.ended_us, seen.problem = at_us, outcome or seen.problem
            seen.history = "SUCCESSFUL" if outcome is None else "FAILED"
        case e.OrderCancelled(at_us=at_us):
            seen.ended_us, seen.history = at_us, "FAILED"
        case e.OrderResumed():
            seen.ended_us, seen.history = None, "INCOMPLETE"
        case _:
            pass
