"""Verbs on one order and on many: carried out, refused with the state, or only previewed."""

from typing import Any

import pytest

from cockpit.models import AuditEntry
from controller.models import Command, OrderRow
from engine.order import model as m
from tests.component.api.client import Api, order_path
from tests.component.api.controller_stub import WORKFLOW, ControllerStub
from tests.component.api.history_rows import order_run

ODD = "#2026-01-31#T1-a/b|eu"


@pytest.fixture(autouse=True)
def deployed(controller: ControllerStub) -> None:
    controller.deploy("demo/report")


def mark_of(controller: ControllerStub, order_id: str) -> m.Mark | None:
    return controller.world.order(order_id).mark


def test_an_order_with_an_odd_id_is_marked(administrator: Api, controller: ControllerStub) -> None:
    controller.order(ODD)

    reply = administrator.post(order_path(ODD, "suspend/"), {"kill": True, "comment": "why"})

    assert (reply.status, reply["id"], reply["ok"]) == (200, ODD, True)
    assert mark_of(controller, ODD) == m.Mark("suspend", kill=True)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.objects_named, entry.comment) == ("suspend", [ODD], "why")
    assert '"kill":true' in (entry.after or "")


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("cancel", {"kill": True, "deep": True}),
        ("suspend", {"reset": True}),
        ("priority", {"priority": 7}),
    ],
)
def test_every_verb_has_its_body(
    administrator: Api, controller: ControllerStub, verb: str, body: dict[str, Any]
) -> None:
    controller.order("one")
    assert administrator.post(order_path("one", f"{verb}/"), body).status == 200


def test_a_failed_order_is_resumed_elsewhere_with_other_variables(
    administrator: Api, controller: ControllerStub
) -> None:
    controller.order("one", state=m.Failed(), position=(1,), arguments={"day": "x"})

    body = {"label": "start", "variables": {"day": "y"}}
    assert administrator.post(order_path("one", "resume/"), body).status == 200

    order = controller.world.order("one")
    assert (order.position, order.arguments) == ((0,), {"day": "y"})


def test_a_verb_that_does_not_fit_is_refused_with_the_state(
    administrator: Api, controller: ControllerStub
) -> None:
    controller.order("one")
    reply = administrator.post(order_path("one", "continue/"))

    assert (reply.status, reply["code"]) == (409, "not-applicable")
    assert (reply["id"], reply["state"]) == ("one", "Ready")
    entry = AuditEntry.objects.get()
    assert (entry.result, "not-applicable" in (entry.answer or "")) == ("refused", True)


def test_an_order_that_nobody_knows_is_not_there(administrator: Api) -> None:
    reply = administrator.post(order_path("nobody", "cancel/"))
    assert (reply.status, reply["code"]) == (404, "order-unknown")


def test_an_order_that_has_ended_is_refused_with_its_last_state(administrator: Api) -> None:
    order_run("old", state="Finished", live=False)
    reply = administrator.post(order_path("old", "cancel/"))
    assert (reply.status, reply["code"], reply["state"]) == (409, "not-applicable", "Finished")


def test_a_preview_about_an_order_that_has_ended_is_as_the_answer_would_be(
    administrator: Api,
) -> None:
    order_run("old", state="Finished", live=False)
    told = administrator.post(order_path("old", "cancel/"), {"dry_run": True})
    assert (told.status, told["effect"], told["code"]) == (200, "refused", "not-applicable")
    assert (told["sentence"], told["state"]) == (
        "Order old has ended: it is Finished.",
        "Finished",
    )
    told = administrator.post(order_path("nobody", "cancel/"), {"dry_run": True})
    assert (told["effect"], told["code"]) == ("refused", "order-unknown")


def test_an_end_that_nobody_tells_is_not_told_as_the_state_before(administrator: Api) -> None:
    order_run("late", state="Failed", live=True)
    reply = administrator.post(order_path("late", "resume/"))
    assert (reply.status, reply["code"]) == (409, "not-applicable")
    assert (reply["detail"], reply.body.get("state")) == ("Order late has ended.", None)
    assert "not followed" in administrator.get(order_path("late"))["reason"]["sentence"]


@pytest.mark.parametrize(
    ("verb", "body", "fields"),
    [
        ("cancel", {"kill": "yes", "colour": 1}, ["kill", "colour"]),
        ("priority", {}, ["priority"]),
        ("resume", {"position": [0, 0], "variables": {"n": 2**70}}, ["position", "variables.n"]),
        ("resume", {"position": "0", "label": "a"}, ["label"]),
        ("resume", {"variables": []}, ["variables"]),
    ],
)
def test_a_body_that_does_not_fit_the_verb_is_refused(
    administrator: Api,
    controller: ControllerStub,
    verb: str,
    body: dict[str, Any],
    fields: list[str],
) -> None:
    controller.order("one")
    reply = administrator.post(order_path("one", f"{verb}/"), body)
    assert (reply.status, sorted(reply.fields)) == (422, sorted(fields))


@pytest.mark.parametrize("field", ["position", "label"])
def test_a_place_that_is_not_there_is_told_at_the_field_that_names_it(
    administrator: Api, controller: ControllerStub, field: str
) -> None:
    controller.order("one", state=m.Failed())
    reply = administrator.post(order_path("one", "resume/"), {field: "nowhere"})
    assert (reply.status, reply.fields) == (422, [field])
    assert "nowhere" in reply["problems"][0]["sentence"]


def test_many_orders_are_named_or_selected(administrator: Api, controller: ControllerStub) -> None:
    for name in ("a1", "a2", "b1"):
        controller.order(name)
        order_run(name, group="ready")

    named = administrator.post("/orders/-/suspend/", {"ids": ["a1", "gone", "a1"]})
    assert [(o["id"], o["code"]) for o in named["orders"]] == [
        ("a1", "accepted"),
        ("gone", "order-unknown"),
    ]

    selected = administrator.post("/orders/-/cancel/", {"filter": {"text": "a*"}})
    assert (selected["accepted"], selected["refused"]) == (2, 0)
    assert mark_of(controller, "b1") is None
    assert administrator.post("/orders/-/cancel/", {"filter": {"text": "zz"}})["orders"] == []


@pytest.mark.parametrize("body", [{}, {"ids": [], "filter": {}}, {"ids": None}])
def test_many_orders_need_names_or_a_filter(administrator: Api, body: dict[str, Any]) -> None:
    reply = administrator.post("/orders/-/cancel/", body)
    assert (reply.status, reply.fields) == (422, ["ids"])


def test_a_verb_that_does_not_exist_is_not_there(administrator: Api) -> None:
    assert administrator.post("/orders/-/explode/", {"ids": []}).status == 404
    assert administrator.post(order_path("one", "explode/")).status in (404, 405)


def test_a_preview_changes_nothing_and_says_what_would_happen(
    administrator: Api, controller: ControllerStub
) -> None:
    held = m.Held("agent-1", "attached")
    controller.order("ready")
    controller.order("fresh", state=m.Fresh(), scheduled_us=controller.now_us + 10**12)
    controller.order("running", state=m.Processing("r-1", 1), held=held)
    controller.order("failed", state=m.Failed())
    controller.order("marked", state=m.Processing("r-2", 1), held=held, mark=m.Mark("suspend"))
    ids = ["ready", "fresh", "running", "failed", "marked", "gone"]
    before = list(OrderRow.objects.order_by("order_id").values_list("order_id", "body"))

    told = administrator.post("/orders/-/suspend/", {"ids": ids, "dry_run": True})

    effects = {o["id"]: (o["effect"], o["state"], o["code"]) for o in told["orders"]}
    assert effects == {
        "ready": ("now", "Ready", "accepted"),
        "fresh": ("now", "Fresh", "accepted"),
        "running": ("later", "Processing", "accepted"),
        "failed": ("refused", "Failed", "not-applicable"),
        "marked": ("none", "Processing", "accepted"),
        "gone": ("refused", None, "order-unknown"),
    }
    assert (told["dry_run"], told["accepted"], told["refused"]) == (True, 4, 2)
    assert list(OrderRow.objects.order_by("order_id").values_list("order_id", "body")) == before
    assert not Command.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_deep_preview_looks_up_the_children(
    administrator: Api, controller: ControllerStub
) -> None:
    controller.deploy(
        "demo/fork",
        {
            **WORKFLOW,
            "instructions": [
                {
                    "TYPE": "Fork",
                    "branches": [
                        {"id": "a", "workflow": {"instructions": WORKFLOW["instructions"]}}
                    ],
                }
            ],
        },
    )
    fork = {"workflow": "demo/fork"}
    controller.order("p", state=m.Forked(("p|a",), 1), **fork)
    controller.order("p|a", position=(0, "fork+a", 0), parent="p", **fork)

    body = {"deep": True, "dry_run": True}
    reply = administrator.post(order_path("p", "cancel/"), body)

    assert (reply.status, reply["effect"]) == (200, "later")
    assert (
        reply["sentence"] == "It is cancelled when its 1 children, cancelled as well, have ended."
    )


def test_who_may_only_look_commands_nothing(viewer: Api, controller: ControllerStub) -> None:
    controller.order("one")
    assert viewer.post(order_path("one", "cancel/")).status == 403
    assert viewer.post("/orders/-/cancel/", {"ids": ["one"], "dry_run": True}).status == 403
    assert mark_of(controller, "one") is None


def forked(controller: ControllerStub) -> None:
    """Put an order that waits for a child that failed and one that runs."""
    controller.order("f", state=m.Forked(("f|x", "f|y"), 2))
    controller.order("f|x", parent="f", state=m.Failed())
    controller.order("f|y", parent="f", state=m.Prompting("?"))


def test_resume_reaches_the_children_only_with_deep(
    administrator: Api, controller: ControllerStub
) -> None:
    forked(controller)
    assert administrator.post("/orders/f/resume/").status == 409
    told = administrator.post("/orders/f/resume/", {"deep": True, "dry_run": True})
    assert told["sentence"] == "It goes on with its children that stand still at once."
    assert isinstance(controller.world.order("f|x").state, m.Failed)

    assert administrator.post("/orders/f/resume/", {"deep": True}).status == 200

    assert isinstance(controller.world.order("f|x").state, m.Ready)
    assert isinstance(controller.world.order("f|y").state, m.Prompting)


@pytest.mark.parametrize("field", [{"position": "0"}, {"label": "x"}, {"variables": {"a": 1}}])
def test_with_deep_orders_go_on_where_they_stand(administrator: Api, field: dict[str, Any]) -> None:
    reply = administrator.post("/orders/f/resume/", {"deep": True, **field})
    assert (reply.status, reply.fields) == (422, ["deep"])
