"""The way of an order that was transferred, drawn in the version that it is in now."""

from typing import Any

import pytest
from django.test import Client

from cockpit.api.orders.load import forget_programs
from cockpit.pages import former_places
from controller.models import DeployedItem
from engine.order import events as e
from engine.order import model as m
from tests.component.api.controller_stub import WORKFLOW, ControllerStub
from tests.component.api.lives import followed, lived
from tests.journal_writing import BEGIN_US, Step, added, one_job

PATH = "demo/report"
ASK = {"TYPE": "Prompt", "question": "'Go on?'"}
LOAD = {"TYPE": "Execute.Named", "jobName": "work", "label": "first"}
SLEEP = {"TYPE": "Sleep", "duration": "60", "label": "nap"}
VERSIONS: dict[str, list[dict[str, Any]]] = {
    "v1": [LOAD, SLEEP, ASK],
    "v2": [{**ASK, "label": "new"}, LOAD, SLEEP, ASK],
    "v3": [{"TYPE": "Segment", "block": {"instructions": [LOAD, SLEEP]}}, ASK],
}


@pytest.fixture(autouse=True)
def deployed(controller: ControllerStub) -> None:
    for version, instructions in VERSIONS.items():
        controller.deploy(PATH, {**WORKFLOW, "instructions": instructions}, version)


def transferred_twice() -> list[Step]:
    """An order that has run a job and slept, and was then transferred to two newer versions."""
    begin = added("a", workflow=PATH, version="v1")
    returned = m.Outcome("succeeded", 0)
    return [
        begin,
        *one_job("a", "r:1", returned)[:-1],
        ("a", e.OrderProcessed("r:1", returned, None, BEGIN_US + 2)),
        ("a", e.OrderMoved((1,))),
        ("a", e.OrderSleeping(BEGIN_US + 3)),
        ("a", e.OrderMoved((2,))),
        ("a", e.OrderTransferred("v2", (3,))),
        ("a", e.OrderTransferred("v3", (1,))),
    ]


def marks(owner: Client) -> dict[str, str]:
    """Return how it went at each place, as the diagram of the order shows it."""
    found: dict[str, str] = owner.get("/orders/a/tokens/").json()["highlights"]
    return found


def test_what_was_left_before_a_transfer_is_drawn_where_it_is_now(owner: Client) -> None:
    followed(lived(*transferred_twice()))
    assert marks(owner) == {"0/segment/0": "finished", "0/segment/1": "finished"}


def test_a_place_that_is_not_brought_along_is_found(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(former_places.FormerPlaces, "now", lambda _self, _no, position: position)
    with pytest.raises(AssertionError):
        test_what_was_left_before_a_transfer_is_drawn_where_it_is_now(owner)


def test_of_a_version_that_nobody_knows_any_more_nothing_is_drawn(owner: Client) -> None:
    steps = transferred_twice()
    followed(lived(*steps))
    DeployedItem.objects.filter(path=PATH, version="v2").delete()
    forget_programs()
    assert marks(owner) == {}


def test_the_history_tells_of_a_transfer_to_the_same_place(owner: Client) -> None:
    followed(lived(*transferred_twice()[:-2], ("a", e.OrderTransferred("v2"))))
    [*_, last] = owner.get("/api/v1/orders/a/events/").json()["events"]
    assert (last["outcome"], last["note"]) == ("transferred", "is in version v2 now")
