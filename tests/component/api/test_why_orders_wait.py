"""An order's reason, its children, its positions and its events, as the API tells them."""

from datetime import timedelta

import pytest

from engine.facts import LockState
from engine.order import model as m
from engine.order.events import OrderAdded, OrderStarted, OrderSuspended
from engine.order.object_events import NoticePosted, PostedNotice, WorkflowControlled, subject
from history.models import OrderRunState
from tests.component.api import history_rows
from tests.component.api.client import Api, order_path
from tests.component.api.controller_stub import WORKFLOW, ControllerStub
from tests.component.api.history_rows import order_run
from tests.component.api.journal_rows import happened

FORK = {
    "TYPE": "Fork",
    "label": "split",
    "branches": [
        {"id": name, "workflow": {"instructions": WORKFLOW["instructions"]}} for name in ("a", "b")
    ],
}


NOT_JOINED = "No agent agent-1 has joined yet."


@pytest.fixture(autouse=True)
def deployed(controller: ControllerStub) -> None:
    controller.deploy("demo/report")
    controller.deploy("demo/fork", {**WORKFLOW, "instructions": [FORK]})
    controller.put_object("lock", "demo/loads", {"limit": 1})
    post = {"TYPE": "PostNotices", "noticeBoardNames": ["loaded"]}
    controller.deploy("demo/load", {**WORKFLOW, "instructions": [post]})


def test_who_waits_for_a_lock_is_told_who_has_it(viewer: Api, controller: ControllerStub) -> None:
    controller.order("holder")
    controller.world.set_fact(("lock", "demo/loads", ""), LockState({"holder": 1}))
    for order_id, no in (("first", 3), ("one", 4)):
        controller.order(order_id, state=m.WaitingForLock((("demo/loads", 1),), no))
        controller.world.join_queue(("lock", "demo/loads", ""), (0, no), order_id)
    controller.write_facts()

    reason = viewer.get(order_path("one"))["reason"]

    assert (reason["code"], reason["for_whom"]) == ("lock", ["holder"])
    assert "1 order waits before it" in reason["sentence"]


def test_who_waits_for_a_notice_is_told_who_would_post_it(
    viewer: Api, controller: ControllerStub
) -> None:
    controller.order("one", state=m.ExpectingNotices((("demo/loaded", "k"),), 4))
    reason = viewer.get(order_path("one"))["reason"]
    assert (reason["code"], reason["for_whom"]) == ("notices", ["demo/load"])


def test_who_waits_for_a_process_is_told_who_runs(viewer: Api, controller: ControllerStub) -> None:
    from controller.models import Link

    Link.objects.create(
        controller="controller",
        agent="agent-1",
        stream="00000000-0000-0000-0000-000000000000",
        state="coupled",
    )
    held = m.Held("agent-1", "attached")
    controller.order("runs", state=m.Processing("r-1", 1), held=held)
    controller.order("one", held=held)

    reason = viewer.get(order_path("one"))["reason"]

    assert (reason["code"], reason["for_whom"]) == ("job-limit", ["runs"])
    running = viewer.get(order_path("runs")).body
    assert (running["reason"]["code"], running["waiting"]) == ("running", None)


def test_who_is_to_go_to_an_agent_that_takes_none_is_told_so(
    viewer: Api, controller: ControllerStub
) -> None:
    from agents.models import Agent

    controller.order("one", held=m.Held("agent-1", "attaching"))
    assert viewer.get(order_path("one"))["reason"]["code"] == "agent-unknown"
    Agent.objects.create(id="agent-1", enabled=False)
    reason = viewer.get(order_path("one"))["reason"]
    assert (reason["code"], reason["for_whom"]) == ("agent-disabled", ["agent-1"])
    Agent.objects.update(enabled=True)
    reason = viewer.get(order_path("one"))["reason"]
    assert (reason["code"], reason["sentence"]) == ("agent-unknown", NOT_JOINED)
    Agent.objects.update(joined_at="2026-01-31T08:00:00Z")
    assert viewer.get(order_path("one"))["reason"]["code"] == "agent-away"


@pytest.mark.parametrize(
    ("way", "since"),
    [
        (["Ready", "Prompting"], "2026-01-31T08:00:00Z"),
        (["Ready"], None),
        (["Ready", "Prompting", "Prompting"], "2026-01-31T08:00:00Z"),
    ],
    ids=["told", "history-lags-behind", "warned-meanwhile"],
)
def test_a_wait_tells_since_when(
    viewer: Api, controller: ControllerStub, way: list[str], since: str | None
) -> None:
    run = order_run("one")
    controller.order("one", state=m.Prompting("Go?"))
    for no, name in enumerate(way, start=1):
        history_rows.state(run, no, name)
    warned = history_rows.MOMENT + timedelta(minutes=5)
    OrderRunState.objects.filter(no=3).update(at=warned)
    assert viewer.get(order_path("one"))["reason"]["since"] == since


def test_children_are_told_one_by_one(viewer: Api, controller: ControllerStub) -> None:
    controller.order("p", "demo/fork", state=m.Forked(("p|a", "p|b"), 2))
    controller.order("p|a", "demo/fork", position=(0, "fork+a", 0), parent="p")
    controller.order(
        "p|b", "demo/fork", position=(0, "fork+b", 0), parent="p", state=m.Failed(), suspended=False
    )

    seen = viewer.get(order_path("p")).body

    told = [(c["branch"], c["state"], c["position"], c["label"]) for c in seen["child_orders"]]
    assert told == [
        ("a", "Ready", "0/fork+a/0", "start"),
        ("b", "Failed", "0/fork+b/0", "start"),
    ]
    assert seen["reason"]["for_whom"] == ["p|b"]
    assert "p|b: resume or cancel leads on" in seen["reason"]["sentence"]


def test_positions_tell_where_an_order_may_be_resumed(
    viewer: Api, controller: ControllerStub
) -> None:
    controller.order("one", "demo/fork", state=m.Failed())

    places = viewer.get(order_path("one", "positions/"))["positions"]

    assert [(p["position"], p["label"], p["here"], p["refused"] is None) for p in places] == [
        ("0", "split", True, True),
        ("0/fork+a/0", "start", False, False),
        ("0/fork+b/0", "start", False, False),
    ]
    order_run("old", state="Finished", live=False)
    assert viewer.get(order_path("old", "positions/")).status == 409
    assert viewer.get(order_path("none", "positions/")).status == 404


def test_the_journal_of_an_order_is_told_newest_first(
    viewer: Api, controller: ControllerStub
) -> None:
    state = m.ExpectingNotices((("demo/loaded", "k"),), 4)
    order = controller.order("one", run=3, state=state)
    happened(2, "one", OrderSuspended())  # of an earlier life of the id
    happened(3, "one", OrderAdded(order))
    happened(4, subject("workflow", "demo/report"), WorkflowControlled("demo/report", True))
    happened(5, "one", OrderStarted(0))
    happened(6, subject("board", "demo/loaded"), NoticePosted(PostedNotice("demo/loaded", "j"), 0))
    happened(7, subject("board", "demo/loaded"), NoticePosted(PostedNotice("demo/loaded", "k"), 0))

    told = viewer.get(order_path("one", "events/")).body

    assert [(e["no"], e["event"]) for e in told["journal"]] == [
        (7, "NoticePosted"),
        (5, "OrderStarted"),
        (4, "WorkflowControlled"),
        (3, "OrderAdded"),
    ]
    assert told["journal"][0]["object"] == "board|demo/loaded"
    assert told["before"] is None
    page = viewer.get(order_path("one", "events/"), limit=2)
    assert page["before"] == 5
    rest = viewer.get(order_path("one", "events/"), before=page["before"])
    assert [e["no"] for e in rest["journal"]] == [4, 3]
