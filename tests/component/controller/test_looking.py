"""What API and pages are shown of boards, locks, workflows and plans."""

import pytest

from controller import looking
from engine.facts import Control
from engine.order.requests import ChangePlan, ChangePriority, ControlWorkflow, PostNotice
from tests.component.controller.conftest import CONTROLLER, Desk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]

BOARD = {
    "postOrderToNoticeId": "$key",
    "expectOrderToNoticeId": "$key",
    "endOfLife": "$js7EpochMilli + 86400000",
}
KEY = {"orderPreparation": {"parameters": {"key": {"type": "String"}}}}
PROMPT = {"TYPE": "Prompt", "question": "'go on?'"}
INSIDE = {"instructions": [PROMPT]}


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """Boards, locks and workflows of which some are in use."""
    for board in ("a/done", "b/other", "Z/none"):
        desk.deploy("noticeboard", board, BOARD)
    desk.deploy("lock", "a/printer", {"limit": 2, "title": "The printer"})
    desk.deploy("lock", "b/free", {"limit": 1})
    expect = {"TYPE": "ExpectNotices", "noticeBoardNames": "'done'"}
    consume = {"TYPE": "ConsumeNotices", "noticeBoardNames": "'other'", "subworkflow": INSIDE}
    demand = {"lockName": "printer", "count": 1}
    lock = {"TYPE": "Lock", "demands": [demand], "lockedWorkflow": INSIDE}
    desk.deploy("workflow", "expecting", {**KEY, "instructions": [expect]})
    desk.deploy("workflow", "consuming", {**KEY, "instructions": [consume]})
    desk.deploy("workflow", "locking", {"instructions": [lock]})
    return desk


def test_boards_tell_their_notices_and_who_expects_them(busy: Desk) -> None:
    busy.add("expecting", "e1", "e2", "e3", arguments={"key": "k"})
    busy.done(PostNotice("b/other", "k"))
    found = looking.boards(CONTROLLER)
    assert [(b.path, b.notices, b.expecting) for b in found] == [
        ("Z/none", 0, 0),
        ("a/done", 0, 3),
        ("b/other", 1, 0),
    ]
    assert all(b.board is not None for b in found)
    assert looking.boards(CONTROLLER, after="Z/none", limit=1) == [found[1]]


def test_a_notice_is_present_then_consumed_by_an_order(busy: Desk) -> None:
    busy.done(PostNotice("b/other", "k", arguments={"n": 1}))
    (seen,) = looking.notices(CONTROLLER, "b/other")
    assert seen.present is not None
    assert (seen.key, seen.present.arguments, seen.expecting, seen.others) == ("k", {"n": 1}, 0, ())
    busy.add("consuming", "c1", arguments={"key": "k"})
    (seen,) = looking.notices(CONTROLLER, "b/other")
    instances = (*([seen.present] if seen.present else []), *seen.others)
    assert [instance.holders for instance in instances] == [{"c1": "consuming"}]


def test_keys_that_are_only_expected_are_listed_among_the_others(busy: Desk) -> None:
    busy.add("expecting", "e1", "e2", arguments={"key": "b"})
    busy.add("expecting", "e3", arguments={"key": "A"})
    busy.done(PostNotice("a/done", "a"))
    seen = looking.notices(CONTROLLER, "a/done")
    assert [(n.key, n.present is not None, n.expecting) for n in seen] == [
        ("A", False, 1),
        ("a", True, 0),
        ("b", False, 2),
    ]
    assert looking.notices(CONTROLLER, "a/done", after="A", limit=1) == [seen[1]]
    assert looking.notices(CONTROLLER, "nothing") == []


def test_expecting_orders_are_read_in_pages_by_their_place(busy: Desk) -> None:
    busy.add("expecting", *(f"e{n}" for n in range(5)), arguments={"key": "k"})
    busy.done(ChangePriority(("e3",), 9))
    first = looking.expecting(CONTROLLER, "a/done", "k", limit=2)
    assert [(o.order_id, o.priority, o.state) for o in first] == [
        ("e3", 9, "ExpectingNotices"),
        ("e0", 0, "ExpectingNotices"),
    ]
    rest = looking.expecting(CONTROLLER, "a/done", "k", after=first[-1].waiter)
    assert [o.order_id for o in rest] == ["e1", "e2", "e4"]
    assert {(o.workflow, o.position) for o in rest} == {("expecting", "0")}


def test_a_lock_tells_its_holders_and_the_front_of_its_queue(busy: Desk) -> None:
    busy.add("locking", *(f"l{n}" for n in range(6)))
    seen = looking.lock(CONTROLLER, "a/printer", first=2)
    assert seen is not None
    assert seen.lock is not None
    assert (seen.lock.limit, seen.lock.title, seen.waiting) == (2, "The printer", 4)
    assert [(h.order_id, h.workflow, h.count) for h in seen.holders] == [
        ("l0", "locking", 1),
        ("l1", "locking", 1),
    ]
    assert [o.order_id for o in seen.queue] == ["l2", "l3"]
    more = looking.lock(CONTROLLER, "a/printer", after=seen.queue[-1].waiter)
    assert more is not None
    assert [o.order_id for o in more.queue] == ["l4", "l5"]
    assert looking.lock(CONTROLLER, "a/nothing") is None


def test_locks_are_listed_with_those_that_were_revoked_while_held(busy: Desk) -> None:
    busy.add("locking", "l0", "l1", "l2")
    busy.rows("UPDATE controller_deployeditem SET current=false WHERE path='a/printer'")
    held, free = looking.locks(CONTROLLER)
    assert (held.path, held.lock, len(held.holders), held.waiting) == ("a/printer", None, 2, 1)
    assert (free.path, free.holders, free.waiting) == ("b/free", (), 0)
    assert looking.locks(CONTROLLER, after="a/printer") == [free]


def test_only_workflows_that_somebody_has_touched_are_controlled(busy: Desk) -> None:
    busy.done(ControlWorkflow("locking", "suspend"))
    suspended = Control(suspended=True)
    assert looking.controlled(CONTROLLER) == [("locking", suspended)]
    assert looking.control(CONTROLLER, "locking") == suspended
    assert looking.control(CONTROLLER, "expecting") == Control()
    busy.done(ControlWorkflow("locking", "resume"))
    assert looking.controls(CONTROLLER, ["locking", "expecting"]) == {}


def test_closed_plans_are_listed_until_they_are_opened(busy: Desk) -> None:
    days = [f"DailyPlan|2026-03-0{n}" for n in (1, 2, 3)]
    for day in days:
        busy.done(ChangePlan(day, closed=True))
    assert looking.closed_plans(CONTROLLER) == days
    assert looking.closed_plans(CONTROLLER, after=days[0], limit=1) == [days[1]]
    busy.done(ChangePlan(days[1], closed=False))
    assert looking.closed_plans(CONTROLLER) == [days[0], days[2]]
