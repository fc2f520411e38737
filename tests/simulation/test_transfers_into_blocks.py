"""Orders whose steps a new version has put into blocks, or taken out of them."""

from typing import Any

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
    block,
    fork,
    job,
    lock,
    run,
)

ALL = rq.TransferOrders("flow")
ASK = {**PROMPT, "label": "ask"}
JOBS = {name: job() for name in ("load", "copy", "check")}
ALWAYS = {"TYPE": "WeekdayPeriod", "secondOfWeek": 0, "duration": 604_800}
EVERY_HOUR = {"TYPE": "Ticking", "interval": 3_600}
HOURLY = {"schemes": [{"admissionTimeScheme": {"periods": [ALWAYS]}, "repeat": EVERY_HOUR}]}
LOADED, COPIED, CHECKED = ((name, "succeeded") for name in ("load", "copy", "check"))


def when(predicate: str, *instructions: dict[str, Any]) -> dict[str, Any]:
    """Return an If."""
    return {"TYPE": "If", "predicate": predicate, "then": block(*instructions)}


def segment(*instructions: dict[str, Any]) -> dict[str, Any]:
    """Return a block that means nothing to orders."""
    return {"TYPE": "Segment", "block": block(*instructions)}


def suspended_before_load(*more: dict[str, Any]) -> Night:
    """Return a night whose order stands still before its step `load`."""
    night = Night(ASK, run(), *more, jobs=JOBS)
    night.add()
    night.ask(rq.SuspendOrders(("a",)))
    night.ask(rq.ConfirmPrompts(("a",)))
    assert night.order().position == (1,)
    return night


def go_on(night: Night) -> list[tuple[str | None, str]]:
    """Resume the order and return what it has run."""
    night.ask(rq.ResumeOrders(("a",)))
    night.wait_out()
    return night.trace()


@pytest.mark.parametrize(("predicate", "runs"), [("true", [LOADED, COPIED]), ("false", [COPIED])])
def test_a_condition_put_around_a_step_is_decided_before_it(
    predicate: str, runs: list[tuple[str, str]]
) -> None:
    night = suspended_before_load(run("copy"))
    night.deploy(ASK, when(predicate, run()), run("copy"))
    assert night.ask(ALL).ok
    assert night.order().position == (1,)
    assert go_on(night) == runs


def test_a_condition_that_is_not_decided_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "way_in", lambda _old, _new, _here, found: found)
    with pytest.raises(AssertionError):
        test_a_condition_put_around_a_step_is_decided_before_it("false", [COPIED])


def test_an_order_behind_a_step_is_behind_the_block_that_was_put_around_it() -> None:
    night = Night(run(), PROMPT, run("copy"), jobs=JOBS)
    night.add()
    night.wait(2)
    night.deploy(when("true", lock(run())), PROMPT, run("copy"))
    assert night.ask(ALL).ok
    assert (night.state(), night.order().position) == ("Prompting", (1,))
    night.ask(rq.ConfirmPrompts(("a",)))
    night.wait_out()
    assert night.trace() == [LOADED, COPIED]


def test_a_failed_step_is_tried_where_a_try_was_put_around_it() -> None:
    night = Night(run(), run("copy"), does={"load": [FAILS, FAILS, WORKS]}, jobs=JOBS)
    night.add()
    night.wait_out()
    assert night.state() == "Failed"
    night.deploy(attempt(run("check"), run(), retryDelays=[1]), run("copy"))
    assert night.ask(ALL).ok
    assert night.order().position == (0, "try+0", 1)
    again = [("load", "failed"), ("load", "failed"), CHECKED, LOADED, COPIED]
    assert go_on(night) == again


def test_a_lock_put_around_a_step_is_taken_before_it() -> None:
    night = suspended_before_load(run("copy"))
    night.deploy(ASK, lock(run(), ASK | {"label": "again"}), run("copy"))
    assert night.ask(ALL).ok
    assert night.order().position == (1,)
    assert go_on(night) == [LOADED]
    assert night.holders() == {"a": None}
    night.ask(rq.ConfirmPrompts(("a",)))
    night.wait_out()
    assert (night.trace(), night.holders()) == ([LOADED, COPIED], {})


def test_an_order_waits_anew_where_a_condition_was_put_around_its_question() -> None:
    night = Night(ASK, run("copy"), jobs=JOBS)
    night.add()
    night.deploy(when("false", ASK), run("copy"))
    assert night.ask(ALL).ok
    night.wait_out()
    assert (night.state(), night.trace()) == ("Finished", [COPIED])


def test_an_order_waits_on_where_a_block_without_meaning_was_put_around_its_question() -> None:
    night = Night(ASK, run("copy"), jobs=JOBS)
    night.add()
    night.deploy(segment(run("check"), segment(ASK)), run("copy"))
    assert night.ask(ALL).ok
    assert night.order().position == (0, "segment", 1, "segment", 0)
    assert "OrderStateReset" not in night.events()


def test_a_condition_taken_away_changes_nothing() -> None:
    night = Night(when("true", attempt(ASK, run())), run("copy"), jobs=JOBS)
    night.add()
    night.deploy(ASK, run(), run("copy"))
    assert night.ask(ALL).ok
    assert (night.state(), night.order().position) == ("Prompting", (0,))
    night.ask(rq.ConfirmPrompts(("a",)))
    night.wait_out()
    assert night.trace() == [LOADED, COPIED]


def test_a_lock_is_released_that_another_block_was_put_around() -> None:
    safe = {**lock(ASK, run()), "label": "safe"}
    night = Night(safe, run("copy"), jobs=JOBS)
    night.add()
    night.deploy(run("check"), attempt(safe), run("copy"))
    assert night.ask(ALL).ok
    assert night.order().position == (1, "try+0", 0, "lock", 0)
    assert [hold.position for hold in night.order().locks] == [(1, "try+0", 0)]
    night.ask(rq.ConfirmPrompts(("a",)))
    night.wait_out()
    assert (night.trace(), night.holders()) == ([LOADED, COPIED], {})


def test_rounds_and_tries_are_counted_on_inside_of_a_block_that_was_put_around() -> None:
    cycled = {"TYPE": "Cycle", "cycleWorkflow": block(ASK, run()), "schedule": HOURLY}
    before = attempt(cycled, retryDelays=[1])
    night = Night(before, jobs=JOBS)
    night.add()
    at = night.order().position
    night.deploy(segment(attempt(segment(cycled), retryDelays=[1])))
    assert night.ask(ALL).ok
    branch = str(at[3])
    assert branch.startswith("cycle+")
    assert night.order().position == (*(0, "segment", 0, "try+0", 0, "segment", 0, branch, 0),)
    night.ask(rq.ConfirmPrompts(("a",)))
    night.wait(2)
    assert (night.state(), night.trace()) == ("BetweenCycles", [LOADED])


def test_a_try_inside_of_another_is_the_one_that_says_the_same() -> None:
    tried = attempt(run(), retryDelays=[600], maxTries=3)
    night = Night(tried, does={"load": [FAILS, WORKS]}, jobs=JOBS)
    night.add()
    night.wait(2)
    night.ask(rq.SuspendOrders(("a",), reset=True))
    night.wait(2)
    night.deploy(attempt(tried, catch=[run("check")]), run("copy"))
    assert night.ask(ALL).ok
    assert night.order().position == (0, "try+0", 0, "catch+0", 0)
    assert go_on(night) == [("load", "failed"), LOADED, COPIED]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([ASK], [when("true", run("check"), ASK)]),
        ([ASK], [lock(run("check"), ASK)]),
        ([ASK], [fork([ASK], [])]),
        ([ASK], [attempt(run("check"), catch=[ASK])]),
        ([lock(ASK)], [ASK]),
        ([{**fork([ASK], [ASK | {"label": "other"}]), "label": "f"}],
         [when("true", {**fork([ASK], [ASK | {"label": "other"}]), "label": "f"})]),
    ],
)  # fmt: skip
def test_a_block_that_it_did_not_come_to_is_no_place_to_go_on(
    before: list[dict[str, object]], after: list[dict[str, object]]
) -> None:
    night = Night(*before, jobs=JOBS)
    night.add()
    night.deploy(*after)
    assert not night.ask(ALL).ok
    assert night.order().version == "v1"


def test_a_try_around_a_fork_goes_with_parent_and_children() -> None:
    apart = {**fork([ASK, run()], [ASK | {"label": "other"}]), "label": "apart"}
    night = Night(apart, run("copy"), jobs=JOBS)
    night.add()
    night.deploy(attempt(apart), run("copy"))
    assert night.ask(ALL).ok
    assert night.order("a|x").position == (0, "try+0", 0, "fork+x", 0)
    night.ask(rq.ConfirmPrompts(("a|x", "a|y")))
    night.wait_out()
    assert (night.state(), night.trace()) == ("Finished", [COPIED])


@pytest.mark.parametrize("around", [when, lambda _, *steps: attempt(*steps)])
def test_an_order_that_runs_one_block_ends_where_the_block_is_now(around: Any) -> None:
    before = around("true", ASK, run())
    night = Night(before, run("copy"), jobs=JOBS)
    branch = "try" if before["TYPE"] == "Try" else "then"
    night.add(block_position=f"0/{branch}")
    night.deploy(run("check"), before, run("copy"))
    assert night.ask(ALL).ok
    assert night.order().block == (1, branch)
    night.ask(rq.ConfirmPrompts(("a",)))
    night.wait_out()
    assert (night.state(), night.trace()) == ("Finished", [LOADED])


def test_a_killed_job_that_may_not_run_again_is_kept_from_it_behind_a_condition() -> None:
    jobs = {**JOBS, "load": job(isNotRestartable=True)}
    night = Night(run(), does={"load": [Behaviour(seconds=60), WORKS]}, jobs=jobs)
    night.add()
    night.wait(1)
    night.ask(rq.SuspendOrders(("a",), kill=True))
    night.wait_out()
    assert not night.ask(rq.ResumeOrders(("a",))).ok
    night.deploy(when("true", run()))
    assert night.ask(ALL).ok
    assert not night.ask(rq.ResumeOrders(("a",))).ok
    assert night.ask(rq.ResumeOrders(("a",), force=True)).ok
