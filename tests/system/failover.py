"""Fail-over: a fault of the leader, and the seconds until the next order is committed."""

import time

import psycopg

from tests.system.child import Child
from tests.system.stellwerk import System
from tests.system.waiting import wait_until


def seconds_to_next_commit(system: System, number: int) -> float:
    """Return the seconds from now until an order asked for now is in the journal."""
    began = time.monotonic()
    system.answer(system.add("quick", [f"after-fault-{number}"]), within_s=30)
    return time.monotonic() - began


def kill_leader(system: System, number: int) -> float:
    """Kill the leader, measure, and let the node stand by again."""
    leader = system.leader()
    leader.kill()
    taken = seconds_to_next_commit(system, number)
    leader.start()
    wait_stands_by(system, leader)
    return taken


def freeze_leader(system: System, number: int) -> float:
    """Freeze the leader past its deposing, measure, and let it find out."""
    leader = system.leader()
    over = leader.says("controller.term_over")
    leader.freeze()
    taken = seconds_to_next_commit(system, number)
    leader.thaw()
    leader.wait_says("controller.term_over", times=over + 1)
    wait_stands_by(system, leader)
    return taken


def wait_stands_by(system: System, child: Child) -> None:
    """Wait until a node has its row among the members, so that it could take over."""
    wait_until(
        lambda: child.alive and watches(system, child),
        within_s=20,
        why=lambda: f"{child.name} does not stand by\n{child.tail()}",
    )


def watches(system: System, child: Child) -> bool:
    """Whether a process holds a session that watches the lease."""
    with psycopg.connect(system.parts.database_url(system.database), autocommit=True) as conn:
        rows = conn.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE %s"
            " AND datname = current_database() AND backend_start > now() - interval '1 hour'",
            (f"%{child.name}/%",),
        ).fetchone()
    return bool(rows and rows[0])


def quantile(values: list[float], share: float) -> float:
    """Return the smallest value that a share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
