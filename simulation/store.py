"""The controller's store in memory: the second implementation of what a turn reads and writes.

It keeps what the rows of PostgreSQL keep and nothing else, results apart from their orders, so
that a turn that works here works there. Contract tests hold the two together.
"""

from collections.abc import Collection
from uuid import UUID, uuid4

import msgspec
from msgspec.structs import replace

from cluster.failures import LeadershipLost
from cluster.lease import Token
from controller.changes import Changes, LinkState, Saved
from controller.items import program_of
from controller.journal import Entry
from engine.facts import DEFAULTS, Fact, FactKey, Rank, due_id, fact_due_us, is_unfinished
from engine.order.events import OrderAdded, OrderRestored
from engine.order.model import Order, Result
from engine.order.requests import Answer, Request, SignedItem
from engine.queue import Waiter
from engine.workflow.program import Program


class NumberTaken(Exception):
    """Another writer's entries have this number already; nothing was written."""


class Row(msgspec.Struct):
    """An order without its results, as its row holds it."""

    order: Order
    due_us: int | None
    changed_no: int


class MemoryStore:
    """Reads and fenced writes of one controller."""

    def __init__(self) -> None:
        self.term = 0
        self.journal: list[Entry] = []
        self.rows: dict[str, Row] = {}
        self.results: dict[str, list[Result]] = {}
        self.items: dict[tuple[str, str, str], SignedItem] = {}
        self.current: dict[tuple[str, str], str] = {}
        self.link_rows: dict[str, LinkState] = {}
        self.outboxes: dict[str, dict[int, bytes]] = {}
        self.requests: dict[UUID, Request] = {}
        self.answers: dict[UUID, Answer] = {}
        self.progress: dict[UUID, tuple[int, Answer]] = {}
        self.batches: set[UUID] = set()
        self.fact_rows: dict[FactKey, Fact] = {}
        self.queue_rows: dict[tuple[FactKey, str], Rank] = {}
        self._programs: dict[tuple[str, str], Program | None] = {}

    # -- reads ------------------------------------------------------------------------------

    def orders(self, ids: Collection[str]) -> dict[str, tuple[Order, int]]:
        """Return those of the orders that exist, each with the number of its stored results."""
        found = {}
        for order_id in ids:
            row = self.rows.get(order_id)
            if row is not None:
                results = self.results.get(order_id, [])
                found[order_id] = replace(row.order, results=tuple(results)), len(results)
        return found

    def program(self, path: str, version: str) -> Program | None:
        """Return a workflow version, None if it was never taken over."""
        key = (path, version)
        if key not in self._programs:
            item = self.items.get(("workflow", path, version))
            program = program_of(item) if item else None
            if not isinstance(program, Program):
                return None
            self._programs[key] = program
        return self._programs[key]

    def item(self, kind: str, path: str, version: str) -> tuple[str, str, str, bytes, bytes]:
        """Return a signed version as agents are sent it."""
        item = self.items[kind, path, version]
        return kind, path, version, item.document, item.signature

    def current_item(self, kind: str, name: str) -> SignedItem | None:
        """Return the current version of an object by its path, or by the last part of it."""
        paths = sorted(p for k, p in self.current if k == kind and p.rpartition("/")[2] == name)
        path = name if (kind, name) in self.current else paths[0] if paths else ""
        version = self.current.get((kind, path))
        return self.items[kind, path, version] if version else None

    def current_items(self, kind: str) -> list[SignedItem]:
        """Return the current versions of all objects of a kind, by path."""
        found = sorted((path, v) for (k, path), v in self.current.items() if k == kind)
        return [self.items[kind, path, version] for path, version in found]

    def file_names(self, source: str, after: str, limit: int) -> list[str]:
        """Return names of known files of a file order source behind one, in order."""
        found = (n for k, s, n in self.fact_rows if (k, s) == ("file", source) and n > after)
        return sorted(found)[:limit]

    def facts(self, keys: Collection[FactKey]) -> dict[FactKey, Fact]:
        """Return those of the facts that have a row."""
        return {key: self.fact_rows[key] for key in keys if key in self.fact_rows}

    def unfinished(self) -> list[FactKey]:
        """Return the facts whose waiting orders are still being looked at."""
        return sorted(key for key, fact in self.fact_rows.items() if is_unfinished(fact))

    def queue(self, key: FactKey, after: Waiter | None, limit: int) -> list[Waiter]:
        """Return the next waiters of a queue, in order."""
        found = sorted((*rank, i) for (k, i), rank in self.queue_rows.items() if k == key)
        return [waiter for waiter in found if after is None or waiter > after][:limit]

    def orders_of(self, path: str, after: str, limit: int) -> list[str]:
        """Return ids of the orders of a workflow path behind an id, in order."""
        found = (i for i, row in self.rows.items() if row.order.workflow == path and i > after)
        return sorted(found)[:limit]

    def current_version(self, path: str) -> str:
        """Return the version that new orders of a path get, empty if there is none."""
        return self.current.get(("workflow", path), "")

    def last_no(self) -> int:
        """Return the number of the last journal entry."""
        return self.journal[-1].no if self.journal else 0

    def links(self) -> dict[str, LinkState]:
        """Return the links to all agents ever met."""
        found = {agent: _stored(link) for agent, link in self.link_rows.items()}
        for agent, link in found.items():
            link.held = sum(row.order.agent == agent for row in self.rows.values())
        return found

    def due(self, above_us: int, upto_us: int, limit: int) -> list[tuple[int, str]]:
        """Return (moment, order id) of what is due in a span, soonest first."""
        found = [
            (row.due_us, order_id)
            for order_id, row in self.rows.items()
            if row.due_us is not None and above_us < row.due_us <= upto_us
        ]
        found += [
            (due, due_id(key))
            for key, fact in self.fact_rows.items()
            if (due := fact_due_us(fact)) is not None and above_us < due <= upto_us
        ]
        return sorted(found)[:limit]

    def next_due_us(self, after_us: int) -> int | None:
        """Return the soonest moment behind another at which the clock leads an order on."""
        moments = [r.due_us for r in self.rows.values()]
        moments += [fact_due_us(fact) for fact in self.fact_rows.values()]
        return min((at for at in moments if at is not None and at > after_us), default=None)

    def held_by(self, agent: str) -> list[str]:
        """Return the ids of the orders that are with an agent."""
        return [order_id for order_id, row in self.rows.items() if row.order.agent == agent]

    def outbox(self, agent: str, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Return messages to an agent that are not acknowledged, from `after` on."""
        box = self.outboxes.get(agent, {})
        return [(n, box[n]) for n in sorted(box) if n > after][:limit]

    def was_added(self, order_id: str, run: int) -> bool:
        """Tell whether the journal has the beginning of this run of an order."""
        return any(
            isinstance(entry.event, OrderAdded | OrderRestored) and entry.event.order.run == run
            for entry in self.journal
            if entry.order == order_id
        )

    def knows_batch(self, batch: UUID) -> bool:
        """Tell whether a commit of unknown outcome has happened."""
        return batch in self.batches

    # -- the write --------------------------------------------------------------------------

    def commit(self, changes: Changes, token: Token, batch: UUID | None = None) -> None:
        """Write a turn, all of it or nothing.

        Raises:
            LeadershipLost: the term is over.
            NumberTaken: the entries do not follow the last one of the journal.
        """
        if token.term != self.term:
            raise LeadershipLost(f"term {token.term} is over, the present one is {self.term}")
        if changes.entries and changes.entries[0].no != self.last_no() + 1:
            raise NumberTaken(f"{changes.entries[0].no} does not follow {self.last_no()}")
        if changes.entries:
            self.journal.extend(changes.entries)
            self.batches.add(batch or uuid4())
        self._write_orders(changes)
        self._write_items(changes)
        self._write_links(changes)
        for command, cursor, partial in changes.progress:
            self.progress[command] = cursor, partial
        for command, answer in changes.answers:
            self.answers.setdefault(command, answer)

    def _write_orders(self, changes: Changes) -> None:
        for saved in changes.saved:
            self.rows[saved.order.id] = Row(
                replace(saved.order, results=()), saved.due_us, saved.changed_no
            )
            self._write_results(saved)
        for order_id in changes.removed:
            self.rows.pop(order_id, None)
            self.results.pop(order_id, None)
        for key, fact in changes.facts:
            self.fact_rows[key] = fact
            if fact == DEFAULTS[key[0]]:
                del self.fact_rows[key]
        for place, rank in changes.queued.items():
            if rank is None:
                self.queue_rows.pop(place, None)
            else:
                self.queue_rows[place] = rank

    def _write_results(self, saved: Saved) -> None:
        """Append what the turn says is new; a negative number of stored ones means all anew."""
        stored = self.results.setdefault(saved.order.id, [])
        if saved.results_stored < 0:
            stored.clear()
        new = saved.new_results
        if new and len(stored) != max(0, saved.results_stored):
            raise NumberTaken(f"results of {saved.order.id} do not follow those that are stored")
        stored.extend(new)

    def _write_items(self, changes: Changes) -> None:
        for item in changes.items:
            self.items[item.kind, item.path, item.version] = item
        for place, version in changes.in_force.items():
            self.current[place] = version
        self.current = {place: version for place, version in self.current.items() if version}

    def _write_links(self, changes: Changes) -> None:
        for link in changes.links:
            self.link_rows[link.agent] = _stored(link)
        for agent in changes.restreamed:
            self.outboxes.pop(agent, None)
        for agent, n, body in changes.outbox:
            self.outboxes.setdefault(agent, {})[n] = body
        for agent, upto in changes.acknowledged.items():
            box = self.outboxes.get(agent, {})
            for n in [n for n in box if n <= upto]:
                del box[n]


def _stored(link: LinkState) -> LinkState:
    """Return what a row keeps of a link: not what is known of this term only."""
    return LinkState(
        link.agent,
        link.stream,
        link.run,
        link.nonce,
        "",
        link.next_n,
        link.taken_n,
        link.state,
        link.problem,
        host=link.host,
        version=link.version,
        processes=link.processes,
        ahead_us=link.ahead_us,
    )
