"""Deleting a notice by force, and warnings, with agents, fail-overs and the whole controller."""

import pytest

from engine.order import events as e
from engine.order import notice_users
from engine.order import requests as rq
from simulation.jobs import Behaviour
from tests.simulation.scenes import BOARD, OBJECTS, Night, attempt, block, fork, run

CONSUME = {"TYPE": "ConsumeNotices", "noticeBoardNames": "'eod'", "subworkflow": block(run())}
FORCE = rq.DeleteNotice("eod", "day", force=True)
LONG = Behaviour(seconds=600)


def consuming(*instructions: dict[str, object]) -> Night:
    """Return a night with an order whose job runs in a consuming block."""
    night = Night(*instructions or (CONSUME,), does={"load": [LONG]})
    night.ask(rq.PostNotice("eod", "day"))
    night.add()
    night.wait(2)
    return night


def test_a_job_at_an_agent_is_ended_and_its_order_fails() -> None:
    night = consuming()
    assert night.state() == "Processing"
    assert night.ask(FORCE).ok
    assert not night.is_present("eod", "day")
    night.wait(30)
    assert night.state() == "Failed"
    assert night.order().position == (0,)
    assert night.trace() == [("load", "killed")]


def test_without_the_marks_the_order_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice_users, "_failing", lambda *_: [])
    with pytest.raises(AssertionError):
        test_a_job_at_an_agent_is_ended_and_its_order_fails()


def test_no_try_catches_it_and_no_next_try_follows() -> None:
    night = consuming(attempt(CONSUME, maxTries=5))
    assert night.ask(FORCE).ok
    night.wait(30)
    assert night.state() == "Failed"
    assert night.trace() == [("load", "killed")]


def test_children_at_agents_are_ended_before_their_parent_fails() -> None:
    forks = fork([run()], [run("far")])
    night = consuming({**CONSUME, "subworkflow": block(forks)})
    assert night.state() == "Forked"
    assert night.ask(FORCE).ok
    night.wait(60)
    assert night.state() == "Failed"
    assert not night.is_present("eod", "day")


def test_a_controller_that_ends_behind_the_request_lets_it_fail_all_the_same() -> None:
    night = consuming()
    assert night.ask(FORCE).ok
    night.system.controller.down()
    night.wait(20)
    night.system.controller.up()
    night.wait(60)
    assert night.state() == "Failed"


def test_who_holds_a_notice_for_long_is_warned_of_across_a_fail_over() -> None:
    objects = {**OBJECTS, ("noticeboard", "eod"): {**BOARD, "maxBlockDuration": 60}}
    night = Night(CONSUME, does={"load": [LONG]}, objects=objects)
    night.ask(rq.PostNotice("eod", "day"))
    night.add()
    night.wait(30)
    night.restart_controller()
    warned = e.OrderNoticeHeldLong.__name__
    assert night.events().count(warned) == 0
    night.wait(60)
    assert night.events().count(warned) == 1
    night.restart_controller()
    night.wait_out()
    assert night.events().count(warned) == 1
    assert night.state() == "Finished"
