"""Boards, locks and plans over the API: what is there, who waits, and what people change."""

import json
from collections import deque
from typing import Any

import msgspec
import pytest

from cockpit.access import gate
from cockpit.access.policy import Account, Verb
from cockpit.api.resources import forcing
from cockpit.models import AuditEntry
from controller.models import Command
from engine.facts import LockState
from engine.order import model as m
from engine.order.add import add_order
from engine.order.events import OrderLocksAcquired
from engine.order.notice_verbs import post_notice
from engine.order.requests import NewOrder
from engine.steps.advance import advance
from engine.steps.site import Site
from tests.component.api.client import Api
from tests.component.api.controller_stub import WORKFLOW, ControllerStub
from tests.component.api.history_rows import order_run
from tests.component.api.journal_rows import happened

BOARD = "/boards/demo/loaded/"
NOTICES = f"{BOARD}notices/"
FAR = "9999-12-31T23:59:59-14:00"
PAST = "2020-01-01T00:00:00Z"
DAILY = "/boards/demo/daily/notices/"
DAY = "DailyPlan|2026-01-31"


@pytest.fixture(autouse=True)
def site(controller: ControllerStub) -> None:
    keys = {"postOrderToNoticeId": "'k'", "expectOrderToNoticeId": "'k'"}
    controller.put_object("noticeboard", "demo/loaded", {**keys, "title": "Loaded"})
    controller.put_object("noticeboard", "demo/daily", {**keys, "boardType": "PLANNABLE"})
    controller.put_object("lock", "demo/loads", {"limit": 2})
    post = {"TYPE": "PostNotices", "noticeBoardNames": ["loaded"]}
    controller.deploy("demo/load", {**WORKFLOW, "instructions": [post]})
    wait = {"TYPE": "ExpectNotices", "noticeBoardNames": "'loaded'"}
    controller.deploy("demo/report", {**WORKFLOW, "instructions": [wait]})


def waiting(controller: ControllerStub, order_id: str, no: int = 5) -> None:
    controller.order(order_id, state=m.ExpectingNotices((("demo/loaded", "k"),), no))
    controller.world.join_queue(("notice", "demo/loaded", "k"), (0, no), order_id)
    controller.write_facts()


def test_a_posted_notice_is_seen_and_deleted(administrator: Api, viewer: Api) -> None:
    body = {"key": "k", "arguments": {"file": "a"}, "end_of_life": "2030-01-01T00:00:00Z"}
    made = administrator.post(NOTICES, {**body, "comment": "by hand"})

    assert (made.status, made["state"], made["key"], made["plan"]) == (201, "posted", "k", None)
    assert made["notice"]["arguments"] == {"file": "a"}
    assert made["notice"]["end_of_life"] == "2030-01-01T00:00:00Z"
    assert viewer.get(NOTICES)["notices"] == [made.body]
    assert viewer.get("/boards/")["boards"][1]["keys"] == 1

    gone = administrator.ask("DELETE", NOTICES, {"comment": "wrong"}, query={"key": "k"})
    assert (gone.status, gone.body) == (200, {"deleted": ["k"], "in_use": []})
    assert viewer.get(NOTICES)["notices"] == []
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", "kind", "comment"))
    assert verbs == [("post", "notice", "by hand"), ("delete", "notice", "wrong")]
    assert (
        list(AuditEntry.objects.values_list("objects_named", flat=True)) == [["demo/loaded: k"]] * 2
    )


def test_a_notice_that_orders_wait_for_names_them_and_who_would_post_it(
    viewer: Api, controller: ControllerStub
) -> None:
    waiting(controller, "one", 5)
    waiting(controller, "two", 4)

    (notice,) = viewer.get(NOTICES)["notices"]

    assert (notice["state"], notice["expecting"], notice["posted_by"]) == (
        "expected",
        2,
        ["demo/load"],
    )
    assert [one["order"] for one in notice["expecting_orders"]] == ["two", "one"]
    board = viewer.get(BOARD).body
    assert (board["expecting"], board["posted_by"]) == (2, ["demo/load"])
    assert board["expected_by"] == ["demo/report"]


def test_notices_of_a_plan_are_listed_and_deleted_together(administrator: Api) -> None:
    for key in ("a", "b"):
        assert administrator.post(DAILY, {"key": key, "plan": "2026-01-31"})["plan"] == DAY
    administrator.post(DAILY, {"key": "a", "plan": "DailyPlan|2026-02-01"})

    assert len(administrator.get(DAILY)["notices"]) == 3
    first = administrator.get(DAILY, limit=2)
    assert [n["key"] for n in first["notices"]] == ["a", "b"]
    rest = administrator.get(DAILY, limit=2, cursor=first["older"])
    assert [n["plan"] for n in rest["notices"]] == ["DailyPlan|2026-02-01"]
    assert [n["key"] for n in administrator.get(DAILY, plan=DAY, text="B")["notices"]] == ["b"]

    gone = administrator.ask("DELETE", DAILY, {}, query={"plan": DAY})
    assert gone.body == {"deleted": ["a", "b"], "in_use": []}
    assert len(administrator.get(DAILY)["notices"]) == 1


def test_a_plan_has_its_notice_without_a_key_too(administrator: Api) -> None:
    for key in ("", "a"):
        administrator.post(DAILY, {"key": key, "plan": DAY})
    administrator.post(DAILY, {"key": "", "plan": "DailyPlan|2026-01-31 b"})
    found = administrator.get(DAILY, plan=DAY)["notices"]
    assert [(n["plan"], n["key"]) for n in found] == [(DAY, ""), (DAY, "a")]
    gone = administrator.ask("DELETE", DAILY, {}, query={"plan": DAY})
    assert gone.body == {"deleted": ["", "a"], "in_use": []}


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "fields"),
    [
        (NOTICES, {}, 422, "invalid", ["key"]),
        (NOTICES, {"key": "\x01", "end_of_life": "soon", "x": 1}, 422, "invalid", None),
        (NOTICES, {"key": "k", "end_of_life": FAR}, 422, "invalid", ["end_of_life"]),
        (NOTICES, {"key": "k", "end_of_life": PAST}, 422, "invalid", ["end_of_life"]),
        (NOTICES, {"key": "k", "plan": DAY}, 422, "invalid", ["plan"]),
        (NOTICES, {"key": "k", "arguments": {"n": 2**70}}, 422, "invalid", ["arguments.n"]),
        (DAILY, {"key": "k"}, 422, "invalid", ["plan"]),
        (DAILY, {"key": "k", "plan": "tomorrow"}, 422, "invalid", ["plan"]),
        ("/boards/demo/none/notices/", {"key": "k"}, 404, "board-unknown", []),
    ],
)
def test_a_notice_that_cannot_be_posted_is_refused(
    administrator: Api, path: str, body: Any, status: int, code: str, fields: list[str] | None
) -> None:
    reply = administrator.post(path, body)
    assert (reply.status, reply["code"]) == (status, code)
    assert reply.fields == (fields if fields is not None else ["x", "key", "end_of_life"])


def test_a_notice_that_is_not_there_cannot_be_deleted(administrator: Api) -> None:
    reply = administrator.ask("DELETE", NOTICES, {}, query={"key": "none"})
    assert (reply.status, reply["code"]) == (404, "notice-unknown")
    assert administrator.ask("DELETE", NOTICES, {}).fields == ["key"]


def consuming(controller: ControllerStub, *ids: str) -> None:
    """Let orders hold the notice `k` of the board, each in a workflow of its own."""
    controller.take(post_notice(controller.world, "demo/loaded", "k", now_us=1))
    for order_id in ids:
        path = f"demo/{order_id}"
        inside = {"instructions": [{"TYPE": "Prompt", "question": "'?'"}]}
        consume = {"TYPE": "ConsumeNotices", "noticeBoardNames": "'loaded'", "subworkflow": inside}
        controller.deploy(path, {"instructions": [consume]})
        controller.take(add_order(controller.world, NewOrder(order_id, path), controller.now_us))
        for _ in advance(controller.world, deque([order_id]), Site(controller.now_us)):
            controller._write(order_id)
        controller.write_facts()


def test_a_notice_in_use_goes_when_it_is_free_and_by_force_its_users_fail(
    administrator: Api, viewer: Api, controller: ControllerStub
) -> None:
    consuming(controller, "one", "two")
    (seen,) = viewer.get(NOTICES)["notices"]
    assert seen["notice"]["consuming"] == ["one", "two"]
    assert (seen["notice"]["policy"], seen["notice"]["held_long"]) == ("any_success", [])

    later = administrator.ask("DELETE", NOTICES, {}, query={"key": "k"})
    assert later.body == {"deleted": [], "in_use": ["k"]}
    body = {"force": True, "comment": "wrong"}
    gone = administrator.ask("DELETE", NOTICES, body, query={"key": "k"})
    assert (gone.status, gone.body) == (200, {"deleted": ["k"], "in_use": []})
    states = {type(order.state).__name__ for order in controller.world.orders.values()}
    assert states == {"Failed"}
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.comment, json.loads(entry.after or "")["force"]) == (
        "delete",
        "wrong",
        True,
    )
    assert json.loads(entry.after or "")["users"] == ["one", "two"]
    (kept,) = viewer.get(NOTICES)["notices"]
    assert (kept["state"], kept["notice"]) == ("kept", None)
    assert [(one["consuming"], one["kept_for"]) for one in kept["others"]] == [([], ["one", "two"])]


def test_a_preview_tells_who_would_fail_and_changes_nothing(
    administrator: Api, controller: ControllerStub
) -> None:
    consuming(controller, "one")
    body = {"force": True, "dry_run": True}
    told = administrator.ask("DELETE", NOTICES, body, query={"key": "k"})
    assert told.status == 200
    assert (told["dry_run"], told["deleted"], told["in_use"]) == (True, [], ["k"])
    (user,) = told["users"]
    assert (user["order"], user["ok"], user["sentence"]) == ("one", True, "It fails at once.")
    unforced = administrator.ask("DELETE", NOTICES, {"dry_run": True}, query={"key": "k"})
    assert (unforced["users"], unforced["in_use"]) == ([], ["k"])
    assert type(controller.world.orders["one"].state) is m.Prompting
    assert controller.world.notice("demo/loaded", "k").present
    assert not Command.objects.exists()
    none = administrator.ask("DELETE", NOTICES, body, query={"key": "none"})
    assert (none.status, none["code"]) == (404, "notice-unknown")


def test_who_may_not_operate_a_workflow_does_not_let_its_orders_fail(
    administrator: Api, controller: ControllerStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    consuming(controller, "one")

    def only_boards(account: Account, verb: Verb, path: str) -> bool:
        return verb is not Verb.OPERATE or path == "demo/loaded"

    for module in (gate, forcing):
        monkeypatch.setattr(module, "may_at", only_boards)
    told = administrator.ask(
        "DELETE", NOTICES, {"force": True, "dry_run": True}, query={"key": "k"}
    )
    assert [(u["ok"], u["code"]) for u in told["users"]] == [(False, "forbidden")]
    refused = administrator.ask("DELETE", NOTICES, {"force": True}, query={"key": "k"})
    assert refused.status == 403
    assert type(controller.world.orders["one"].state) is m.Prompting
    assert administrator.ask("DELETE", NOTICES, {}, query={"key": "k"}).status == 200


def test_a_board_tells_its_policy_and_how_long_a_block_may_take(
    viewer: Api, controller: ControllerStub
) -> None:
    keys = {"postOrderToNoticeId": "'k'", "expectOrderToNoticeId": "'k'"}
    more = {"consumptionPolicy": "close_on_first_success", "maxBlockDuration": 60}
    controller.put_object("noticeboard", "demo/loaded", {**keys, **more}, "v2")
    board = viewer.get(BOARD)
    assert (board["consumption_policy"], board["max_block_duration"]) == (
        "close_on_first_success",
        60,
    )


def test_a_closed_plan_takes_no_orders_and_no_notices(administrator: Api) -> None:
    closed = administrator.post("/plan/DailyPlan%7C2026-01-31/close/", {"comment": "done"})
    found = {"id": DAY, "date": "2026-01-31", "closed": True, "orders": 0}
    assert closed.body == {**found, "planned": {}, "late": 0}

    notice = administrator.post(DAILY, {"key": "k", "plan": DAY})
    order = administrator.post("/orders/", {"workflow": "demo/load", "plan": DAY})
    assert (notice.status, notice["code"]) == (order.status, order["code"]) == (409, "plan-closed")

    assert administrator.post("/plan/2026-01-31/open/")["closed"] is False
    assert administrator.post(DAILY, {"key": "k", "plan": DAY}).status == 201


def test_plans_are_listed_with_their_orders(administrator: Api, viewer: Api) -> None:
    order_run("one", order_date="2026-02-01")
    administrator.post("/plan/2026-01-31/close/")

    plans = viewer.get("/plan/")["plans"]

    assert [(p["id"], p["closed"], p["orders"]) for p in plans] == [
        ("DailyPlan|2026-02-01", False, 1),
        (DAY, True, 0),
    ]
    assert [p["id"] for p in viewer.get("/plan/", closed="true")["plans"]] == [DAY]
    assert viewer.get("/plan/2026-02-01/")["orders"] == 1
    assert viewer.get("/plan/tomorrow/").fields == ["plan"]


def test_a_lock_tells_its_holders_and_its_queue_in_order(
    viewer: Api, controller: ControllerStub
) -> None:
    demand = (("demo/loads", 1),)
    controller.order("holder", locks=(m.LockHold((0,), demand),))
    controller.world.set_fact(("lock", "demo/loads", ""), LockState({"holder": 1}))
    for order_id, priority, no in (("late", 0, 9), ("early", 0, 7), ("first", 5, 8)):
        state = m.WaitingForLock((("demo/loads", None),), no)
        controller.order(order_id, state=state, priority=priority)
        controller.world.join_queue(("lock", "demo/loads", ""), (-priority, no), order_id)
    controller.write_facts()
    happened(7, "holder", OrderLocksAcquired(demand, (0, "lock", 0)), at_us=1_769_850_000_000_000)

    lock = viewer.get("/locks/demo/loads/").body

    assert (lock["limit"], lock["taken"], lock["waiting"]) == (2, 1, 3)
    (holder,) = lock["held_by"]
    assert (holder["order"], holder["count"], holder["state"]) == ("holder", 1, "Ready")
    assert holder["since"] == "2026-01-31T09:00:00Z"
    assert [(q["place"], q["order"]) for q in lock["queue"]] == [
        (1, "first"),
        (2, "early"),
        (3, "late"),
    ]
    assert lock["queue"][1]["since"] == "2026-01-31T09:00:00Z"
    front = viewer.get("/locks/demo/loads/", limit=2)
    rest = viewer.get("/locks/demo/loads/", after=front["after"])
    assert [(q["place"], q["order"]) for q in rest["queue"]] == [(3, "late")]
    assert viewer.get("/locks/")["locks"][0]["holders"] == 1


def test_what_is_not_there_is_not_shown(viewer: Api) -> None:
    for path in ("/locks/demo/none/", "/boards/demo/none/", "/locks/a%00b/", "/boards/a%00b/"):
        assert viewer.get(path).status == 404
    assert viewer.get("/locks/demo/loads/", after="x").fields == ["after"]
    assert [b["path"] for b in viewer.get("/boards/", text="DAIL")["boards"]] == ["demo/daily"]
    assert viewer.get("/boards/", folder="other")["boards"] == []
    assert viewer.get("/boards/", limit=1)["older"] == "demo/daily"


def test_who_may_only_look_changes_nothing(viewer: Api) -> None:
    assert viewer.post(NOTICES, {"key": "k"}).status == 403
    assert viewer.ask("DELETE", NOTICES, {}, query={"key": "k"}).status == 403
    assert viewer.post("/plan/2026-01-31/close/").status == 403
    assert not Command.objects.exists()


# -- what would happen --------------------------------------------------------------------------


def effects(reply: Any) -> dict[str, tuple[str, str]]:
    """Return effect and sentence of a dry run, by order."""
    assert (reply.status, reply["dry_run"]) == (200, True)
    assert not Command.objects.exists()
    return {order["id"]: (order["effect"], order["sentence"]) for order in reply["orders"]}


def test_a_dry_run_of_a_posting_tells_who_goes_on(
    administrator: Api, controller: ControllerStub
) -> None:
    waiting(controller, "one", 5)
    waiting(controller, "held", 6)
    controller.put(msgspec.structs.replace(controller.world.orders["held"], suspended=True))

    told = effects(administrator.post(NOTICES, {"key": "k", "dry_run": True}))

    assert told["one"] == ("now", "It goes on.")
    assert told["held"] == ("later", "It is served, and stays suspended.")
    assert effects(administrator.post(NOTICES, {"key": "other", "dry_run": True})) == {}
    assert administrator.get(NOTICES)["notices"][0]["state"] != "posted"


def test_a_dry_run_of_a_posting_tells_who_needs_more(
    administrator: Api, controller: ControllerStub
) -> None:
    both = {"TYPE": "ExpectNotices", "noticeBoardNames": "'loaded' && 'demo/daily'"}
    controller.deploy("demo/both", {**WORKFLOW, "instructions": [both]})
    expected = (("demo/loaded", "k"), ("demo/daily", f"{DAY}/k"))
    controller.order("two", "demo/both", state=m.ExpectingNotices(expected, 7))
    controller.world.join_queue(("notice", "demo/loaded", "k"), (0, 7), "two")
    controller.write_facts()

    told = effects(administrator.post(NOTICES, {"key": "k", "dry_run": True}))

    assert told["two"] == ("none", "It waits on: it needs more than this.")


def test_a_dry_run_of_closing_a_plan_names_those_who_would_fail(
    administrator: Api, controller: ControllerStub
) -> None:
    post = {"TYPE": "PostNotices", "noticeBoardNames": ["demo/daily"]}
    work = {"TYPE": "Execute.Named", "jobName": "work"}
    controller.deploy("demo/posts", {**WORKFLOW, "instructions": [work, post]})
    for order_id, path in (("posts", "demo/posts"), ("plain", "demo/load")):
        controller.order(order_id, path, plan=DAY, order_date="2026-01-31")
        order_run(order_id, workflow=path, order_date="2026-01-31", live=True)

    told = effects(administrator.post("/plan/2026-01-31/close/", {"dry_run": True}))

    assert told == {
        "posts": ("later", "It fails at 1, where it posts a notice, unless the plan is open."),
        "plain": ("none", "It goes on: only new orders and notices are kept out."),
    }
    told = effects(administrator.post("/plan/2026-01-31/open/", {"dry_run": True}))
    assert told["posts"] == ("none", "It stays as it is: that is in effect already.")
