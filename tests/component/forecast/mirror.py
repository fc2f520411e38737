"""What a simulated installation has done, as rows: controller, journal, history, register."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
import psycopg
from msgspec.structs import replace

from agents.models import Agent
from cluster.lease import Token
from controller.changes import Changes, Saved
from controller.follower import Following
from controller.models import DeployedItem, Link
from controller.store import PostgresStore
from engine.order.group import due_us
from engine.order.requests import AddOrders, NewOrder
from history.follow import HistoryFollower
from simulation.jobs import Behaviour
from simulation.system import System

C = "c"
SECOND_US = 1_000_000
JOB = {"agentName": "agent-a", "executable": {"TYPE": "ShellScriptExecutable", "script": "x"}}
LIMITS = {"agent-a": 4}


def run(job: str) -> dict[str, Any]:
    return {"TYPE": "Execute.Named", "jobName": job, "label": job}


def flow(*instructions: Any) -> dict[str, Any]:
    jobs = {name: {**JOB, "parallelism": 4} for name in ("load", "post")}
    return {"instructions": list(instructions), "jobs": jobs}


class Mirror:
    """A system that has begun two hours ago, and the rows that tell of it."""

    def __init__(self, store: PostgresStore, token: Token, conn: psycopg.Connection) -> None:
        self.store, self.token, self.conn = store, token, conn
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        self.now = now
        self.now_us = round(now.timestamp()) * SECOND_US
        jobs = {"load": (Behaviour(seconds=120),), "post": (Behaviour(seconds=300),)}
        self.system = System(LIMITS, jobs, start_us=self.now_us - 7_200 * SECOND_US)
        self._taken = 0

    def deploy(
        self, workflows: Mapping[str, Any], objects: Mapping[tuple[str, str], Any] | None = None
    ) -> None:
        assert self.system.deploy(workflows, objects or {}).ok

    def add(self, name: str, workflow: str, *, in_s: int) -> None:
        """Add an order that starts so long after now, or before."""
        start = self.now_us + in_s * SECOND_US
        assert self.system.ask(AddOrders((NewOrder(name, workflow, scheduled_us=start),))).ok

    def release(self, kind: str, path: str, document: Mapping[str, Any]) -> None:
        """Put a schedule or calendar into force."""
        self._taken += 1
        DeployedItem.objects.create(
            controller=C, kind=kind, path=path, version=f"s{self._taken}",
            document=msgspec.json.encode(document), signature=b"", taken_no=self._taken,
        )  # fmt: skip

    def write(self) -> None:
        """Let time pass to now, and write the rows."""
        self.system.run_to(self.now_us)
        memory = self.system.store
        found = [memory.orders([i])[i][0] for i in memory.rows]
        self.store.commit(
            Changes(
                entries=list(memory.journal),
                saved=[
                    Saved(o, due_us(o), memory.rows[o.id].changed_no, 0)
                    for o in (replace(order) for order in found)
                ],
                items=list(memory.items.values()),
                in_force={(k, p): v for (k, p), v in memory.current.items()},
                facts=list(memory.fact_rows.items()),
                queued=dict(memory.queue_rows),
            ),
            self.token,
        )
        self._register()
        follower = HistoryFollower(C)
        one = Following(self.conn, follower, C, transaction=lambda conn: conn.transaction())
        while one.step():
            pass

    def _register(self) -> None:
        for name, processes in LIMITS.items():
            Agent.objects.create(id=name, process_limit=processes)
            Link.objects.create(
                controller=C, agent=name, state="coupled",
                stream="00000000-0000-0000-0000-000000000001", seen_at=self.now,
            )  # fmt: skip
