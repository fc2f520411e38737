"""What a job costs in the product's own Python: no process, no socket and no disk takes part.

`python -m tests.bench_cost [--orders N] [--steps N] [--rounds N] [--calls N]`. A JSON line a part:
CPU microseconds a job, best of the rounds, and function calls a job, the same at any load.
`--calls` lists the functions that cost most. What a job really costs is measured by `tests.bench`.
"""

import argparse
import cProfile
import json
import pstats
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agents import protocol as pr
from agents.worker.hands.attempt import Adopted, Exit, Start
from cluster.lease import Token
from controller import journal
from controller.changes import Changes
from controller.journal import Entry
from controller.store_writes import Write
from engine import seal
from engine.order.events import OrderFinished
from engine.order.requests import AddOrders, NewOrder, Request, TakeItems
from history.changes import Changes as HistoryChanges
from history.project import project
from history.runs import Run
from history.write import write
from simulation.agent import SimAgent, decoded
from simulation.clock import Clock
from simulation.controller import SimController
from simulation.store import MemoryStore
from tests.bench_installation import document

AGENT, PROCESSES = "agent-1", 16
NOW_US = 1_790_000_000_000_000
LINK_KEY = b"k" * 32
_SEALER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class Meter:
    """CPU seconds and profiles of named parts."""

    def __init__(self, *, calls: bool) -> None:
        self.seconds: dict[str, float] = {}
        self.profiles: dict[str, cProfile.Profile] = {}
        self._calls = calls

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count the block to a part."""
        profile = self.profiles.setdefault(name, cProfile.Profile()) if self._calls else None
        began = time.process_time()
        if profile:
            profile.enable()
        yield
        if profile:
            profile.disable()
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - began


class Rows(MemoryStore):
    """Makes the statements of a turn and sends them nowhere; keeps what a turn has told."""

    def __init__(self) -> None:
        super().__init__()
        self.made = Write(Nowhere(), "controller")  # type: ignore[arg-type]  # all that it asks of one
        self.told: list[Changes] = []

    def commit(self, changes: Changes, token: Token, batch: UUID | None = None) -> None:
        """Make what would be written."""
        self.made.journal(changes.entries, token, UUID(int=1))
        self.made.orders(changes)
        self.made.links(changes)
        self.told.append(changes)
        self._write_items(changes)


class Nowhere:
    """A connection, a cursor and a COPY in one, which keep nothing."""

    def execute(self, statement: object, values: object = None) -> None:
        """Forget it."""

    def cursor(self) -> "Nowhere":
        """Return what can copy."""
        return self

    def copy(self, statement: object) -> "Nowhere":
        """Return what takes rows."""
        return self

    def write_row(self, values: object) -> None:
        """Forget it."""

    def __enter__(self) -> "Nowhere":
        return self

    def __exit__(self, *_: object) -> None:
        return


class Machine:
    """Processes that end as soon as somebody asks."""

    boot = 1

    def __init__(self) -> None:
        self.news: list[Exit] = []
        self.processes: dict[str, Any] = {}

    def adopt(self, _boot: int) -> Adopted:
        """Nothing has run before."""
        return Adopted((), (), same_boot=True)

    def start(self, start: Start, *, order: str, job: str) -> None:
        """Begin, and end."""
        self.news.append(Exit(start.attempt, 0, None, NOW_US, "exited"))

    def acknowledge(self, attempt: str) -> None:
        """Nothing is kept."""


class Flow:
    """Orders on their way through a controller, an agent and the history."""

    def __init__(self, meter: Meter) -> None:
        self.meter, self.rows = meter, Rows()
        clock, public = Clock(NOW_US), _SEALER.public_key()
        self.controller = SimController(clock, self.rows, public_key=public)
        self.machine = Machine()
        self.agent = SimAgent(
            AGENT,
            clock,
            self.machine,  # type: ignore[arg-type]  # all that an agent asks of one
            site_key=public.public_bytes_raw(),
            processes=PROCESSES,
        )
        self.runs: dict[str, Run] = {}
        self.finished = 0
        self.conn = Nowhere()
        self.controller.up()
        self.agent.up()

    def deploy(self, steps: int) -> None:
        """Take over a workflow of so many jobs, and send the agent what it needs."""
        written = json.dumps(document([f"job{i}" for i in range(steps)])).encode()
        self.ask(TakeItems((seal.sealed(_SEALER, "workflow", "/w", "v1", written),)))

    def ask(self, request: Request) -> None:
        """Carry out a request, and everything that follows from it."""
        with self.meter.part("controller"):
            self.controller.ask(request)
            self.controller.turn()
        self.follow()
        while any(self.exchange()):
            self.follow()

    def exchange(self) -> Iterator[bool]:
        """Let both sides work on what the other one has told; yields whether they did."""
        told, self.rows.told = self.rows.told, []
        down = [(n, body) for changes in told for _, n, body in changes.outbox]
        for first in range(0, len(down), pr.ITEMS_AT_ONCE):
            self.carry("down", down[first : first + pr.ITEMS_AT_ONCE])
        with self.meter.part("agent"):
            while self.agent.turn():
                pass
        up = self.agent.journal.events(self.taken, pr.ITEMS_AT_ONCE)
        if up:
            self.carry("up", up)
        yield bool(up or down)

    @property
    def taken(self) -> int:
        """How far the controller has taken the agent's stream."""
        link = self.controller.links.get(AGENT)
        return link.taken_n if link else 0

    def carry(self, direction: str, rows: Sequence[tuple[int, bytes]]) -> None:
        """Send an envelope, and let the other side take it."""
        items = tuple(msgspec.Raw(body) for _, body in rows)
        envelope = pr.Envelope(
            agent=AGENT, nonce="n", run="r", stream="s", n=rows[0][0], items=items
        )
        with self.meter.part("carrier"):
            came = pr.unseal(pr.seal(envelope, LINK_KEY, direction), LINK_KEY, direction).items
        fresh = [(rows[0][0] + i, bytes(raw)) for i, raw in enumerate(came)]
        if direction == "down":
            with self.meter.part("agent"):
                self.agent.take(decoded(fresh), fresh[-1][0])
        else:
            with self.meter.part("controller"):
                self.controller.reported(AGENT, self.agent.run, fresh)

    def follow(self) -> None:
        """Let the history follow what the turns have written."""
        bodies = [journal.encode(c.entries) for c in self.rows.told if c.entries]
        with self.meter.part("history"):
            entries = [entry for body in bodies for entry in journal.decode(body)]
            if entries:
                self._write(entries)

    def _write(self, entries: Sequence[Entry]) -> None:
        self.finished += sum(isinstance(entry.event, OrderFinished) for entry in entries)
        changes: HistoryChanges = project("controller", entries, self.runs)
        write(self.conn, changes)  # type: ignore[arg-type]  # as above
        self.runs = {i: run for i, run in changes.current.items() if run.live}


def measured(orders: int, steps: int, *, calls: bool) -> Meter:
    """Return what so many orders of so many jobs cost, the agent and the workflow being known."""
    flow = Flow(Meter(calls=False))
    flow.deploy(steps)
    flow.ask(AddOrders((NewOrder("#2026-01-01#first", "/w"),)))
    flow.meter = Meter(calls=calls)
    new = [NewOrder(f"#2026-01-01#T{i}-w1", "/w") for i in range(orders)]
    for first in range(0, orders, 500):
        flow.ask(AddOrders(tuple(new[first : first + 500])))
    assert flow.finished == orders + 1  # or the figures tell nothing
    return flow.meter


def main() -> None:
    """Print a line a part, and where its calls are made if that was asked."""
    parser = argparse.ArgumentParser(description="Measure what a job costs in Python.")
    parser.add_argument("--orders", type=int, default=500)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=0, help="functions to be listed for each part")
    given = parser.parse_args()
    jobs = given.orders * given.steps
    rounds = [measured(given.orders, given.steps, calls=False) for _ in range(given.rounds)]
    counted = measured(given.orders, given.steps, calls=True)
    for part, profile in counted.profiles.items():
        stats = pstats.Stats(profile)
        best_s = min(meter.seconds[part] for meter in rounds)
        line = {"part": part, "cpu_us": best_s / jobs * 1e6, "calls": stats.total_calls / jobs}  # type: ignore[attr-defined]
        print(json.dumps({k: round(v, 1) if isinstance(v, float) else v for k, v in line.items()}))  # noqa: T201
        if given.calls:
            stats.sort_stats("tottime").print_stats(given.calls)


if __name__ == "__main__":
    main()
