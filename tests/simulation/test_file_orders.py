"""File orders by their rules: one order a file, what refuses it, and when it leaves."""

from engine.files.state import FileState
from engine.order import requests as rq
from simulation.jobs import Behaviour
from tests.simulation.scenes import PROMPT, run
from tests.simulation.watched import IN, Watched

SLOW = {"load": [Behaviour(seconds=60)]}

# -- one order a file ---------------------------------------------------------------------------


def test_a_file_becomes_an_order_with_its_path_date_priority_and_tags() -> None:
    night = Watched(PROMPT)
    night.source(priority=7, tags=["in"], timeZone="Pacific/Auckland")
    night.arises("a.csv")
    order = night.one()
    assert order.workflow == "flow"
    assert order.arguments == {"file": f"{IN}/a.csv"}
    assert (order.priority, order.tags) == (7, ("in",))
    assert order.order_date == "2026-01-01"
    assert order.plan == "DailyPlan|2026-01-01"
    assert order.id.startswith("#2026-01-01#F")
    assert order.id.endswith("-incoming:a.csv")


def test_the_zone_of_the_source_gives_the_day() -> None:
    night = Watched(PROMPT)
    night.wait(12 * 3600)
    night.source(timeZone="Pacific/Auckland")
    night.arises("a.csv")
    assert night.one().id.startswith("#2026-01-02#F")


def test_many_files_become_an_order_each() -> None:
    night = Watched(PROMPT)
    night.arises(*(f"{n}.csv" for n in range(300)))
    assert len(night.there()) == 300
    assert len({order.id for order in night.there()}) == 300


def test_an_order_stays_after_its_end_until_its_file_has_vanished() -> None:
    night = Watched(run())
    night.arises("a.csv")
    night.wait(60)
    assert type(night.one().state).__name__ == "Finished"
    night.vanishes("a.csv")
    assert night.there() == []
    assert night.file() == FileState()


def test_an_order_whose_file_vanished_while_it_ran_leaves_at_its_end() -> None:
    night = Watched(run(), does=SLOW)
    night.arises("a.csv")
    night.wait(10)
    night.vanishes("a.csv")
    assert type(night.one().state).__name__ == "Processing"
    night.wait(100)
    assert night.there() == []
    assert [kind for _, kind in night.trace(next(iter(night.system.watch.seen)))] == ["succeeded"]


def test_an_order_whose_file_vanished_before_it_started_runs_all_the_same() -> None:
    night = Watched(run())
    assert night.ask(rq.ControlWorkflow("flow", "suspend")).ok
    night.arises("a.csv")
    night.vanishes("a.csv")
    assert type(night.one().state).__name__ == "Fresh"
    assert night.ask(rq.ControlWorkflow("flow", "resume")).ok
    night.wait(60)
    assert night.there() == []
    assert night.events(next(iter(night.system.watch.seen)))[-1] == "OrderFinished"


def test_a_failed_order_of_a_vanished_file_waits_for_a_person() -> None:
    night = Watched({"TYPE": "Fail", "message": "'no'"})
    night.arises("a.csv")
    night.vanishes("a.csv")
    assert type(night.one().state).__name__ == "Failed"
    assert night.ask(rq.CancelOrders((night.one().id,))).ok
    assert night.there() == []


def test_a_cancelled_order_stays_while_its_file_is_there() -> None:
    night = Watched(PROMPT)
    night.arises("a.csv")
    assert night.ask(rq.CancelOrders((night.one().id,))).ok
    assert type(night.one().state).__name__ == "Cancelled"
    night.vanishes("a.csv")
    assert night.there() == []


def test_an_order_cannot_be_removed_while_its_file_is_there() -> None:
    night = Watched(run())
    night.arises("a.csv")
    night.wait(60)
    (answer,) = night.ask(rq.RemoveOrders((night.one().id,))).answers
    assert not answer.ok
    assert "once its file has vanished" in answer.sentence


def test_a_file_of_the_same_name_gets_a_new_order_once_the_first_one_has_left() -> None:
    night = Watched(PROMPT)
    night.arises("a.csv")
    first = night.one()
    night.vanishes("a.csv")
    night.arises("a.csv")
    assert night.one() == first
    assert night.ask(rq.ConfirmPrompts((first.id,))).ok
    night.wait(0.1)
    second = night.one()
    assert second.id != first.id
    assert night.file().is_there


def test_a_file_that_came_and_went_while_another_order_of_its_name_ran_gets_none() -> None:
    night = Watched(PROMPT)
    night.arises("a.csv")
    first = night.one()
    night.vanishes("a.csv")
    night.arises("a.csv")
    night.vanishes("a.csv")
    assert night.ask(rq.ConfirmPrompts((first.id,))).ok
    night.wait(1)
    assert night.there() == []
    assert night.added() == 1


def test_children_of_a_file_order_leave_as_any_other() -> None:
    branches = [{"id": n, "workflow": {"instructions": [run()]}} for n in "xy"]
    night = Watched({"TYPE": "Fork", "branches": branches})
    night.arises("a.csv")
    night.wait(60)
    assert [type(order.state).__name__ for order in night.there()] == ["Finished"]
    night.vanishes("a.csv")
    assert night.there() == []


# -- refusals -----------------------------------------------------------------------------------


def test_a_file_whose_order_is_refused_says_why_and_gets_it_once_that_is_mended() -> None:
    night = Watched(PROMPT)
    night.source(workflowName="nowhere")
    night.arises("a.csv")
    assert night.there() == []
    assert night.file().problem == "No workflow nowhere is deployed."
    night.source()
    assert night.one().workflow == "flow"
    assert night.file().problem == ""


def test_a_deployed_workflow_gets_its_waiting_files_at_once() -> None:
    night = Watched(PROMPT)
    night.source(workflowName="later")
    night.arises("a.csv")
    night.system.deploy(
        {
            "later": {
                "instructions": [PROMPT],
                "orderPreparation": {"parameters": {"file": {"type": "String"}}},
            }
        }
    )
    assert night.one().workflow == "later"


def test_a_refusal_is_tried_again_by_itself_ever_more_seldom() -> None:
    night = Watched(PROMPT)
    plan = f"DailyPlan|{'2026-01-01'}"
    assert night.ask(rq.ChangePlan(plan, closed=True)).ok
    night.arises("a.csv")
    assert night.file().problem == f"Plan {plan} is closed."
    night.wait(100)
    assert 3 <= night.file().refused <= 5
    assert night.ask(rq.ChangePlan(plan, closed=False)).ok
    night.wait(300)
    assert night.one().workflow == "flow"


def test_a_workflow_that_does_not_declare_file_refuses_its_orders() -> None:
    night = Watched(PROMPT, declared={})
    night.arises("a.csv")
    assert night.there() == []
    assert "file" in night.file().problem


def test_a_file_that_vanishes_before_it_got_an_order_gets_none() -> None:
    night = Watched(PROMPT)
    night.source(workflowName="nowhere")
    night.arises("a.csv")
    night.vanishes("a.csv")
    night.source()
    night.wait(1_000)
    assert night.added() == 0
    assert night.file() == FileState()


def test_the_problem_of_a_source_is_shown_until_it_is_over() -> None:
    night = Watched(PROMPT)
    night.finds(problem="/data/in: No such file or directory.")
    assert night.told().problem == "/data/in: No such file or directory."
    night.finds(problem="")
    assert (night.told().problem, night.told().told_us > 0) == ("", True)
