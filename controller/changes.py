"""What a turn changes, and what it needs to know: the border between the turn and its store."""

from collections.abc import Collection, Iterable
from typing import Protocol
from uuid import UUID

import msgspec

from controller.journal import Entry
from engine.facts import Fact, FactKey, Rank
from engine.order.model import Order, Result
from engine.order.requests import Answer, SignedItem
from engine.queue import Waiter
from engine.workflow.program import Program

NOT_TOLD = -1
"""The process limit of an agent that was told none in this term and on this stream."""


class LinkState(msgspec.Struct):
    """The controller's side of the two streams with one agent.

    `stream` and `next_n` are of the stream to the agent, `run` and `taken_n` of the agent's.
    `known` are versions (kind, path, version) that the agent was sent in this term, `held` counts
    the orders that it has or is to get. `silence_s` is how long ago it was heard
    when this is written, None where this term has not heard it. `host`, `version` and `processes`
    are what it says of its machine, its software and how many processes it runs at most by itself,
    `ahead_us` by how much its clock is ahead of the controller's, None where it does not tell.
    """

    agent: str
    stream: str
    run: str = ""
    nonce: str = ""
    lock: str = ""
    next_n: int = 1
    taken_n: int = 0
    state: str = "fresh"
    problem: str = ""
    known: set[tuple[str, str, str]] = msgspec.field(default_factory=set)
    limit: int | None = NOT_TOLD
    alive: bool = True
    held: int = 0
    silence_s: float | None = None
    ahead_us: int | None = None
    host: str = ""
    version: str = ""
    processes: int = 0
    changed: bool = False
    told: set[str] = msgspec.field(default_factory=set)

    def told_clock(self, at_us: int, now_us: int) -> None:
        """Note what the agent's clock says; a letter's way counts as being behind."""
        if at_us:
            self.ahead_us = at_us - now_us


class Saved(msgspec.Struct):
    """An order as it is after the turn, with how many of its results are stored already.

    A negative number: those that are stored are of an earlier use of the id and are deleted.
    """

    order: Order
    due_us: int | None
    changed_no: int
    results_stored: int

    @property
    def new_results(self) -> tuple[Result, ...]:
        """The results that have to be stored."""
        return self.order.results[max(0, self.results_stored) :]


class Pending(msgspec.Struct, frozen=True):
    """A request that waits for its answer.

    One that is too big for a turn goes on behind `cursor`; `partial` are the answers up to there.
    """

    command: UUID
    body: bytes
    cursor: int = 0
    partial: bytes | None = None


class Changes(msgspec.Struct):
    """Everything that one transaction writes.

    `items` are all versions that were taken over, `in_force` the last word on each object by kind
    and path: a version, empty where it was revoked. One turn may hear several words on it.
    """

    entries: list[Entry] = []
    saved: list[Saved] = []
    removed: list[str] = []
    outbox: list[tuple[str, int, bytes]] = []
    links: list[LinkState] = []
    answers: list[tuple[UUID, Answer]] = []
    progress: list[tuple[UUID, int, Answer]] = []
    items: list[SignedItem] = []
    in_force: dict[tuple[str, str], str] = {}
    acknowledged: dict[str, int] = {}
    restreamed: list[str] = []
    facts: list[tuple[FactKey, Fact]] = []
    queued: dict[tuple[FactKey, str], Rank | None] = {}

    def take(self, items: Iterable[SignedItem], revoked: Iterable[tuple[str, str]] = ()) -> None:
        """Note versions that are taken over and objects that are revoked; the last word counts."""
        for item in items:
            self.items.append(item)
            self.in_force[item.kind, item.path] = item.version
        self.in_force.update(dict.fromkeys(revoked, ""))

    def __bool__(self) -> bool:
        """Tell whether there is anything to write."""
        return bool(
            self.entries
            or self.outbox
            or self.links
            or self.answers
            or self.progress
            or self.acknowledged
            or self.in_force
        )


class Store(Protocol):
    """What a turn reads. PostgreSQL in the product, memory in the simulator; one contract."""

    def orders(self, ids: Collection[str]) -> dict[str, tuple[Order, int]]:
        """Return those of the orders that exist, each with the number of its stored results."""

    def program(self, path: str, version: str) -> Program | None:
        """Return a workflow version, None if it was never taken over."""

    def current_version(self, path: str) -> str:
        """Return the version that new orders of a path get, empty if there is none."""

    def held_by(self, agent: str) -> list[str]:
        """Return the ids of the orders that are with an agent, or on their way there."""

    def was_added(self, order_id: str, run: int) -> bool:
        """Tell whether the journal has the beginning of this run of an order, or had it once."""

    def current_item(self, kind: str, name: str) -> SignedItem | None:
        """Return the current version of an object by its path, or by the last part of it."""

    def facts(self, keys: Collection[FactKey]) -> dict[FactKey, Fact]:
        """Return those of the facts that differ from the default of their kind."""

    def unfinished(self) -> list[FactKey]:
        """Return the facts whose waiting orders are still being looked at."""

    def queue(self, key: FactKey, after: Waiter | None, limit: int) -> list[Waiter]:
        """Return the next entries of a queue, in order."""

    def orders_of(self, path: str, after: str, limit: int) -> list[str]:
        """Return ids of the orders of a workflow path behind an id, in order."""

    def current_items(self, kind: str) -> list[SignedItem]:
        """Return the current versions of all objects of a kind, by path."""

    def file_names(self, source: str, after: str, limit: int) -> list[str]:
        """Return names of known files of a file order source behind one, in order."""

    def item(self, kind: str, path: str, version: str) -> tuple[str, str, str, bytes, bytes]:
        """Return a signed version as agents are sent it."""


def storable(name: str) -> bool:
    """Tell whether a name can stand in the database at all; nothing else can exist there."""
    return "\0" not in name and not any("\ud800" <= c <= "\udfff" for c in name)
