"""What can be proved of an order that has ended, also in the moment before the history follows."""

import time
from typing import Any

import pytest

from cockpit.api.orders import ended
from controller.models import FeedPosition
from engine.order import events as e
from engine.order import model as m
from engine.order.secret import HIDDEN
from engine.position import Position
from history.follow import NAME
from history.models import OrderRun
from tests.component.api.client import Api, order_path
from tests.component.api.controller_stub import WORKFLOW, ControllerStub
from tests.component.api.lives import followed, lived
from tests.journal_writing import BEGIN_US, Step, added

SECRET = {**WORKFLOW, "orderPreparation": {"parameters": {"pw": {"secret": True}}}}
AT = ("demo/report", "v1")


@pytest.fixture(autouse=True)
def deployed(controller: ControllerStub) -> None:
    controller.deploy("demo/report", SECRET)


def begun(order_id: str = "a", **given: Any) -> list[Step]:
    """An order that is added and started."""
    workflow, version = AT
    return [
        added(order_id, **{"workflow": workflow, "version": version, **given}),
        (order_id, e.OrderStarted(BEGIN_US)),
    ]


def job(order_id: str, attempt: str, outcome: m.Outcome, at: Position = (0,)) -> list[Step]:
    """A job of an order that is attached already; it leaves what its outcome says."""
    result = m.Result(at, "start", "work", outcome.values) if outcome.values else None
    start = e.OrderProcessingStarted("agent-1", attempt, "work", "start", at, BEGIN_US)
    return [
        (order_id, start),
        (order_id, e.OrderProcessed(attempt, outcome, result, BEGIN_US + 1)),
    ]


def returned(**values: Any) -> m.Outcome:
    return m.Outcome("succeeded", 0, None, {**values, "returnCode": 0})


def left(order_id: str = "a") -> Step:
    return order_id, e.OrderFinished(BEGIN_US + 9)


def test_an_ended_order_tells_how_it_was_to_run(viewer: Api) -> None:
    asked: dict[str, Any] = {
        "order_date": "2026-01-31",
        "stop_positions": ((3,), (0, "then", 1)),
        "block": (0,),
        "force_admission": True,
        "remain": True,
        "external": m.ExternalOrder("files/in", "a.csv", "1"),
        "arguments": {"file": "/in/a.csv"},
    }
    followed(lived(*begun(**asked), left(), *begun("b", plan="Quarter|1"), left("b")))

    seen = viewer.get(order_path("a")).body

    assert seen["plan"] == "DailyPlan|2026-01-31"
    assert (seen["stop_positions"], seen["block_position"]) == (["3", "0/then/1"], "0")
    assert (seen["force_admission"], seen["remain"]) == (True, True)
    assert seen["file"] == {"source": "files/in", "name": "a.csv", "path": "/in/a.csv"}
    other = viewer.get(order_path("b")).body
    assert (other["plan"], other["stop_positions"], other["file"]) == ("Quarter|1", [], None)
    plans = [(one["id"], one["plan"]) for one in viewer.get("/history/orders/")["orders"]]
    assert plans == [("b", "Quarter|1"), ("a", "DailyPlan|2026-01-31")]


def test_an_ended_order_tells_what_it_carried_from_jobs_and_notices(viewer: Api) -> None:
    notice = m.Result((1,), "wait", None, {"day": "31", "pw": "clear"})
    steps = [
        *begun(arguments={"day": "1", "who": "all"}),
        *job("a", "r:1", returned(rows=7)),
        ("a", e.OrderMoved((1,))),
        ("a", e.OrderNoticesRead((2,), notice)),
        *job("a", "r:2", returned(), (2,)),
        left(),
    ]
    followed(lived(*steps))

    seen = viewer.get(order_path("a")).body

    assert seen["results"] == [
        {"position": "0", "label": "start", "job": "work", "values": {"rows": 7, "returnCode": 0}},
        {"position": "1", "label": "wait", "job": None, "values": {"day": "31", "pw": HIDDEN}},
        {"position": "2", "label": "start", "job": "work", "values": {"returnCode": 0}},
    ]
    assert seen["variables"] == {
        "day": "31", "who": "all", "rows": 7, "pw": HIDDEN, "returnCode": 0,
    }  # fmt: skip
    assert seen["arguments"] == {"day": "1", "who": "all"}
    (first, _) = viewer.get(order_path("a", "steps/"))["steps"]
    told = viewer.get(f"/history/jobs/{first['id']}/")["returned"]
    assert told == {"rows": 7, "returnCode": 0}
    assert "clear" not in str(seen)


def test_a_child_that_has_ended_carried_what_its_parent_did(viewer: Api) -> None:
    forked = e.OrderForked((("a|x", ""), ("a|y", "")), ({"n": 1}, {"n": 2}))
    steps = [
        *begun(arguments={"who": "all", "n": 0}),
        *job("a", "r:1", returned(rows=7)),
        ("a", forked),
        *job("a|y", "r:2", returned(own="mine"), (1, "fork", 0)),
        ("a|y", e.OrderFinished(BEGIN_US)),
        ("a|x", e.OrderFinished(BEGIN_US)),
        ("a", e.OrderJoined(m.SUCCEEDED, m.Result((1,), None, None, {"own": ["mine"]}))),
        left(),
    ]
    followed(lived(*steps))

    def variables(order_id: str) -> Any:
        return viewer.get(order_path(order_id))["variables"]

    assert variables("a|y") == {"who": "all", "n": 2, "rows": 7, "own": "mine", "returnCode": 0}
    assert variables("a|x") == {"who": "all", "n": 1, "rows": 7, "returnCode": 0}
    assert variables("a") == {"who": "all", "n": 0, "rows": 7, "own": ["mine"], "returnCode": 0}


def test_a_resumption_that_takes_results_away_takes_them_from_the_end_too(viewer: Api) -> None:
    kept = m.Result((0,), None, None, {"by": "hand"})
    steps = [
        *begun(),
        *job("a", "r:1", returned(rows=7)),
        ("a", e.OrderFailed(m.Outcome("failed"), BEGIN_US)),
        ("a", e.OrderResumed((0,), (kept,))),
        *job("a", "r:2", returned(rows=8)),
        left(),
    ]
    followed(lived(*steps))
    values = [one["values"] for one in viewer.get(order_path("a"))["results"]]
    assert values == [{"by": "hand"}, {"rows": 8, "returnCode": 0}]


# -- the moment before the history has followed ------------------------------------------------


@pytest.fixture
def sleepless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may sleep."""

    def refuse(_seconds: float) -> None:
        raise AssertionError("a request slept")

    monkeypatch.setattr(time, "sleep", refuse)


@pytest.mark.usefixtures("sleepless")
def test_an_end_that_the_history_has_not_followed_is_told_at_once(
    administrator: Api, viewer: Api
) -> None:
    notice = m.Result((1,), None, None, {"day": "31"})
    found = lived(
        *begun(),
        *job("a", "r:1", returned(rows=7)),
        ("a", e.OrderMoved((1,))),
        ("a", e.OrderConsumptionStarted((), (1, "consumeNotices", 0), notice)),
        *job("a", "r:2", returned(rows=8), (1, "consumeNotices", 0)),
        ("a", e.OrderCancelled(BEGIN_US)),
    )
    ways = []
    for entry in found:
        ways.append(viewer.get(order_path("a")).body)
        followed([entry])
    ways.append(viewer.get(order_path("a")).body)
    assert ways[0]["state"] == "Cancelled"
    assert ways[0]["variables"] == {"rows": 8, "returnCode": 0, "day": "31"}
    assert all(way == ways[0] for way in ways)
    reply = administrator.post(order_path("a", "resume/"))
    assert (reply.status, reply["state"]) == (409, "Cancelled")
    (last, *_) = viewer.get(order_path("a", "events/"))["journal"]
    assert last["event"] == "OrderCancelled"


@pytest.mark.usefixtures("sleepless")
def test_an_order_that_came_and_left_before_the_history_knew_it_is_there(viewer: Api) -> None:
    assert viewer.get(order_path("a")).status == 404
    lived(*begun(), left())
    seen = viewer.get(order_path("a")).body
    assert (seen["state"], seen["live"]) == ("Finished", False)
    assert viewer.get(order_path("a", "events/")).status == 200


def test_without_the_journal_a_quick_order_would_not_be_there(
    viewer: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived(*begun(), left())
    monkeypatch.setattr(ended, "newest_life", lambda _controller, _order: None)
    assert viewer.get(order_path("a")).status == 404


def test_what_the_journal_tells_is_for_those_alone_who_may_see_the_workflow(
    viewer: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived(*begun(), left())
    monkeypatch.setattr(ended, "may_at", lambda *_asked: False)
    assert viewer.get(order_path("a")).status == 404


def test_an_end_that_is_followed_while_somebody_asks_is_not_missed(
    viewer: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = lived(*begun(), left())
    followed(found[:2])
    stale = OrderRun.objects.get()
    followed(found[2:])
    monkeypatch.setattr(ended, "_known_run", lambda *_asked: stale)
    assert viewer.get(order_path("a"))["state"] == "Finished"


def test_a_history_that_is_too_far_behind_says_so(
    viewer: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = lived(*begun(), left())
    followed(found[:2])
    monkeypatch.setattr("history.ahead.MOST_ENTRIES", 0)
    seen = viewer.get(order_path("a")).body
    assert (seen["state"], seen["live"], seen["reason"]["code"]) == ("Ready", False, "ended")
    assert "not followed" in seen["reason"]["sentence"]


def test_an_id_that_came_again_is_told_by_its_newest_life(viewer: Api) -> None:
    found = lived(*begun(arguments={"n": 1}), left())
    followed(found)
    assert FeedPosition.objects.get(follower=NAME).no == 3
    assert viewer.get(order_path("a"))["arguments"] == {"n": 1}
    again = lived(*begun(arguments={"n": 2}), ("a", e.OrderCancelled(BEGIN_US)), first_no=4)
    followed(again[:1])
    seen = viewer.get(order_path("a")).body
    assert (seen["state"], seen["arguments"]) == ("Cancelled", {"n": 2})
