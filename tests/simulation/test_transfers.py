"""Orders that go on in a new version of their workflow, wherever their place is there."""

import pytest

from engine.order import requests as rq
from engine.order import transfer
from simulation.jobs import Behaviour
from tests.simulation.scenes import (
    FAILS,
    PROMPT,
    WORKS,
    Night,
    attempt,
    fork,
    job,
    lock,
    run,
)

ALL, POSSIBLE = rq.TransferOrders("flow"), rq.TransferOrders("flow", only_possible=True)
ASK = {**PROMPT, "label": "ask"}
JOBS = {name: job() for name in ("load", "copy", "check")}


def test_a_step_put_before_does_not_make_an_order_repeat_another() -> None:
    night = Night(run(), PROMPT, run("copy"), jobs=JOBS)
    night.add()
    night.wait(2)
    night.deploy(run("check"), run(), PROMPT, run("copy"))
    assert night.ask(ALL).ok
    assert (night.state(), night.order().position) == ("Prompting", (2,))
    night.ask(rq.ConfirmPrompts(("a",)))
    night.wait_out()
    assert night.trace() == [("load", "succeeded"), ("copy", "succeeded")]


def test_an_order_that_has_not_started_runs_what_was_put_before() -> None:
    night = Night(run(), jobs=JOBS)
    night.add(scheduled_us=night.system.clock.now_us + 200 * 3_600_000_000)
    night.deploy(run("check"), run())
    assert night.ask(ALL).ok
    assert (night.state(), night.order().position) == ("Fresh", (0,))
    night.ask(rq.ContinueOrders(("a",)))
    night.wait_out()
    assert night.trace() == [("check", "succeeded"), ("load", "succeeded")]


def test_a_lock_is_released_where_its_block_is_now() -> None:
    night = Night(lock(PROMPT, run()), run("copy"), jobs=JOBS)
    night.add()
    night.deploy(run("check"), lock(PROMPT, run()), run("copy"))
    assert night.ask(ALL).ok
    assert night.order().position == (1, "lock", 0)
    assert [hold.position for hold in night.order().locks] == [(1,)]
    assert night.holders() == {"a": None}
    night.ask(rq.ConfirmPrompts(("a",)))
    night.wait_out()
    assert (night.state(), night.holders()) == ("Finished", {})
    assert night.trace() == [("load", "succeeded"), ("copy", "succeeded")]


def test_a_place_that_is_not_moved_along_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_places_moved", lambda *_: [])
    with pytest.raises(AssertionError):
        test_a_lock_is_released_where_its_block_is_now()


def test_tries_are_counted_on_where_the_block_is_now() -> None:
    tried = attempt(run(), retryDelays=[60], maxTries=3)
    night = Night(tried, does={"load": [FAILS, FAILS, WORKS]}, jobs=JOBS)
    night.add()
    night.wait(2)
    assert night.state() == "DelayingRetry"
    night.deploy(run("check"), tried)
    assert night.ask(ALL).ok
    night.wait_out()
    assert night.state() == "Finished"
    assert [outcome for _, outcome in night.trace()] == ["failed", "failed", "succeeded"]


def test_a_fork_and_its_children_go_to_where_the_fork_is_now() -> None:
    night = Night(fork([PROMPT, run()], [PROMPT]), run("copy"), jobs=JOBS)
    night.add()
    night.deploy(run("check"), fork([PROMPT, run()], [PROMPT]), run("copy"))
    assert night.ask(ALL).ok
    assert [night.order(i).position for i in ("a", "a|x")] == [(1,), (1, "fork+x", 0)]
    night.ask(rq.ConfirmPrompts(("a|x", "a|y")))
    night.wait_out()
    assert night.state() == "Finished"
    assert night.trace("a") == [("copy", "succeeded")]


def test_results_and_stop_positions_go_with_their_places() -> None:
    knows = Behaviour(returns={"rows": "7"})
    night = Night(run(), PROMPT, run("copy"), does={"load": [knows]}, jobs=JOBS)
    night.add(stop_positions=("copy",))
    night.wait(2)
    night.deploy(run("check"), run(), PROMPT, run("copy"))
    assert night.ask(ALL).ok
    assert [result.position for result in night.order().results] == [(1,)]
    night.restart_controller()
    assert night.order().stop_positions == ((3,),)
    night.ask(rq.ConfirmPrompts(("a",)))
    night.wait_out()
    assert (night.state(), night.trace()) == ("Finished", [("load", "succeeded")])


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ([ASK], [PROMPT, lock(run(), ASK)], "label ask at 1/lock/1, inside of other blocks"),
        ([lock(ASK)], [PROMPT, ASK], "label ask at 1, inside of other blocks"),
        ([fork([ASK], [])], [fork([], [ASK])], "label ask in another branch"),
    ],
)
def test_a_step_that_is_in_other_blocks_now_is_no_place_to_go_on(
    before: list[dict[str, object]], after: list[dict[str, object]], why: str
) -> None:
    night = Night(*before, jobs=JOBS)
    night.add()
    night.deploy(*after)
    found = [a for a in night.ask(ALL).answers if a.code == "not-transferable"]
    assert why in found[-1].sentence, found
    night.deploy(PROMPT, *before)  # control: where the blocks are the same, it goes
    assert night.ask(ALL).ok


def test_only_those_go_that_can_and_families_stay_together() -> None:
    night = Night(fork([PROMPT], [PROMPT, lock(PROMPT)]), PROMPT, jobs=JOBS)
    for order_id in ("a", "b", "c"):
        night.add(order_id)
    night.ask(rq.ConfirmPrompts(("b|y",)))  # into the lock
    night.ask(rq.ConfirmPrompts(("c|y",)))  # into its queue
    night.deploy(fork([PROMPT], [PROMPT, PROMPT]), PROMPT)
    assert not night.ask(ALL).ok
    answers = {a.id: a.code for a in night.ask(POSSIBLE).answers}
    assert {i: code for i, code in answers.items() if code != "accepted"} == {
        "b": "not-transferred",
        "b|x": "not-transferred",
        "b|y": "not-transferable",
    }
    assert night.state("c|y") == "Prompting"
    versions = {i: night.order(i).version for i in ("a", "a|x", "a|y", "b", "b|x", "b|y")}
    assert versions == {"a": "v2", "a|x": "v2", "a|y": "v2", "b": "v1", "b|x": "v1", "b|y": "v1"}


# -- resume with the children -------------------------------------------------------------------


def test_what_was_suspended_with_its_children_is_resumed_with_them() -> None:
    night = Night(fork([PROMPT, run()], [PROMPT]), jobs=JOBS)
    night.add()
    night.ask(rq.SuspendOrders(("a",), reset=True, deep=True))
    assert [night.order(i).suspended for i in ("a|x", "a|y")] == [True, True]
    night.ask(rq.ResumeOrders(("a",)))
    assert [night.order(i).suspended for i in ("a|x", "a|y")] == [True, True]  # control
    night.ask(rq.SuspendOrders(("a",)))
    assert night.ask(rq.ResumeOrders(("a",), deep=True)).ok
    assert [night.state(i) for i in ("a|x", "a|y")] == ["Prompting", "Prompting"]
    night.ask(rq.ConfirmPrompts(("a|x", "a|y")))
    night.wait_out()
    assert night.state() == "Finished"


def test_a_parent_that_nobody_suspended_hands_resume_on_to_its_children() -> None:
    night = Night(fork([run()], [PROMPT]), does={"load": [FAILS, WORKS]}, jobs=JOBS)
    night.add()
    night.wait(2)
    assert night.state("a|x") == "Failed"
    [refused] = night.ask(rq.ResumeOrders(("a",))).answers
    assert refused.code == "not-applicable"
    assert night.ask(rq.ResumeOrders(("a",), deep=True)).ok
    night.wait(2)
    assert night.trace("a|x")[-1] == ("load", "succeeded")
    [refused] = night.ask(rq.ResumeOrders(("a",), deep=True)).answers
    assert refused.sentence.endswith(
        "neither suspended nor failed nor stopped, and none of its children is."
    )


def test_children_are_resumed_where_they_stand() -> None:
    night = Night(fork([PROMPT], [PROMPT]), jobs=JOBS)
    night.add()
    night.ask(rq.SuspendOrders(("a",), reset=True, deep=True))
    [refused] = night.ask(rq.ResumeOrders(("a",), position="0", deep=True)).answers
    assert "it is resumed where they stand" in refused.sentence
