"""Journal entries in the history's tables."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import psycopg
import pytest

from controller.follower import Following
from engine.order import events as e
from engine.order import model as m
from engine.position import to_text
from engine.steps.control import SKIPPED
from history import partitions
from history.follow import HistoryFollower
from history.load import newest_runs
from history.models import FollowerProblem, GroupCount, JobRun, OrderRun, OrderRunState
from history.project import project
from history.results import Lives, results_of
from history.runs import run_of
from tests.journal_writing import (
    BEGIN_US,
    Step,
    added,
    entries,
    one_job,
    whole_life,
    write_turn,
)  # fmt: skip

C = "c"


def follower(conn: psycopg.Connection, *, runs_in_mind: int = 100) -> Following:
    history = HistoryFollower(C, runs_in_mind=runs_in_mind)
    return Following(conn, history, C, transaction=lambda conn: conn.transaction())


def follow(conn: psycopg.Connection, *turns: list[Step], runs_in_mind: int = 100) -> None:
    one = follower(conn, runs_in_mind=runs_in_mind)
    no = one.no
    for turn in turns:
        write_turn(conn, C, entries(turn, first_no=no + 1))
        no += len(turn)
        one.step()


def rows(conn: psycopg.Connection) -> list[list[tuple[object, ...]]]:
    tables = ("orderrun", "orderrunstate", "jobrun", "groupcount")
    return [
        sorted(
            conn.execute(
                f"SELECT t::text FROM history_{table} t WHERE t::text NOT LIKE '%%,0)'"  # noqa: S608
            )
        )
        for table in tables
    ]


RETURNED = m.Outcome("succeeded", 0, None, {"rows": 7, "nul": "\0", "returnCode": 0})
LIVES: list[Step] = [
    *whole_life("a", "r:1"),
    added("b", tags=("x", 'quo"te', "back\\slash"), order_date="2026-11-22", scheduled_us=BEGIN_US),
    *one_job("b", "r:2", m.Outcome("failed", 4, "line\nnext\ttab\0nul")),
    ("b", e.OrderCaught((1, "catch+0", 0), m.Outcome("failed", 4, "no"))),
    ("b", e.OrderDetached("agent-1")),
    ("b", e.OrderRetrying((1, "try+1", 0), BEGIN_US + 9)),
    added("c", arguments={"nul": "\0"}),
    ("c", e.OrderStarted(BEGIN_US)),
    ("c", e.OrderForked((("c|x", "x"), ("c|y", "y")))),
    ("c|x", e.OrderFinished(BEGIN_US)),
    ("c", e.OrderChildEnded("c|x", ok=True, values={})),
    ("c|y", e.OrderFailedInFork(m.Outcome("failed", None, "why"), BEGIN_US)),
    added("d", arguments={"who": "all"}),
    ("d", e.OrderTransferred("v2")),
    ("d", e.OrderChanged(m.Change(BEGIN_US + 5, {"who": 'q"uo\\te', "nul": "\0"}))),
    added(
        "f",
        plan='Quar"ter|1',
        stop_positions=((3,), (0, "then", 1)),
        block=(0,),
        force_admission=True,
        remain=True,
        external=m.ExternalOrder("files/in", 'a "b".csv', "1"),
    ),
    *one_job("f", "r:3")[:-1],
    ("f", e.OrderProcessed("r:3", RETURNED, m.Result((0,), "first", "load", RETURNED.values), 9)),
    ("f", e.OrderMoved((1,), SKIPPED)),
    ("f", e.OrderDetached("agent-1")),
    ("f", e.OrderNoticesRead((2,), m.Result((1,), None, None, {"nul": "\0"}))),
    ("f", e.OrderTransferred("v2", (5,), (((3,), (4,)), ((0,), (7,))))),
]


def test_a_whole_life_can_be_read_through_the_models(conn: psycopg.Connection) -> None:
    follow(conn, whole_life("a"))
    run = OrderRun.objects.get()
    assert (run.order_id, run.run, run.state, run.group) == ("a", run_of(1), "Finished", "finished")
    assert run.ended_at == dt.datetime.fromtimestamp(BEGIN_US / 1e6, dt.UTC) + dt.timedelta(
        microseconds=3
    )
    job = JobRun.objects.get()
    assert (job.state, job.run, job.attempt, job.label) == ("succeeded", run.run, "r:1", "first")
    assert list(OrderRunState.objects.order_by("no").values_list("state", flat=True)) == [
        "Fresh", "Ready", "Processing", "Ready", "Finished",
    ]  # fmt: skip
    counts = GroupCount.objects.filter(count__gt=0)
    assert list(counts.values_list("group", "count")) == [("finished", 1)]


def test_rows_are_the_same_however_entries_come(conn: psycopg.Connection) -> None:
    follow(conn, LIVES)
    at_once = rows(conn)
    for table in (*partitions.TABLES, "history_groupcount", "controller_journalbatch",
                  "controller_feedposition"):  # fmt: skip
        conn.execute(f"DELETE FROM {table}")  # noqa: S608
    conn.execute("DELETE FROM controller_journalindex")
    follow(conn, *([step] for step in LIVES))
    assert rows(conn) == at_once


def test_a_follower_that_forgets_reads_its_runs_back(conn: psycopg.Connection) -> None:
    follow(conn, *([step] for step in LIVES), runs_in_mind=0)
    changes = project(C, entries(LIVES), {})
    ids = list(changes.current)
    assert newest_runs(conn, C, ids) == changes.current


def test_texts_and_arguments_survive_as_they_are(conn: psycopg.Connection) -> None:
    follow(conn, LIVES)
    b, c = (OrderRun.objects.get(order_id=i) for i in "bc")
    assert b.tags == ["x", 'quo"te', "back\\slash"]
    assert JobRun.objects.get(order_id="b").message == "line\nnext\ttab\u2400nul"
    assert msgspec.msgpack.decode(bytes(c.arguments)) == {"nul": "\0"}


def test_what_an_order_was_asked_and_carried_can_be_read_back(conn: psycopg.Connection) -> None:
    follow(conn, *([step] for step in LIVES))
    run = OrderRun.objects.get(order_id="f")
    assert run.plan == 'Quar"ter|1'
    assert (run.stop_positions, run.block_position) == (["4", "0/then/1"], "7")
    assert (run.force_admission, run.remain) == (True, True)
    assert (run.file_source, run.file_name) == ("files/in", 'a "b".csv')
    outcomes = OrderRunState.objects.filter(run=run.run).values_list("position", "outcome")
    assert ("1", "skipped") in outcomes
    lives = Lives(OrderRun.objects.all(), OrderRunState.objects.all(), JobRun.objects.all())
    told = [(to_text(one.position), one.values) for one in results_of(lives, run)]
    assert told == [("7", RETURNED.values), ("1", {"nul": "\0"})]


def test_what_everybody_has_takes_no_room(conn: psycopg.Connection) -> None:
    plain = m.Outcome("succeeded", 0, None, {"returnCode": 0})
    result = m.Result((0,), "first", "load", plain.values)
    steps = whole_life("a")
    steps[5] = ("a", e.OrderProcessed("r:1", plain, result, BEGIN_US + 2))
    follow(conn, steps)
    run, job = OrderRun.objects.get(), JobRun.objects.get()
    empty = (run.plan, run.stop_positions, run.block_position, run.file_source, run.file_name)
    assert empty == (None,) * 5
    assert job.returned is None
    for state in OrderRunState.objects.all():
        assert (state.outcome, state.carried) == (None, None)
    lives = Lives(OrderRun.objects.all(), OrderRunState.objects.all(), JobRun.objects.all())
    assert [one.values for one in results_of(lives, run)] == [{"returnCode": 0}]


def test_another_version_start_and_arguments_are_kept(conn: psycopg.Connection) -> None:
    follow(conn, *([step] for step in LIVES))
    d = OrderRun.objects.get(order_id="d")
    start = dt.datetime.fromtimestamp(BEGIN_US / 1e6, dt.UTC) + dt.timedelta(microseconds=5)
    assert (d.version, d.scheduled_at) == ("v2", start)
    assert msgspec.msgpack.decode(bytes(d.arguments)) == {"who": 'q"uo\\te', "nul": "\0"}
    follow(
        conn,
        [("d", e.OrderStarted(1)), ("d", e.OrderFailed(m.Outcome("failed"), 2))],
        [("d", e.OrderResumed(arguments={"who": "one"}))],
    )
    d.refresh_from_db()
    assert (d.state, d.version) == ("Ready", "v2")
    assert msgspec.msgpack.decode(bytes(d.arguments)) == {"who": "one"}


def test_an_event_that_fits_nothing_is_flagged_and_others_go_on(conn: psycopg.Connection) -> None:
    follow(conn, [added("a"), ("ghost", e.OrderStarted(1)), ("a", e.OrderStarted(2))])
    problem = FollowerProblem.objects.get()
    assert (problem.no, problem.order_id, problem.event) == (2, "ghost", "OrderStarted")
    assert "RunUnknown" in problem.problem
    assert OrderRun.objects.get().state == "Ready"


def test_after_a_poisoned_batch_the_memory_is_not_ahead_of_the_rows(
    conn: psycopg.Connection,
) -> None:
    follow(conn, [added("a")], [("a", e.OrderStarted(1)), ("ghost", e.OrderStarted(1))])
    follow(conn, [("a", e.OrderFailed(m.Outcome("failed"), 5))])
    assert OrderRun.objects.get().group == "failed"
    assert dict(GroupCount.objects.filter(count__gt=0).values_list("group", "count")) == {
        "failed": 1
    }


def test_after_a_failed_commit_the_memory_is_not_ahead_of_the_rows(
    conn: psycopg.Connection,
) -> None:
    failing = [False]

    @contextmanager
    def transaction(conn: psycopg.Connection) -> Iterator[None]:
        with conn.transaction():
            yield
            if failing.pop():
                raise psycopg.OperationalError("the database went away")
            failing.append(False)

    one = Following(conn, HistoryFollower(C), C, transaction=transaction)
    write_turn(conn, C, entries([added("a")]))
    one.step()
    write_turn(conn, C, entries([("a", e.OrderStarted(1))], first_no=2))
    failing[:] = [True]
    with pytest.raises(psycopg.OperationalError):
        one.step()
    failing[:] = [False]
    one.step()
    assert list(OrderRunState.objects.values_list("no", flat=True).order_by("no")) == [1, 2]
    assert dict(GroupCount.objects.filter(count__gt=0).values_list("group", "count")) == {
        "ready": 1
    }


def test_the_number_of_rows_that_are_there_is_announced(dsn: str, conn: psycopg.Connection) -> None:
    with psycopg.connect(dsn, autocommit=True) as listening:
        listening.execute("LISTEN stellwerk_history_c")
        follow(conn, whole_life("a"))
        (note,) = listening.notifies(timeout=5, stop_after=1)
    assert note.payload == "9"


def test_partitions_follow_the_days_of_entries(conn: psycopg.Connection) -> None:
    day_us = 86_400_000_000
    one = follower(conn)
    write_turn(conn, C, entries([added("a")], at_us=BEGIN_US))
    write_turn(conn, C, entries([("a", e.OrderStarted(1))], first_no=2, at_us=BEGIN_US + day_us))
    one.step()
    first = dt.datetime.fromtimestamp(BEGIN_US / 1e6, dt.UTC).date()
    days = list(OrderRunState.objects.order_by("no").values_list("day", flat=True))
    assert days == [first, first + dt.timedelta(days=1)]
    assert OrderRun.objects.get().day == first


def order_row(conn: psycopg.Connection, order_id: str, *, run: int, state: str, group: str) -> None:
    conn.execute(
        "INSERT INTO controller_orderrow (controller, order_id, run, workflow, version, state,"
        ' "group", position, changed_no, body)'
        " VALUES ('c', %s, %s, 'billing/nightly', '1', %s, %s, '0', 90, '')",
        (order_id, run, state, group),
    )


def test_a_torn_history_is_mended_from_the_order_rows(conn: psycopg.Connection) -> None:
    follow(conn, [added("gone"), added("known"), *one_job("known", "r:1")[:-1]])
    write_turn(conn, C, entries([added("later")], first_no=101))
    conn.execute("DELETE FROM controller_journalbatch WHERE first_no = 1")
    order_row(conn, "known", run=2, state="Failed", group="failed")
    order_row(conn, "new", run=50, state="Ready", group="ready")
    order_row(conn, "later", run=101, state="Fresh", group="scheduled")
    one = follower(conn)
    while one.step():
        pass
    found = {run.order_id: (run.group, run.live) for run in OrderRun.objects.all()}
    assert found == {
        "gone": ("finished", False),
        "known": ("failed", True),
        "new": ("ready", True),
        "later": ("scheduled", True),
    }
    assert JobRun.objects.get().state == "disrupted"
    counts = dict(GroupCount.objects.filter(count__gt=0).values_list("group", "count"))
    assert counts == {"finished": 1, "failed": 1, "ready": 1, "scheduled": 1}


@pytest.mark.parametrize("kept", [True, False])
def test_old_days_go_but_live_orders_stay(conn: psycopg.Connection, kept: bool) -> None:
    follow(conn, [*whole_life("done"), *([added("waits")] if kept else [])])
    day = OrderRun.objects.filter(order_id="done").get().day
    assert partitions.drop(conn, day) is not kept
    left = list(OrderRun.objects.values_list("order_id", flat=True))
    assert left == (["waits"] if kept else [])
    assert not JobRun.objects.exists()
    counts = dict(GroupCount.objects.filter(count__gt=0).values_list("group", "count"))
    assert counts == ({"scheduled": 1} if kept else {})
    assert (day in partitions.present(conn)) is kept
