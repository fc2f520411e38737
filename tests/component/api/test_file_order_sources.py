"""File order sources over the API: what is watched, what is wrong, which file has which order."""

from typing import Any

import pytest

from controller.models import DeployedItem, Fact
from engine.files import rules
from engine.files.state import Arising
from engine.order.object_events import FileSourceTold, FilesReleased, subject
from tests.component.api.client import Api
from tests.component.api.controller_stub import WORKFLOW, ControllerStub

PATH = "demo/incoming"
ONE = f"/file-order-sources/{PATH}/"
DOCUMENT: dict[str, Any] = {
    "title": "What arrives", "workflowName": "load", "agentName": "agent-1",
    "directory": "/data/in", "pattern": ".*[.]csv", "tags": ["in"],
}  # fmt: skip
AT_US = 1_767_225_600_000_000


@pytest.fixture(autouse=True)
def site(controller: ControllerStub) -> None:
    declared = {"parameters": {"file": {"type": "String"}}}
    controller.deploy("demo/load", {**WORKFLOW, "orderPreparation": declared})
    controller.put_object("fileordersource", PATH, DOCUMENT)


def arises(controller: ControllerStub, name: str, no: int = 1) -> None:
    """Let a file come, and get its order if it can."""
    world = controller.world
    arising = Arising(f"run-{no}", AT_US + no, f"/data/in/{name}", "", "1.1.1.1")
    controller.take(rules.arose(world, PATH, name, arising))
    controller.take(rules.add(world, PATH, name, controller.now_us))
    for order_id in world.orders:
        controller._write(order_id)
    controller.write_facts()


def gone(controller: ControllerStub, name: str, no: int = 1) -> None:
    controller.take(rules.vanished(controller.world, PATH, name, f"run-{no}"))
    controller.write_facts()


def test_a_source_is_starting_until_its_agent_says_something(
    viewer: Api, controller: ControllerStub
) -> None:
    (listed,) = viewer.get("/file-order-sources/")["sources"]
    assert (listed["path"], listed["state"], listed["files"]) == (PATH, "starting", 0)
    assert (listed["workflow"], listed["agent"], listed["directory"]) == (
        "load", "agent-1", "/data/in",
    )  # fmt: skip
    told = FileSourceTold(PATH, "", AT_US)
    controller.take([(subject(rules.KIND, PATH), told)])
    controller.write_facts()
    assert viewer.get(ONE)["state"] == "watching"
    told = FileSourceTold(PATH, "/data/in: No such file or directory.", AT_US)
    controller.take([(subject(rules.KIND, PATH), told)])
    controller.write_facts()
    seen = viewer.get(ONE)
    assert (seen["state"], seen["told_at"]) == ("problem", "2026-01-01T00:00:00Z")
    assert seen["problem"] == "/data/in: No such file or directory."


def test_a_file_and_its_order_name_each_other(viewer: Api, controller: ControllerStub) -> None:
    arises(controller, "a\nb.csv")
    (file,) = viewer.get(ONE)["listed"]
    assert (file["state"], file["name"], file["path"]) == (
        "ordered", "a\\x0ab.csv", "/data/in/a\\x0ab.csv",
    )  # fmt: skip
    order = viewer.get(f"/orders/{file['order'].replace('#', '%23')}/")
    assert order["file"] == {
        "source": PATH, "name": "a\\x0ab.csv", "path": "/data/in/a\\x0ab.csv",
    }  # fmt: skip
    assert order["arguments"]["file"] == "/data/in/a\nb.csv"


def test_states_of_files_are_told_apart(viewer: Api, controller: ControllerStub) -> None:
    for n, name in enumerate(("gone", "again", "there"), 1):
        arises(controller, name, n)
    gone(controller, "gone", 1)
    gone(controller, "again", 2)
    arises(controller, "again", 9)
    controller.world.name("demo/load", "")
    arises(controller, "refused", 10)
    listed = {file["name"]: file for file in viewer.get(ONE)["listed"]}
    assert {name: file["state"] for name, file in listed.items()} == {
        "again": "waiting", "gone": "vanished", "refused": "refused", "there": "ordered",
    }  # fmt: skip
    assert listed["refused"]["problem"] == "No workflow load is deployed."
    assert listed["refused"]["retry_at"] is not None
    seen = viewer.get(ONE)
    assert (seen["files"], seen["refused"]) == (4, 1)


def test_files_come_in_pages(viewer: Api, controller: ControllerStub) -> None:
    for n in range(5):
        arises(controller, f"{n}.csv", n + 1)
    first = viewer.get(ONE, limit=3)
    assert [file["name"] for file in first["listed"]] == ["0.csv", "1.csv", "2.csv"]
    rest = viewer.get(ONE, limit=3, after=first["after"])
    assert [file["name"] for file in rest["listed"]] == ["3.csv", "4.csv"]
    assert rest["after"] is None


def test_a_withdrawn_source_is_shown_while_orders_of_its_files_are_left(
    viewer: Api, controller: ControllerStub
) -> None:
    arises(controller, "a.csv")
    DeployedItem.objects.filter(path=PATH).update(current=False)
    (listed,) = viewer.get("/file-order-sources/")["sources"]
    assert (listed["state"], listed["files"]) == ("withdrawn", 1)
    Fact.objects.filter(kind="file").delete()
    assert viewer.get("/file-order-sources/")["sources"] == []
    reply = viewer.ask("GET", ONE)
    assert (reply.status, reply["code"]) == (404, "file-order-source-unknown")


def test_an_account_sees_only_what_lies_in_its_folders(stranger: Api) -> None:
    assert stranger.ask("GET", ONE).status in (401, 403, 404)


def test_what_is_released_is_forgotten(controller: ControllerStub, viewer: Api) -> None:
    arises(controller, "a.csv")
    released = FilesReleased(PATH, None, over=True)
    controller.take([(subject(rules.KIND, PATH), released)])
    controller.write_facts()
    assert viewer.get(ONE)["state"] == "starting"
