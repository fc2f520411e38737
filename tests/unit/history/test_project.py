"""What journal entries make of the rows of the history."""

import pytest

from engine.order import events as e
from engine.order import model as m
from engine.order.object_events import NoticePosted, PostedNotice, subject
from history.changes import Changes
from history.project import RunUnknown, project
from history.runs import run_of
from tests.journal_writing import BEGIN_US, Step, added, entries, one_job, whole_life


def projected(steps: list[Step]) -> Changes:
    return project("c", entries(steps), {})


def test_a_whole_life_is_one_run_and_one_job_run() -> None:
    changes = projected(whole_life("a"))
    (run,) = changes.runs.values()
    assert (run.run, run.state, run.group, run.live) == (run_of(1), "Finished", "finished", False)
    assert (run.started_us, run.ended_us, run.position) == (BEGIN_US, BEGIN_US + 3, "1")
    (job,) = changes.jobs.values()
    assert (job.no, job.run, job.state, job.job, job.attempt) == (
        5, run_of(1), "succeeded", "load", "r:1",
    )  # fmt: skip
    assert (job.started_us, job.ended_us) == (BEGIN_US + 1, BEGIN_US + 2)


def test_each_state_on_the_way_is_kept_once() -> None:
    states = [(s.no, s.state, s.position) for s in projected(whole_life("a")).states]
    assert states == [
        (1, "Fresh", "0"),
        (2, "Ready", "0"),
        (5, "Processing", "0"),
        (7, "Ready", "1"),
        (9, "Finished", "1"),
    ]


def test_a_warning_is_kept_as_a_note_and_moves_nothing() -> None:
    warned = ("a", e.OrderNoticeHeldLong("eod", "day", 1, 60_000_000, BEGIN_US + 60_000_000))
    changes = projected([added("a"), ("a", e.OrderStarted(1)), warned])
    *_, state = changes.states
    assert (state.state, state.position) == ("Ready", "0")
    assert state.note == "holds notice day of board eod for longer than 60 s"
    assert len(changes.states) == 3
    assert changes.current["a"].state == "Ready"


def test_children_of_a_fork_have_keys_of_their_own_and_stand_in_their_branch() -> None:
    fork = [
        added("a"),
        ("a", e.OrderStarted(1)),
        ("a", e.OrderForked((("a|x", "x"), ("a|y", "y")))),
    ]
    changes = projected([*fork, ("a|y", e.OrderFinished(7))])
    x, y = changes.current["a|x"], changes.current["a|y"]
    assert (x.run, y.run) == (run_of(3, 1), run_of(3, 2))
    assert (x.parent, x.position, x.state) == ("a", "0/fork+x/0", "Ready")
    assert (y.state, y.live, y.ended_us) == ("Finished", False, 7)
    assert changes.current["a"].group == "waiting"


def test_a_failed_job_leaves_its_return_code_and_message_on_run_and_job_run() -> None:
    outcome = m.Outcome("failed", return_code=3, message="disk full")
    changes = projected([added("a"), *one_job("a", "r:1", outcome)])
    (job,) = changes.jobs.values()
    assert (job.state, job.return_code, job.message) == ("failed", 3, "disk full")
    run = changes.current["a"]
    assert (run.outcome, run.return_code, run.message) == ("failed", 3, "disk full")


def test_a_failed_order_ends_for_the_lists_and_lives_on_when_it_is_resumed() -> None:
    failed = [
        added("a"),
        ("a", e.OrderStarted(1)),
        ("a", e.OrderFailed(m.Outcome("failed", message="no"), 5)),
    ]
    run = projected(failed).current["a"]
    assert (run.group, run.ended_us, run.live) == ("failed", 5, True)
    run = projected([*failed, ("a", e.OrderResumed((2,)))]).current["a"]
    assert (run.group, run.ended_us, run.position) == ("ready", None, "2")


def test_a_suspended_order_is_in_the_group_of_the_suspended_whatever_its_state() -> None:
    run = projected([added("a"), ("a", e.OrderSuspended())]).current["a"]
    assert (run.state, run.group) == ("Fresh", "suspended")


def test_a_broken_order_takes_its_running_job_run_along() -> None:
    running = [added("a"), *one_job("a", "r:1")[:-1]]
    changes = projected([*running, ("a", e.OrderBroken("cannot follow"))])
    (job,) = changes.jobs.values()
    assert (job.state, job.lost, job.message) == ("disrupted", True, "cannot follow")
    assert changes.current["a"].group == "failed"


def test_a_job_run_that_began_in_an_earlier_batch_is_only_ended() -> None:
    steps = [added("a"), *one_job("a", "r:1")]
    before = project("c", entries(steps[:-1]), {})
    changes = project("c", entries(steps[-1:], first_no=6), before.current)
    assert not changes.jobs
    (end,) = changes.ends.values()
    assert (end.no, end.state) == (5, "succeeded")


def test_counts_move_from_group_to_group() -> None:
    first = project("c", entries([added("a"), added("b")]), {})
    assert first.counts() == {("billing/nightly", "scheduled", False): 2}
    later = project("c", entries([("a", e.OrderStarted(1))], first_no=3), first.current)
    assert later.counts() == {
        ("billing/nightly", "scheduled", False): -1,
        ("billing/nightly", "ready", False): 1,
    }


def test_an_id_that_comes_again_is_another_run() -> None:
    changes = projected([*whole_life("a"), added("a")])
    assert sorted(changes.runs) == [run_of(1), run_of(10)]
    assert changes.current["a"].run == run_of(10)


def test_an_event_of_an_unknown_order_is_refused() -> None:
    with pytest.raises(RunUnknown):
        projected([("nobody", e.OrderStarted(1))])


def test_nul_in_what_a_job_says_can_be_stored() -> None:
    outcome = m.Outcome("failed", message="a\0b")
    changes = projected([added("a"), *one_job("a", "r:1", outcome)])
    assert changes.current["a"].message == "a\u2400b"


def test_an_order_restored_by_its_agent_is_taken_as_it_is() -> None:
    order = m.Order(id="a", workflow="w", version="1", state=m.Ready(), position=(3,), own_no=5)
    restored = ("a", e.OrderRestored(order, "the journal went back"))
    assert projected([restored]).current["a"].position == "3"
    changes = projected([added("a"), *one_job("a", "r:1")[:-1], restored])
    assert (changes.current["a"].state, changes.current["a"].run) == ("Ready", run_of(1))
    assert [job.state for job in changes.jobs.values()] == ["disrupted"]


def test_a_job_that_was_passed_by_is_a_job_run_without_an_agent() -> None:
    skip = e.OrderMoved((1,), "skipped: by its label", "load")
    changes = projected([added("a"), ("a", e.OrderStarted(1)), ("a", skip)])
    (job,) = changes.jobs.values()
    assert (job.state, job.job, job.position, job.agent) == ("skipped", "load", "0", "")
    assert (job.message, changes.current["a"].position) == ("skipped: by its label", "1")


def test_what_happens_to_boards_is_no_matter_of_an_order() -> None:
    posted = NoticePosted(PostedNotice("eod", "day"), 1)
    changes = projected([(subject("board", "eod"), posted), added("a")])
    assert list(changes.current) == ["a"]


def test_a_child_of_a_list_stands_in_the_block_of_the_list() -> None:
    fork = e.OrderForked((("a|x", ""),), ({"name": "x"},))
    changes = projected([added("a"), ("a", e.OrderStarted(1)), ("a", fork)])
    assert changes.current["a|x"].position == "0/fork/0"


def test_the_history_tells_what_happened_to_notices_and_locks() -> None:
    plan = "DailyPlan|2026-03-02"
    demands = (("tape", None), ("disk", 2))
    posted = e.OrderNoticesPosted((PostedNotice("eod", "day"), PostedNotice("ok", "day")), (1,), 9)
    changes = projected(
        [
            added("a"),
            ("a", e.OrderStarted(1)),
            ("a", posted),
            ("a", e.OrderNoticesExpected((("eod", f"{plan}/"), ("ok", f"{plan}/k")))),
            ("a", e.OrderNoticesRead((2,))),
            ("a", e.OrderLocksQueued(demands)),
            ("a", e.OrderLocksAcquired(demands, (2, "lock", 0))),
            ("a", e.OrderConsumptionStarted((("ok", "k", 1),), (2, "lock", 0, "consume", 0))),
            ("a", e.OrderNoticesConsumed((2, "lock", 0), ok=False)),
            ("a", e.OrderLocksReleased((2,))),
        ]
    )
    assert [s.note for s in changes.states][2:] == [
        "posted notice day of board eod, notice day of board ok",
        f"expects the notice of plan {plan} of board eod, notice k of plan {plan} of board ok",
        "has read what it expected",
        "waits for all of lock tape, 2 of lock disk",
        "holds all of lock tape, 2 of lock disk",
        "consumes notice k of board ok",
        "has left its block without consuming",
        "has given its locks back",
    ]
