"""Starts, kills, freezes and watches member processes, and audits what they wrote."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from cluster.lease import CONTROLLER
from cluster.role import boot_s, request_switch_over
from tests.fault.cluster.member import ROLE
from tests.system.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
MEMBER = Path(__file__).with_name("member.py")
Process = subprocess.Popen[bytes]


class Members:
    """Processes over one database, by node name."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.conn = psycopg.connect(dsn, autocommit=True)
        self.conn.execute("CREATE TABLE audit_head AS SELECT 0::bigint AS no")
        self.conn.execute("CREATE TABLE audit (no bigint PRIMARY KEY, term bigint, holder text)")
        self.conn.execute("CREATE TABLE refusal (term bigint, holder text)")
        self.processes: dict[str, Process] = {}
        self.all: list[Process] = []

    def start(self, node: str, *flags: str) -> Process:
        command = [sys.executable, str(MEMBER), self.dsn, node, *flags]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, env=environment, cwd=ROOT)
        self.all.append(process)
        self.processes.setdefault(node, process)
        return process

    def start_ready(self, node: str, *flags: str) -> None:
        """Starts a node, again if it ran before, and waits until it could take over."""
        before = self.incarnation(node)
        self.processes.pop(node, None)
        self.start(node, *flags)
        wait_until(lambda: self.incarnation(node) not in (before, None, ""))

    def end_all(self) -> None:
        for process in self.all:
            if process.poll() is None:
                process.kill()  # also ends a frozen one
            process.wait(10)
        self.conn.close()

    def incarnation(self, node: str) -> str | None:
        row = self.conn.execute(
            "SELECT incarnation FROM cluster_node WHERE node = %s", (node,)
        ).fetchone()
        return row[0] if row else None

    def node_beat(self, node: str) -> int:
        return int(self.one("SELECT beat FROM cluster_node WHERE node = %s", node))

    def leader(self) -> str:
        return str(self.one("SELECT split_part(holder, '/', 1) FROM cluster_lease"))

    def top_term(self) -> int:
        return int(self.one("SELECT coalesce(max(term), 0) FROM audit"))

    def one(self, query: str, *values: object) -> Any:
        row = self.conn.execute(query.encode(), values).fetchone()
        assert row is not None
        return row[0]

    def rows(self) -> int:
        return int(self.one("SELECT coalesce(max(no), 0) FROM audit"))

    def has_more_rows_than(self, count: int) -> bool:
        return self.rows() > count

    def has_beaten_since(self, node: str, beat: int) -> bool:
        return self.node_beat(node) > beat + 2

    def stale_writes(self) -> int:
        """Rows whose term is lower than that of a row committed before them."""
        return int(
            self.one(
                "SELECT count(*) FROM (SELECT term, max(term) OVER (ORDER BY no) AS top FROM audit)"
                " AS rows WHERE term < top"
            )
        )

    def assert_no_gaps(self) -> None:
        assert self.one("SELECT max(no) - count(*) FROM audit") == 0

    def seconds_to_next_term(self, fault: Callable[[], object]) -> float:
        """Does something to the cluster; returns when the first row of a new term was there."""
        term, began_s = self.top_term(), boot_s()
        fault()
        wait_until(lambda: self.top_term() > term)
        return boot_s() - began_s

    def kill_leader(self) -> tuple[str, float]:
        node = self.leader()
        took_s = self.seconds_to_next_term(self.processes[node].kill)
        self.processes[node].wait(10)
        return node, took_s

    def freeze_leader(self, at_least_s: float) -> tuple[str, float]:
        """Freezes the leader until another leads and `at_least_s` are over, then thaws it."""
        node = self.leader()
        process, began_s = self.processes[node], boot_s()
        took_s = self.seconds_to_next_term(lambda: process.send_signal(signal.SIGSTOP))
        wait_until(lambda: boot_s() - began_s > at_least_s)
        process.send_signal(signal.SIGCONT)
        return node, took_s

    def switch_over(self, to: str) -> float:
        return self.seconds_to_next_term(
            lambda: request_switch_over(self.dsn, ROLE, to, config=CONTROLLER)
        )
