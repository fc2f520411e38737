"""An error of the program while one request is decided refuses that one and ends nothing."""

from typing import Any

import pytest
from msgspec.structs import replace

from controller import requests
from engine.order.commands import carry_out
from engine.order.requests import AddOrders, CancelOrders, NewOrder, PostNotice, TransferOrders
from simulation.system import System

FLOW = {"instructions": [{"TYPE": "Prompt", "question": "'go on?'"}]}


def test_the_others_of_a_request_are_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    system = System({}, {})
    system.deploy({"flow": FLOW})
    system.ask(AddOrders((NewOrder("a", "flow"), NewOrder("b", "flow"))))

    def wrong_for_a(world: Any, order_id: str, verb: Any) -> Any:
        if order_id == "a":
            raise IndexError("an oversight")
        return carry_out(world, order_id, verb)

    monkeypatch.setattr(requests, "carry_out", wrong_for_a)
    first, second = system.ask(CancelOrders(("a", "b"))).answers

    assert (first.code, first.ok, second.ok) == ("internal", False, True)
    assert system.store.rows.keys() == {"a"}
    monkeypatch.undo()
    assert system.ask(CancelOrders(("a",))).ok


def test_an_order_of_a_version_that_nobody_has_refuses_the_transfer() -> None:
    system = System({}, {})
    system.deploy({"flow": FLOW})
    system.ask(AddOrders((NewOrder("a", "flow"),)))
    row = system.store.rows["a"]
    row.order = replace(row.order, version="lost with a database")
    system.controller.world.orders.clear()

    answers = system.ask(TransferOrders("flow")).answers

    assert [(a.code, a.ok) for a in answers] == [("not-applicable", False)]
    assert "was never taken over" in (answers[0].sentence or "")
    assert system.ask(CancelOrders(("a",))).ok


def test_an_oversight_about_a_board_refuses_that_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: Any) -> Any:
        raise IndexError("an oversight")

    monkeypatch.setattr(requests, "control", wrong)
    answers = System({}, {}).ask(PostNotice("board", "n")).answers
    assert [(a.id, a.code) for a in answers] == [("board", "internal")]
