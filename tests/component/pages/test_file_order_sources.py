"""The pages of file order sources, and the file on the page of its order."""

import pytest
from django.test import Client

from controller.models import DeployedItem
from engine.files import rules
from engine.files.state import Arising
from engine.order.object_events import FileSourceTold, subject
from tests.component.api import history_rows
from tests.component.api.controller_stub import WORKFLOW, ControllerStub
from tests.component.pages.reading import text_of

PATH = "demo/incoming"
LIST, ONE = "/resources/file-order-sources/", f"/resources/file-order-sources/{PATH}/"
NAME = "<script>alert(1)</script>\n\u202e.csv"


@pytest.fixture(autouse=True)
def site(controller: ControllerStub) -> None:
    declared = {"parameters": {"file": {"type": "String"}}}
    controller.deploy("demo/load", {**WORKFLOW, "orderPreparation": declared})
    document = {"workflowName": "load", "agentName": "agent-1", "directory": "/data/in"}
    controller.put_object("fileordersource", PATH, document)


def arises(controller: ControllerStub, name: str = NAME) -> str:
    """Let a file come; returns its order."""
    world = controller.world
    arising = Arising("run-1", 1_767_225_600_000_000, f"/data/in/{name}", "", "1.1.1.1")
    controller.take(rules.arose(world, PATH, name, arising))
    controller.take(rules.add(world, PATH, name, controller.now_us))
    return world.file(PATH, name).order


def test_a_source_is_listed_with_its_state_directory_and_files(
    owner: Client, controller: ControllerStub
) -> None:
    arises(controller)
    told = FileSourceTold(PATH, "/data/in: Permission denied.", 5)
    controller.take([(subject(rules.KIND, PATH), told)])
    text = text_of(owner.get(LIST))
    assert f"{PATH} problem /data/in: Permission denied. /data/in agent-1 load 1" in text
    assert "No file order source matches" in text_of(owner.get(LIST, {"q": "nothing"}))


def test_a_file_leads_to_its_order_and_the_order_to_its_file(
    owner: Client, controller: ControllerStub
) -> None:
    order_id = arises(controller)
    history_rows.make_room()
    history_rows.order_run(order_id, workflow="demo/load", state="Fresh", group="scheduled")
    page = owner.get(ONE)
    content = page.content.decode()
    assert "<script>alert" not in content
    assert "\u202e" not in content
    assert "\\x0a\\u202e.csv" in content
    assert "has its order" in text_of(page)
    links = [part.partition('"')[0] for part in content.split('href="')]
    (href,) = {link for link in links if link.startswith("/orders/%23")}
    order = owner.get(href)
    assert order.status_code == 200
    assert f"/data/in/<script>alert(1)</script>\\x0a\\u202e.csv by {PATH}" in text_of(order)
    assert f'href="{ONE}"' in order.content.decode()


def test_why_a_file_has_no_order_is_shown(owner: Client, controller: ControllerStub) -> None:
    controller.world.name("demo/load", "")
    arises(controller, "a.csv")
    text = text_of(owner.get(ONE))
    assert "1 wait for their order" in text
    assert "a.csv no order yet" in text
    assert "No workflow load is deployed." in text


def test_a_source_that_is_not_there_is_not_found(owner: Client) -> None:
    assert owner.get("/resources/file-order-sources/demo/none/").status_code == 404


def test_without_sources_one_can_be_written(owner: Client) -> None:
    DeployedItem.objects.filter(path=PATH).delete()
    content = owner.get(LIST).content.decode()
    assert "/inventory/fileordersource/-/new/" in content
