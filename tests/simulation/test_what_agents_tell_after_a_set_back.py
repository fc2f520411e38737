"""What an agent tells of children after the controller's database was set back in time.

What is told may be of another fork of the same order, or of an order of the same id that is lost.
"""

from typing import Any

import pytest
from msgspec.structs import replace

from agents.protocol import Attach, Drop, Holding, SetMark, decode_down
from controller import listing
from engine.order import model as m
from engine.order import requests as rq
from engine.position import Position
from tests.simulation.scenes import AGENT, PROMPT, Night, attempt, fork, run

X = "a|x"


@pytest.fixture
def night() -> Night:
    """Return an order in the fork of its first try; x is on its way to an agent, y waits."""
    night = Night(attempt(fork([run(), PROMPT], [PROMPT])))
    night.system.agents[AGENT].down()
    night.add()
    assert (night.state(), row(night).agent) == ("Forked", AGENT)
    return night


def row(night: Night, order_id: str = X) -> m.Order:
    """Return an order as its row holds it."""
    return night.system.store.rows[order_id].order


def known_there(night: Night, **changes: Any) -> m.Order:
    """Return x as an agent knows it that owned it in a time which the controller has lost."""
    known = row(night)
    position = (*known.position[:-1], 1)
    return replace(known, held=None, **{"own_no": 7, "position": position, **changes})


def tell(
    night: Night, told: m.Order, *, held: bool = False, state: str = "coupled"
) -> list[object]:
    """Let the agent tell of an order; returns what it is sent for that."""
    controller = night.system.controller
    turn = controller.new_turn()
    turn.out.link(AGENT).state = state
    turn.reported(AGENT, 1, Holding(told, held))
    return [decode_down(body) for _, _, body in controller.commit(turn).outbox]


def second_try(order: m.Order) -> Position:
    """Return the same place in the try that follows."""
    return (order.position[0], "try+1", *order.position[2:])


def test_a_child_told_of_in_the_present_fork_is_believed(night: Night) -> None:
    tell(night, known_there(night))
    assert (row(night).state, row(night).own_no) == (m.Prompting("Go on?"), 7)


@pytest.mark.parametrize("elsewhere", ["second try", "other workflow"])
def test_a_child_of_another_fork_takes_no_place_in_the_present_one(
    night: Night, elsewhere: str
) -> None:
    told = known_there(night, run=row(night).run + 3)
    in_try = elsewhere == "second try"
    told = replace(told, position=second_try(told)) if in_try else replace(told, workflow="other")
    sent = tell(night, told, held=True)
    assert Drop(X, 7) in sent
    assert (row(night).workflow, row(night).position) == ("flow", (0, "try+0", 0, "fork+x", 0))


def test_a_child_that_the_agent_refuses_is_attached_above_what_it_knows(night: Night) -> None:
    told = known_there(night, run=row(night).run + 3)
    sent = tell(night, replace(told, position=second_try(told)))
    assert sent == [Attach(row(night))]
    assert row(night).ownership > told.ownership


@pytest.mark.parametrize("held", [True, False])
def test_a_wish_that_the_agent_has_not_heard_of_outlives_what_it_tells(
    night: Night, held: bool
) -> None:
    night.ask(rq.CancelOrders((X,)))
    assert row(night).mark == m.Mark("cancel")
    sent = tell(night, known_there(night, mark=None, state=m.Ready()), held=held)
    assert sent == ([SetMark(X, 7, m.Mark("cancel"))] if held else [])
    assert row(night).state == (m.Ready() if held else m.Cancelled())


def test_an_order_that_the_agent_has_dropped_already_is_attached_anew(night: Night) -> None:
    before = row(night)
    sent = tell(night, replace(before, held=None), state="listing")
    assert sent == [Attach(row(night))]
    assert row(night).ownership > before.ownership


def test_children_that_come_again_with_their_parent_have_no_results_of_the_earlier_ones() -> None:
    night = Night(fork([run(), PROMPT], [PROMPT]))
    night.add()
    night.wait(1)
    assert [r.label for r in results(night)] == ["load"]
    night.system.agents[AGENT].down()
    told = replace(row(night, "a"), state=m.Ready(), own_no=7)
    tell(night, told)
    assert (row(night).state, results(night)) == (m.Ready(), ())


def results(night: Night) -> tuple[m.Result, ...]:
    """Return the results of x as they are stored."""
    return night.system.store.orders([X])[X][0].results


def cancelled(night: Night) -> m.Order:
    """Have x end while its parent waits for y; returns it as the agent knows it."""
    told = known_there(night)
    tell(night, known_there(night, own_no=2))
    assert night.ask(rq.CancelOrders((X,))).ok
    assert row(night).state == m.Cancelled()
    return told


def test_a_child_whose_end_its_parent_has_heard_does_not_come_back(night: Night) -> None:
    told = cancelled(night)
    assert tell(night, told, held=True) == [Drop(X, told.own_no)]
    assert row(night).state == m.Cancelled()
    assert night.ask(rq.CancelOrders(("a",), deep=True)).ok
    assert night.state() == "Cancelled"


def test_without_the_rule_its_end_would_be_told_twice(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "may_replace", lambda *_: True)
    with pytest.raises(AssertionError):
        test_a_child_whose_end_its_parent_has_heard_does_not_come_back(night)
