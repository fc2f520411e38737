"""Members as real processes that are killed, frozen, doubled and asked to hand over.

The promise: another member writes in less than 5 s, and no row with an old term is ever committed
after a row with a newer one. `STELLWERK_KILLS` and `STELLWERK_FREEZES` raise the number of rounds.
"""

import os
import signal
import statistics
import sys
from collections.abc import Iterator
from functools import partial

import pytest

from cluster.lease import CONTROLLER
from tests.fault.cluster.members import Members
from tests.pace import Others
from tests.system.waiting import wait_until

KILLS = int(os.environ.get("STELLWERK_KILLS", "2"))
FREEZES = int(os.environ.get("STELLWERK_FREEZES", "1"))
PROMISE_S = 5.0
FREEZE_S = CONTROLLER.lost_s + 1.0


@pytest.fixture
def members(dsn: str) -> Iterator[Members]:
    made = Members(dsn)
    yield made
    made.end_all()


def begin(members: Members, *flags: str) -> None:
    for node in ("anne", "bert"):
        members.start_ready(node, *flags)
    wait_until(lambda: members.top_term() == 1)


class Report:
    """Prints figures past pytest's capture, so that a long run can be read."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def add(self, what: str, seconds: list[float]) -> None:
        ordered = sorted(seconds)
        p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        with self.capsys.disabled():
            sys.stdout.write(
                f"\n{what}: n={len(ordered)} p50={statistics.median(ordered):.2f} s"
                f" p99={p99:.2f} s max={ordered[-1]:.2f} s load={os.getloadavg()[0]:.1f} "
            )


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Report:
    return Report(capsys)


@pytest.mark.timeout(60 + 20 * KILLS)
def test_after_each_kill_another_member_writes_in_less_than_five_seconds(
    members: Members, report: Report, others: Others
) -> None:
    begin(members)
    seconds = []
    for _ in range(KILLS):
        node, took_s = members.kill_leader()
        seconds.append(took_s)
        members.start_ready(node)
    report.add("fail-over after kill -9", seconds)
    assert max(seconds) < others.stretched(PROMISE_S)
    assert members.stale_writes() == 0
    members.assert_no_gaps()


@pytest.mark.timeout(60 + 20 * FREEZES)
def test_a_frozen_leader_is_replaced_and_writes_nothing_when_it_wakes(
    members: Members, report: Report, others: Others
) -> None:
    begin(members)
    seconds = []
    for _ in range(FREEZES):
        before = members.top_term()
        node, took_s = members.freeze_leader(FREEZE_S)
        seconds.append(took_s)
        beat = members.node_beat(node)
        wait_until(partial(members.has_beaten_since, node, beat))
        assert members.one("SELECT max(no) FROM audit WHERE term = %s", before) < members.one(
            "SELECT min(no) FROM audit WHERE term > %s", before
        )
    report.add("fail-over after SIGSTOP", seconds)
    assert max(seconds) < others.stretched(PROMISE_S)
    assert members.stale_writes() == 0
    members.assert_no_gaps()


def test_the_fence_alone_refuses_a_member_that_ignores_its_deposition(members: Members) -> None:
    begin(members, "--careless")
    node, _ = members.freeze_leader(FREEZE_S)
    refused = "SELECT count(*) FROM refusal WHERE term = 1 AND starts_with(holder, %s)"
    wait_until(lambda: members.one(refused, node) == 1)
    assert members.stale_writes() == 0


def test_without_fence_and_window_the_audit_finds_writes_of_an_old_term(members: Members) -> None:
    """Negative control: the audit of the tests above can fail."""
    begin(members, "--careless", "--unfenced")
    members.freeze_leader(FREEZE_S)
    wait_until(lambda: members.stale_writes() > 0)


def test_a_leader_that_is_told_to_stop_is_replaced_at_once(
    members: Members, report: Report, others: Others
) -> None:
    begin(members)
    leader = members.processes[members.leader()]
    took_s = members.seconds_to_next_term(leader.terminate)
    report.add("hand-over at a clean stop", [took_s])
    # Faster than any silence could be noticed.
    assert took_s < others.stretched(CONTROLLER.self_fence_s)
    assert leader.wait(10) == 0
    assert members.stale_writes() == 0


def test_asked_for_switch_overs_take_at_most_a_second(
    members: Members, report: Report, others: Others
) -> None:
    begin(members)
    other = {"anne": "bert", "bert": "anne"}
    seconds = [members.switch_over(other[members.leader()]) for _ in range(3)]
    report.add("switch-over", seconds)
    assert statistics.median(seconds) <= others.stretched(1.0)
    assert members.stale_writes() == 0
    members.assert_no_gaps()


def test_a_second_process_of_the_leading_node_writes_nothing_while_the_first_lives(
    members: Members, others: Others
) -> None:
    members.start_ready("anne")
    wait_until(lambda: members.top_term() == 1)
    first = members.processes["anne"]
    double = members.start("anne")
    watching = "SELECT count(*) FROM pg_stat_activity WHERE starts_with(application_name, %s)"
    wait_until(lambda: members.one(watching, "lease:controller:anne/") == 2)
    rows = members.rows()
    wait_until(lambda: members.rows() > rows + 200)
    assert double.poll() is None
    assert members.one("SELECT count(DISTINCT holder) FROM audit") == 1
    took_s = members.seconds_to_next_term(first.kill)
    assert took_s < others.stretched(PROMISE_S)
    assert members.stale_writes() == 0


def bend_dates(members: Members) -> bool:
    """Lets the row's date say anything, as a jumping clock of the server would."""
    bent = members.conn.execute(
        "UPDATE cluster_lease SET changed_at = clock_timestamp() + random() * interval '2 hours'"
        " - interval '1 hour'"
    )
    return bent.rowcount == 1


def test_jumps_of_the_wall_clock_neither_depose_a_leader_nor_hinder_a_fail_over(
    members: Members, others: Others
) -> None:
    begin(members, "--wild-clock")
    rows = members.rows()
    wait_until(lambda: bend_dates(members) and members.rows() > rows + 300)
    assert members.top_term() == 1
    _, took_s = members.kill_leader()
    assert took_s < others.stretched(PROMISE_S)


def test_short_freezes_change_nothing(members: Members) -> None:
    begin(members)
    leader = members.processes[members.leader()]
    for _ in range(3):
        rows = members.rows()
        leader.send_signal(signal.SIGSTOP)
        members.conn.execute("SELECT pg_sleep(0.5)")  # the length of the freeze itself
        leader.send_signal(signal.SIGCONT)
        wait_until(partial(members.has_more_rows_than, rows + 20))
    assert members.top_term() == 1
