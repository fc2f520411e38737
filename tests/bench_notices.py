"""One notice releases 100,000 waiting orders on a whole installation, while others go on working.

`python -m tests.bench_notices [--orders N]`. One JSON line a figure, as `tests.bench` prints them.
Behind the notice stands a job of an agent that is away: each order is durably on its way to it,
and no process of a job stands in the way of the measurement.
"""

import argparse
import itertools
import statistics
import threading
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg

from engine.order.requests import AddOrders, Answer, NewOrder, PostNotice, Request
from tests.bench import Bench
from tests.bench_installation import Installation, document, installation, wait_for

AT_ONCE = 5_000
BOARD = {
    "postOrderToNoticeId": "'go'",
    "expectOrderToNoticeId": "'go'",
    "endOfLife": "$js7EpochMilli + 86400000",
}
AWAY = "agent-away"


def waiting_workflow() -> dict[str, Any]:
    """Return a workflow that waits for the notice and then needs an agent that is away."""
    made = document(["job"])
    made["jobs"]["job"]["agentName"] = AWAY
    expect = {"TYPE": "ExpectNotices", "noticeBoardNames": "'released'"}
    return {**made, "instructions": [expect, *made["instructions"]]}


def ask(at: Installation, request: Request, lane: int = 1) -> UUID:
    """Write a command row, as a cockpit does, and wake the controller."""
    command = uuid4()
    controller = at.scalar("SELECT controller FROM controller_deployeditem LIMIT 1")
    at.db.execute(
        "INSERT INTO controller_command (id, controller, lane, body, account, made_at)"
        " VALUES (%s, %s, %s, %s, 'bench', now())",
        (command, controller, lane, msgspec.msgpack.encode(request)),
    )
    at.db.execute("SELECT pg_notify(%s, '')", (f"stellwerk_commands_{controller}",))
    return command


def answered(at: Installation, command: UUID) -> Answer | None:
    """Return the answer to a command, None as long as there is none."""
    body = at.scalar("SELECT answer FROM controller_command WHERE id=%s", command)
    return None if body is None else msgspec.msgpack.decode(body, type=Answer)


class Beside(threading.Thread):
    """People who add one order after the other by the API, until `stop` is called."""

    def __init__(self, at: Installation) -> None:
        super().__init__(daemon=True)
        self.at, self.taken_ms, self.sent = at, list[float](), dict[str, float]()
        self.rest = at.another()
        self._over = threading.Event()

    def run(self) -> None:
        """Add an order every 200 ms."""
        for n in itertools.count():
            if self._over.wait(0.2):
                return
            name = f"#{time.strftime('%Y-%m-%d')}#T{time.time_ns() // 10_000}-beside{n}"
            begun, self.sent[name] = time.monotonic(), time.time()
            self.rest.post("/api/v1/orders/", {"workflow": "beside", "id": name})
            self.taken_ms.append((time.monotonic() - begun) * 1000)

    def stop(self) -> None:
        """Let the last one end."""
        self._over.set()
        self.join(60)

    def starts_ms(self) -> list[float]:
        """Return how long each order took from its submission to the start of its job."""
        wait_for(lambda: len(self._begun_jobs()) == len(self.sent), 120, "orders beside", 0.2)
        return [(at_s - self.sent[name]) * 1000 for name, at_s in self._begun_jobs().items()]

    def _begun_jobs(self) -> dict[str, float]:
        rows = self.at.db.execute(
            "SELECT order_id, extract(epoch FROM started_at)::float8 FROM history_jobrun"
            " WHERE order_id = ANY(%s) AND started_at IS NOT NULL",
            (list(self.sent),),
        )
        return dict(rows.fetchall())


class Memory(threading.Thread):
    """The most memory that the controller's process had, in MB."""

    def __init__(self, at: Installation) -> None:
        super().__init__(daemon=True)
        self.most_mb = 0.0
        self._pids = [p for p, words in at.processes().items() if " controller " in f"{words} "]
        self._over = threading.Event()

    def run(self) -> None:
        """Look twice a second."""
        while not self._over.wait(0.5):
            self.most_mb = max([self.most_mb, *map(_pss_mb, self._pids)])

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self.join(10)


def _pss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0) / 1024


def turns_ms(conn: psycopg.Connection, from_no: int) -> list[float]:
    """Return how long turns took behind a number: they follow each other without a pause."""
    rows = conn.execute(
        "SELECT at_us FROM controller_journalbatch WHERE first_no > %s ORDER BY first_no",
        (from_no,),
    ).fetchall()
    return [(later - at) / 1000 for (at,), (later,) in itertools.pairwise(rows)]


def percentile(values: list[float], part: float) -> float:
    """Return the value that a part of all does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def prepare(bench: Bench, orders: int) -> None:
    """Let the orders wait."""
    at = bench.at
    at.deploy_file("released.noticeboard.json", BOARD)
    at.deploy("waiting", waiting_workflow())
    at.deploy("beside", document(["job"]))
    begun = time.monotonic()
    names = [f"#2026-01-01#T{n:06d}-waiting" for n in range(orders)]
    commands = [
        ask(
            at, AddOrders(tuple(NewOrder(id=i, workflow="waiting") for i in names[s : s + AT_ONCE]))
        )
        for s in range(0, orders, AT_ONCE)
    ]
    wait_for(lambda: all(answered(at, c) for c in commands), 600, "orders to be added", 0.5)
    bench.figure("notices", "orders added by bulk", orders / (time.monotonic() - begun), "1/s")
    wait_for(lambda: waiting(at) == orders, 60, "orders to wait", 0.5)
    # What the readers of the journal still have to do is not part of the release.
    wait_for(lambda: lag(at) < 1_000, 600, "history", 0.5)


def waiting(at: Installation) -> int:
    """Return how many orders wait in the queue of the notice."""
    return int(at.scalar("SELECT count(*) FROM controller_waiter WHERE kind='notice'"))


def last_no(at: Installation) -> int:
    """Return the number of the last entry of the journal."""
    return int(at.scalar("SELECT max(last_no) FROM controller_journalbatch"))


def lag(at: Installation) -> int:
    """Return how many entries the slowest reader of the journal is behind."""
    return last_no(at) - int(at.scalar("SELECT min(no) FROM controller_feedposition") or 0)


def release(bench: Bench, orders: int) -> None:
    """Post the notice, wait until everybody has gone on, and print what it cost."""
    at = bench.at
    beside, memory = Beside(at), Memory(at)
    term, before = at.scalar("SELECT sum(term) FROM cluster_lease"), last_no(at)
    memory.start()
    beside.start()
    begun = time.monotonic()
    ask(at, PostNotice("released", "go"), lane=0)
    wait_for(lambda: waiting(at) == 0, 600, "the release", 0.1)
    took_s = time.monotonic() - begun
    turns = turns_ms(at.db, before)
    beside.stop()
    memory.stop()
    print_figures(bench, orders, took_s, turns)
    for what, values in (("answer", beside.taken_ms), ("job start", beside.starts_ms())):
        bench.figure("notices", f"order beside, {what}, p50", statistics.median(values), "ms")
        bench.figure(
            "notices", f"order beside, {what}, p99", percentile(values, 0.99), "ms", n=len(values)
        )
    bench.figure("notices", "memory of the controller, PSS", memory.most_mb, "MB")
    later = at.scalar("SELECT sum(term) FROM cluster_lease")
    bench.figure("notices", "take-overs", float(later - term), "")
    gone = at.scalar("SELECT count(*) FROM controller_orderrow WHERE agent=%s", AWAY)
    bench.figure("notices", "orders on their way", float(gone), "", baseline=orders)


def print_figures(bench: Bench, orders: int, took_s: float, turns: list[float]) -> None:
    """Print what the release itself took."""
    bench.figure("notices", "one notice releases all, durably", took_s, "s", n=orders)
    bench.figure("notices", "turn, p50", statistics.median(turns), "ms", n=len(turns))
    bench.figure("notices", "turn, p99", percentile(turns, 0.99), "ms", n=len(turns))
    bench.figure("notices", "turn, max", max(turns), "ms", n=len(turns))


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description="Measure the release of many orders.")
    parser.add_argument("--orders", type=int, default=100_000)
    given = parser.parse_args()
    with installation() as at:
        bench = Bench(at, Path(), 1, 1.0)
        prepare(bench, given.orders)
        release(bench, given.orders)


if __name__ == "__main__":
    main()
