"""The page of an order that has ended: what it was asked, what it carried, which way it went."""

import pytest
from django.test import Client

from engine.order import events as e
from engine.order import model as m
from engine.order.secret import HIDDEN
from engine.steps.control import SKIPPED
from history.carried import NOT_KEPT
from history.models import OrderRunState
from tests.component.api.controller_stub import WORKFLOW, ControllerStub
from tests.component.api.lives import followed, lived
from tests.component.pages.reading import text_of
from tests.journal_writing import BEGIN_US, Step, added

STEP = {"TYPE": "Execute.Named", "jobName": "work"}
DOCUMENT = {
    **WORKFLOW,
    "orderPreparation": {"parameters": {"pw": {"secret": True}}},
    "instructions": [
        {
            "TYPE": "Try",
            "try": {"instructions": [{"TYPE": "Fail"}]},
            "catch": {"instructions": []},
        },
        {**STEP, "label": "passed-by"},
        {"TYPE": "Finish"},
    ],
}


@pytest.fixture(autouse=True)
def deployed(controller: ControllerStub) -> None:
    controller.deploy("demo/report", DOCUMENT)


def ended(reason: str = "") -> list[Step]:
    """An order that fails in a try, goes on behind its empty catch, and ends."""
    failure = m.Outcome("failed", None, reason, {"rows": 0, "pw": "clear"})
    return [
        added(
            "a",
            workflow="demo/report",
            version="v1",
            arguments={"who": "all"},
            position=(0, "try+0", 0),
            plan="Quarter|1",
            stop_positions=((2,),),
        ),
        ("a", e.OrderStarted(BEGIN_US)),
        ("a", e.OrderCaught((1,), failure)),
        ("a", e.OrderMoved((2,), SKIPPED)),
        ("a", e.OrderFinished(BEGIN_US + 9)),
    ]


def test_the_page_shows_what_an_order_was_asked_and_carried(owner: Client) -> None:
    followed(lived(*ended()))
    facts = text_of(owner.get("/orders/a/"))
    assert "Quarter|1" in facts
    assert "Ends at" in facts
    assert "with the controller" not in facts
    variables = text_of(owner.get("/orders/a/variables/"))
    for told in ("Effective at its end", "Left behind by 0/try+0/0", "rows", HIDDEN):
        assert told in variables, told
    assert "clear" not in variables


@pytest.mark.parametrize("reason", ["", "posted too late", "skipped: by its label"])
def test_a_failure_behind_an_empty_catch_is_told_whatever_its_message_says(
    owner: Client, reason: str
) -> None:
    followed(lived(*ended(reason)))
    marks = owner.get("/orders/a/tokens/").json()["highlights"]
    assert marks["0/try/0"] == "failed"
    assert marks["1"] == "cancelled"


def test_the_page_tells_an_end_before_the_history_has_followed(owner: Client) -> None:
    followed(lived(*ended())[:2])
    text = text_of(owner.get("/orders/a/variables/"))
    assert "Effective at its end" in text
    assert "rows" in text


def test_an_order_of_an_earlier_release_says_that_less_was_kept_of_it(owner: Client) -> None:
    followed(lived(*ended()))
    said = "It began under an earlier release"
    assert said not in text_of(owner.get("/orders/a/variables/"))
    OrderRunState.objects.update(carried=NOT_KEPT)
    text = text_of(owner.get("/orders/a/variables/"))
    assert said in text
    assert "who" in text
    assert "rows" not in text
