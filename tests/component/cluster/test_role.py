"""Roles in threads over one real database: taking, beating, giving way, handing over."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest
from msgspec import structs

from cluster import statements
from cluster.candidate import Owner
from cluster.connection import connect_writer
from cluster.failures import BadRoleName, SwitchOverRefused
from cluster.fence import fenced
from cluster.lease import LeaseConfig, Phase, Token
from cluster.nodes import NodeFacts
from cluster.role import Role, boot_s, request_switch_over
from tests.pace import Others
from tests.system.waiting import wait_until

QUICK = LeaseConfig(
    beat_s=0.1, poll_s=0.05, self_fence_s=0.5, lost_s=1.0, uncoupled_s=0.5, drain_s=0.6,
    progress_limit_s=1.2,
)  # fmt: skip
NAME = "controller"


class Clock:
    """The boot clock, which a test can move on."""

    def __init__(self) -> None:
        self.extra_s = 0.0

    def __call__(self) -> float:
        return boot_s() + self.extra_s


Start = Callable[..., Role]


@pytest.fixture
def start(dsn: str) -> Iterator[Start]:
    with ExitStack() as running:

        def started(node: str, **options: object) -> Role:
            role = Role(dsn, NAME, node, **{"config": QUICK, **options})  # type: ignore[arg-type]
            return running.enter_context(role)

        yield started


@pytest.fixture
def conn(dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        yield conn


def token_of(role: Role) -> Token:
    token = role.wait_for_leadership(10)
    assert token is not None
    return token


def test_the_first_member_leads_and_says_so(start: Start) -> None:
    heard: list[Token | None] = []
    role = start("anne", on_change=heard.append)
    token = token_of(role)
    assert token.term == 1
    assert role.may_act()
    assert role.token() == token
    wait_until(lambda: heard == [token])
    assert role.describe().sentence.startswith("anne leads with term 1")
    assert role.describe().facts["leads"] is True


def test_a_second_member_stands_by_and_says_so(start: Start) -> None:
    token_of(start("anne"))
    second = start("bert")
    assert second.wait_for_leadership(2 * QUICK.lost_s) is None
    assert not second.may_act()
    assert second.token() is None
    assert "stands by" in second.describe().sentence
    assert second.describe().facts["term"] == 1


def test_a_released_role_is_taken_at_once(start: Start, others: Others) -> None:
    first, second = start("anne"), start("bert")
    leader, standby = (first, second) if first.wait_for_leadership(1) else (second, first)
    token_of(leader)
    released_at = time.monotonic()
    leader.release()
    assert token_of(standby).term == 2
    assert time.monotonic() - released_at < others.stretched(QUICK.lost_s)
    assert leader.token() is None


def test_releasing_twice_or_before_leading_is_fine(start: Start, dsn: str) -> None:
    role = start("anne")
    role.release()
    role.release()
    Role(dsn, NAME, "never-started").release()
    assert role.wait_for_leadership(5) is None


def test_a_released_member_leaves_its_name_free_for_the_next_start(
    start: Start, others: Others
) -> None:
    first = start("anne")
    assert token_of(first).term == 1
    first.release()
    again = start("anne")
    began = time.monotonic()
    assert token_of(again).term == 2
    assert time.monotonic() - began < others.stretched(QUICK.lost_s)


def test_a_role_shut_down_stays_with_its_node(start: Start) -> None:
    first = start("anne")
    token_of(first)
    other = start("bert")
    first.shut_down()
    assert other.wait_for_leadership(2 * QUICK.lost_s) is None
    assert "shut down" in other.describe().sentence
    assert token_of(start("anne")).term == 2


def test_a_switch_over_goes_to_the_named_node_within_a_second(
    start: Start, conn: psycopg.Connection, others: Others
) -> None:
    first = start("anne")
    token_of(first)
    named = start("carl")
    start("bert")
    wait_until(lambda: named.describe().facts["has_name"])
    wait_until(lambda: conn.execute("SELECT count(*) FROM cluster_node").fetchone() == (3,))
    began = time.monotonic()
    first.switch_over("carl")
    assert token_of(named).term == 2
    assert time.monotonic() - began < others.stretched(1.0)
    assert not first.may_act()


def test_a_switch_over_waits_for_the_write_in_flight(
    start: Start, conn: psycopg.Connection, dsn: str
) -> None:
    first = start("anne")
    token = token_of(first)
    second = start("bert")
    wait_until(lambda: second.describe().facts["has_name"])
    conn.execute("CREATE TABLE written (term bigint)")
    with connect_writer(dsn, token) as writing, fenced(writing, token):
        request_switch_over(dsn, NAME, "bert", config=QUICK)
        wait_until(lambda: not first.may_act())
        writing.execute("INSERT INTO written VALUES (%s)", (token.term,))
        assert second.token() is None
    assert token_of(second).term == 2
    assert conn.execute("SELECT term FROM written").fetchall() == [(1,)]


def test_a_switch_over_waits_until_the_owner_has_drained(
    start: Start, conn: psycopg.Connection
) -> None:
    asked, ready = threading.Event(), threading.Event()

    def drained() -> bool:
        asked.set()
        return ready.is_set()

    first = start("anne", owner=Owner(drained=drained), config=structs.replace(QUICK, drain_s=10.0))
    token_of(first)
    second = start("bert")
    wait_until(lambda: second.describe().facts["has_name"])
    first.switch_over("bert")
    assert asked.wait(10)
    assert second.token() is None
    assert conn.execute("SELECT phase FROM cluster_lease").fetchone() == ("draining",)
    ready.set()
    assert token_of(second).term == 2


def test_an_owner_that_does_not_drain_is_told_that_it_leads_on(start: Start) -> None:
    resumed = threading.Event()
    first = start("anne", owner=Owner(drained=lambda: False, resumed=resumed.set))
    token = token_of(first)
    second = start("bert")
    wait_until(lambda: second.describe().facts["has_name"])
    first.switch_over("bert")
    assert resumed.wait(10)
    wait_until(first.may_act)
    assert first.token() == token


def test_a_switch_over_is_called_off_if_writes_do_not_end(
    start: Start, conn: psycopg.Connection, dsn: str
) -> None:
    first = start("anne")
    token = token_of(first)
    second = start("bert")
    wait_until(lambda: second.describe().facts["has_name"])
    with connect_writer(dsn, token) as writing, fenced(writing, token):
        first.switch_over("bert")
        wait_until(lambda: not first.may_act())
        wait_until(first.may_act)
    assert first.token() == token
    kinds = [row[0] for row in conn.execute("SELECT kind FROM cluster_lease_event ORDER BY id")]
    assert kinds == ["SwitchedOver", "Draining", "Resumed"]


def test_a_role_promised_to_a_dead_node_comes_back(start: Start, conn: psycopg.Connection) -> None:
    first = start("anne")
    token_of(first)
    conn.execute(
        "INSERT INTO cluster_node (role, node, incarnation) VALUES (%s, 'gone', 'x')", (NAME,)
    )
    first.switch_over("gone")
    wait_until(lambda: not first.may_act())
    assert token_of(first).term == 2


def test_a_switch_over_to_nobody_or_to_the_holder_is_refused(start: Start) -> None:
    first = start("anne")
    token_of(first)
    with pytest.raises(SwitchOverRefused, match="no node 'zoe'"):
        first.switch_over("zoe")
    with pytest.raises(SwitchOverRefused, match="leads already"):
        first.switch_over("anne")


def test_a_second_process_of_the_same_node_holds_nothing(start: Start) -> None:
    first = start("anne")
    token_of(first)
    double = start("anne")
    assert double.wait_for_leadership(2 * QUICK.lost_s) is None
    assert "another process runs under this name" in double.describe().sentence
    assert first.may_act()


def test_the_double_refuses_even_a_vacant_role_while_its_namesake_lives(
    start: Start, conn: psycopg.Connection
) -> None:
    leader = start("bert")
    token_of(leader)
    standby = start("anne")
    wait_until(lambda: standby.describe().facts["has_name"])
    double = start("anne")
    wait_until(lambda: double.describe().facts["holder"])
    leader.release()
    assert token_of(standby).term == 2
    assert double.token() is None
    assert conn.execute("SELECT max(term) FROM cluster_lease").fetchone() == (2,)


def test_without_an_answer_the_holder_stops_acting_and_goes_on_after_it(
    start: Start, conn: psycopg.Connection
) -> None:
    role = start("anne")
    token = token_of(role)
    with conn.transaction():
        conn.execute("SELECT 1 FROM cluster_lease FOR UPDATE")
        wait_until(lambda: not role.may_act())
        assert role.token() is None
    wait_until(role.may_act)
    assert role.token() == token


def test_the_window_counts_on_the_boot_clock_even_if_no_thread_runs(start: Start) -> None:
    clock = Clock()
    role = start("anne", boot=clock)
    token_of(role)
    clock.extra_s = 1.0  # as after a pause of the whole process: no round has happened since
    assert not role.may_act()


def test_without_the_self_fence_a_cut_off_holder_goes_on_acting(
    dsn: str, conn: psycopg.Connection
) -> None:
    """Negative control: what `may_act` protects against."""

    class Careless(Role):
        def may_act(self) -> bool:
            return self._candidate.held is not None

    with Careless(dsn, NAME, "anne", config=QUICK) as role:
        token_of(role)
        with conn.transaction():
            conn.execute("SELECT 1 FROM cluster_lease FOR UPDATE")
            wait_until(lambda: "does not act" in role.describe().sentence)
            assert role.may_act()


def test_a_holder_whose_owner_is_stuck_gives_way(start: Start) -> None:
    stuck = threading.Event()
    owner = Owner(progress=lambda: 60.0 if stuck.is_set() else 0.0)
    first = start("anne", owner=owner)
    token_of(first)
    second = start("bert")
    stuck.set()
    assert token_of(second).term == 2
    assert first.token() is None


def test_a_lone_holder_whose_owner_is_stuck_starts_again_with_a_new_term(
    start: Start, dsn: str
) -> None:
    progress = [60.0]
    role = start("anne", owner=Owner(progress=lambda: progress[0]))
    token = token_of(role)
    with connect_writer(dsn, token) as stuck:
        wait_until(lambda: not role.may_act())
        progress[0] = 0.0
        wait_until(lambda: (new := role.token()) is not None and new.term == 2)
        # The stuck session was ended, so whatever it waited for is over.
        with pytest.raises(psycopg.OperationalError):
            stuck.execute("SELECT 1")


def test_a_lost_connection_is_made_again(start: Start, conn: psycopg.Connection) -> None:
    role = start("anne")
    token = token_of(role)
    ended = conn.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE starts_with(application_name, 'lease:controller:anne')"
    ).fetchall()
    assert ended == [(True,)]
    seen = statements.look(conn, NAME)
    assert seen is not None
    wait_until(lambda: (now := statements.look(conn, NAME)) and now.beat > seen.beat + 2)
    assert role.token() == token


def test_a_member_without_a_database_says_so_and_can_be_stopped() -> None:
    with Role("host=/nowhere dbname=none", NAME, "anne", config=QUICK) as role:
        wait_until(lambda: "cannot see the database" in role.describe().sentence)
        assert not role.may_act()


def test_a_broken_listener_does_not_stop_the_beats(
    start: Start, conn: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    def listener(token: Token | None) -> None:
        raise RuntimeError(f"broken for {token}")

    with caplog.at_level(logging.ERROR, logger="cluster.role"):
        role = start("anne", on_change=listener)
        token_of(role)
        wait_until(lambda: (now := statements.look(conn, NAME)) and now.beat > 3)
    assert role.may_act()
    assert "lease.listener_failed" in caplog.messages


def test_a_broken_callback_of_the_owner_does_not_end_the_role(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    answers = iter([False, False])

    def coupled() -> bool:
        return next(answers, None) is None or bool(1 / 0)

    with caplog.at_level(logging.ERROR, logger="cluster.role"):
        assert token_of(start("anne", owner=Owner(coupled=coupled))).term == 1
    assert caplog.messages.count("lease.round_failed") == 2


def test_nodes_show_their_facts(start: Start, conn: psycopg.Connection) -> None:
    facts = NodeFacts(url="http://anne", version="0.1", coupled_no=42)
    start("anne", owner=Owner(facts=lambda: facts))
    query = "SELECT url, version, coupled_no FROM cluster_node WHERE beat > 2"
    wait_until(lambda: conn.execute(query).fetchall() == [("http://anne", "0.1", 42)])


def test_names_with_separators_are_refused(dsn: str) -> None:
    with pytest.raises(BadRoleName, match="node 'a/b'"):
        Role(dsn, NAME, "a/b")


def test_the_phase_in_the_row_follows_a_release(start: Start, conn: psycopg.Connection) -> None:
    role = start("anne")
    token_of(role)
    role.release()
    seen = statements.look(conn, NAME)
    assert seen is not None
    assert (seen.phase, seen.term) == (Phase.RELEASED, 1)
