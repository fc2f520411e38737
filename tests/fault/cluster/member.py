"""A member as a process of its own: takes part in a role and writes numbered rows while it leads.

    python member.py DSN NODE [--careless] [--unfenced] [--wild-clock]

`--careless` ignores `may_act` and keeps writing with the token it once had; `--unfenced` writes
without the fence. Both exist to show that the tests notice when a protection is missing.
"""

import argparse
import os
import random
import threading
import time
from contextlib import AbstractContextManager

import psycopg

from cluster.connection import connect_writer
from cluster.failures import LeadershipLost, UnknownOutcome
from cluster.fence import fenced
from cluster.lease import Token
from cluster.role import Role
from cockpit.ending import stop_at_signals

ROLE = "controller"
PACE_S = 0.01


class Writer:
    """Writes rows with one token after the other."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.stop = threading.Event()
        self.parent = os.getppid()
        self.role = Role(options.dsn, ROLE, options.node)

    def run(self) -> None:
        with self.role:
            while not self.is_over():
                token = self.role.wait_for_leadership(0.2)
                if token is not None:
                    self.lead(token)

    def is_over(self) -> bool:
        return self.stop.is_set() or os.getppid() != self.parent

    def lead(self, token: Token) -> None:
        while not self.is_over():
            try:
                with connect_writer(self.options.dsn, token) as conn:
                    self.write_rows(conn, token)
            except LeadershipLost:
                self.tell_refusal(token)
                return
            except (psycopg.OperationalError, UnknownOutcome):
                pass  # ended by the next holder; a careless writer connects again
            if not self.options.careless:
                return

    def write_rows(self, conn: psycopg.Connection, token: Token) -> None:
        while not self.is_over() and (self.options.careless or self.role.may_act()):
            with self.transaction(conn, token):
                # The head row's lock lasts to the commit, so numbers are in the order of commits.
                conn.execute(
                    "WITH head AS (UPDATE audit_head SET no = no + 1 RETURNING no)"
                    " INSERT INTO audit SELECT no, %s, %s FROM head",
                    (token.term, token.holder),
                )
            self.stop.wait(PACE_S)

    def transaction(self, conn: psycopg.Connection, token: Token) -> AbstractContextManager[object]:
        return conn.transaction() if self.options.unfenced else fenced(conn, token)

    def tell_refusal(self, token: Token) -> None:
        with psycopg.connect(self.options.dsn, autocommit=True) as conn:
            conn.execute("INSERT INTO refusal VALUES (%s, %s)", (token.term, token.holder))


def let_the_wall_clock_jump() -> None:
    """Makes every reading of the wall clock in this process wrong by up to an hour."""
    true_time = time.time
    time.time = lambda: true_time() + random.uniform(-3600, 3600)  # noqa: S311 - no secret


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("dsn")
    parser.add_argument("node")
    for flag in ("--careless", "--unfenced", "--wild-clock"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()
    if options.wild_clock:
        let_the_wall_clock_jump()
    writer = Writer(options)
    stop_at_signals(writer.stop)
    writer.run()


if __name__ == "__main__":
    main()
