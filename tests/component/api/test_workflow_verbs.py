"""Verbs on workflows: frozen, skipped, stopped, and orders brought to the newest version."""

from typing import Any

import pytest

from cockpit.models import AuditEntry
from controller.models import Command
from engine.order import model as m
from tests.component.api.client import Api
from tests.component.api.controller_stub import JOB, WORKFLOW, ControllerStub

REPORT = "/workflows/demo/report/"
TWO: dict[str, Any] = {
    "instructions": [
        {"TYPE": "Execute.Named", "jobName": "work", "label": "start"},
        {"TYPE": "Execute.Named", "jobName": "work", "label": "end"},
    ],
    "jobs": {"work": JOB},
}


@pytest.fixture(autouse=True)
def deployed(controller: ControllerStub) -> None:
    controller.deploy("demo/report", TWO)


def test_a_workflow_is_frozen_and_goes_on(administrator: Api) -> None:
    told = administrator.post(f"{REPORT}suspend/", {"comment": "repair", "ticket": "T-1"})

    assert (told.status, told["path"], told["suspended"]) == (200, "demo/report", True)
    assert administrator.get(REPORT)["control"]["suspended"] is True
    assert administrator.get("/workflows/")["workflows"][0]["suspended"] is True
    assert administrator.post(f"{REPORT}resume/")["suspended"] is False
    first = AuditEntry.objects.order_by("pk").first()
    assert first is not None
    assert (first.verb, first.kind, first.objects_named) == ("suspend", "workflow", ["demo/report"])
    assert (first.comment, first.ticket) == ("repair", "T-1")


def test_labels_are_skipped_and_no_longer(administrator: Api) -> None:
    assert administrator.post(f"{REPORT}skip/", {"labels": ["end", "start"]})["skipped"] == [
        "end",
        "start",
    ]
    assert administrator.get("/workflows/")["workflows"][0]["controlled"] is True
    assert administrator.post(f"{REPORT}unskip/", {"labels": ["start"]})["skipped"] == ["end"]


def test_stops_are_set_by_label_and_by_position(administrator: Api) -> None:
    told = administrator.post(f"{REPORT}stop/", {"labels": ["end"], "positions": [[0]]})

    assert told["stops"] == [
        {"position": "0", "label": "start"},
        {"position": "1", "label": "end"},
    ]
    assert administrator.post(f"{REPORT}unstop/", {"positions": ["0"]})["stops"] == [
        {"position": "1", "label": "end"}
    ]


@pytest.mark.parametrize(
    ("verb", "body", "fields"),
    [
        ("skip", {}, ["labels"]),
        ("skip", {"labels": []}, ["labels"]),
        ("skip", {"labels": ["end", "nowhere"]}, ["labels[1]"]),
        ("stop", {}, ["positions"]),
        ("stop", {"positions": ["0", [0, 0], "a\0"]}, ["positions[1]", "positions[2]"]),
        ("stop", {"positions": ["7", "0"], "labels": ["x"]}, ["labels[0]", "positions[0]"]),
        ("suspend", {"labels": ["end"], "comment": 5}, ["labels", "comment"]),
    ],
)
def test_what_does_not_fit_is_named(
    administrator: Api, verb: str, body: dict[str, Any], fields: list[str]
) -> None:
    reply = administrator.post(f"{REPORT}{verb}/", body)
    assert (reply.status, reply.fields) == (422, fields)


def test_a_workflow_that_nobody_has_deployed_is_not_there(administrator: Api) -> None:
    for verb in ("suspend", "transfer"):
        reply = administrator.post(f"/workflows/demo/none/{verb}/")
        assert (reply.status, reply["code"]) == (404, "workflow-unknown")


def test_who_may_only_look_changes_no_workflow(viewer: Api) -> None:
    for verb in ("suspend", "resume", "transfer"):
        assert viewer.post(f"{REPORT}{verb}/").status == 403
    assert not Command.objects.exists()


def test_a_repeated_key_asks_once(administrator: Api) -> None:
    for _ in range(2):
        assert administrator.post(f"{REPORT}suspend/", {}, Idempotency_Key="k").status == 200
    assert Command.objects.count() == 1


def test_orders_are_transferred_to_the_newest_version(
    administrator: Api, controller: ControllerStub
) -> None:
    controller.order("one")
    controller.deploy("demo/report", WORKFLOW, "v2")

    told = administrator.post(f"{REPORT}transfer/", {"comment": "new"})

    assert (told.status, told["version"], told["transferred"]) == (200, "v2", 1)
    assert controller.world.order("one").version == "v2"
    assert administrator.post(f"{REPORT}transfer/")["transferred"] == 0


def test_a_transfer_names_every_order_that_cannot_go_and_moves_none(
    administrator: Api, controller: ControllerStub
) -> None:
    controller.order("fits")
    controller.order("behind", position=(1,))
    held = m.Held("agent-1", "attached")
    controller.order("runs", state=m.Processing("r-1", 1), held=held)
    controller.deploy("demo/report", WORKFLOW, "v2")

    reply = administrator.post(f"{REPORT}transfer/")

    assert (reply.status, reply["code"]) == (409, "not-transferable")
    assert sorted(reply.fields) == ["behind", "runs"]
    assert "no instruction at 1" in str(reply.body) or "position 1" in str(reply.body)
    assert {o.version for o in controller.world.orders.values()} == {"v1"}


# -- what would happen --------------------------------------------------------------------------


def told_of(reply: Any) -> dict[str, tuple[str, str]]:
    """Return effect and sentence of a dry run, by order."""
    assert (reply.status, reply["dry_run"]) == (200, True)
    assert not Command.objects.exists()
    return {order["id"]: (order["effect"], order["sentence"]) for order in reply["orders"]}


def test_a_dry_run_of_a_transfer_tells_from_where_to_where_and_by_what(
    administrator: Api, controller: ControllerStub
) -> None:
    controller.order("moved")
    controller.order("lost", position=(1,))
    controller.order("new", state=m.Fresh())
    first = {**TWO["instructions"][0], "label": "prepare"}
    controller.deploy("demo/report", {**TWO, "instructions": [first, TWO["instructions"][0]]}, "v2")

    reply = administrator.post(f"{REPORT}transfer/", {"dry_run": True})

    assert (reply["accepted"], reply["refused"], reply["matched"]) == (0, 3, 3)
    assert told_of(reply)["lost"] == (
        "refused",
        "The new version has no instruction at 2, found by label start before it.",
    )
    reply = administrator.post(f"{REPORT}transfer/", {"dry_run": True, "only_possible": True})
    assert (reply["accepted"], reply["refused"]) == (2, 1)
    assert told_of(reply)["moved"] == (
        "now",
        "It goes on at 1 instead of 0, found by label start, at once.",
    )
    where = {o["id"]: (o["position"], o["new_position"], o["found_by"]) for o in reply["orders"]}
    assert where["moved"] == ("0", "1", "label")
    assert where["new"] == ("0", "0", "start")
    assert {o.version for o in controller.world.orders.values()} == {"v1"}


def test_only_those_are_transferred_that_can_be(
    administrator: Api, controller: ControllerStub
) -> None:
    controller.order("fits")
    controller.order("behind", position=(1,))
    controller.deploy("demo/report", WORKFLOW, "v2")
    assert administrator.post(f"{REPORT}transfer/").status == 409

    told = administrator.post(f"{REPORT}transfer/", {"only_possible": True})

    assert (told.status, told["transferred"]) == (200, 1)
    assert [(a["id"], a["code"]) for a in told["left"]] == [("behind", "not-transferable")]
    assert {i: o.version for i, o in controller.world.orders.items()} == {
        "fits": "v2",
        "behind": "v1",
    }
    assert administrator.post(f"{REPORT}transfer/", {"only_possible": True}).status == 409


@pytest.mark.parametrize(
    ("verb", "body", "ready", "ended"),
    [
        ("suspend", {}, ("now", "It stands still where it is."), "stands still already"),
        ("resume", {}, ("none", "It stays as it is: that is in effect already."), "stays as it is"),
        ("skip", {"labels": ["end"]}, ("later", "It passes label end by when it comes to it."), ""),
        ("skip", {"labels": ["start"]}, ("now", "It passes label start by."), "passes label start"),
        ("stop", {"positions": ["1"]}, ("later", "It is suspended before 1 when it comes to it."),
         ""),
    ],
)  # fmt: skip
def test_a_dry_run_tells_what_a_verb_means_for_each_order(
    administrator: Api,
    controller: ControllerStub,
    verb: str,
    body: dict[str, Any],
    ready: tuple[str, str],
    ended: str,
) -> None:
    controller.order("ready")
    controller.order("failed", state=m.Failed())
    controller.order("gone", state=m.Finished())

    reply = administrator.post(f"{REPORT}{verb}/", {**body, "dry_run": True})

    told = told_of(reply)
    assert told.keys() == {"ready", "failed"}
    assert told["ready"] == ready
    assert ended in told["failed"][1]
    assert not controller.world.control("demo/report").suspended


def test_a_dry_run_refuses_what_the_verb_would_refuse(administrator: Api) -> None:
    reply = administrator.post(f"{REPORT}skip/", {"labels": ["nowhere"], "dry_run": True})
    assert (reply.status, reply.fields) == (422, ["labels[0]"])


def test_who_may_only_look_has_no_dry_run(viewer: Api) -> None:
    for verb in ("suspend", "transfer"):
        assert viewer.post(f"{REPORT}{verb}/", {"dry_run": True}).status == 403
