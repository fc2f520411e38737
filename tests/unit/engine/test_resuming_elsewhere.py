"""Where an order may be resumed, what it forgets on the way, and why not elsewhere."""

from typing import Any

import pytest
from msgspec.structs import replace

from engine.errors import CommandRefused
from engine.order import events as e
from engine.order import model as m
from engine.order.commands import carry_out
from engine.order.places import places
from engine.order.requests import ResumeOrders
from engine.order.resume import _rounds_kept, reachable
from engine.position import Position, from_text, to_text
from tests.unit.engine.standing import program, standing

INTO_LOCK = "An order cannot be moved into a lock."
INTO_FORK = "An order cannot be moved into the branch of a fork."


def resumed(order: m.Order, to: str, **more: Any) -> e.OrderResumed:
    """Return the event by which an order is resumed at a position."""
    world, _ = standing("Failed")
    world.put(order)
    [(_, event)] = carry_out(world, "o", ResumeOrders(("o",), position=to, **more))
    assert isinstance(event, e.OrderResumed)
    return event


def failed(position: Position = (0,), **more: Any) -> m.Order:
    """Return a failed order at a position."""
    return replace(standing("Failed")[1], position=position, **more)


def test_every_place_of_the_workflow_has_an_answer() -> None:
    told = reachable(program(), failed())
    assert list(told) == [to_text(at) for at in places(program())]
    assert {at: why for at, why in told.items() if why} == {
        "1/fork+x/0": INTO_FORK,
        "6/lock/0": INTO_LOCK,
    }


def test_the_answers_are_those_of_the_verb() -> None:
    for order in (failed(), failed((6, "lock", 0), state=m.Stopped())):
        for at, why in reachable(program(), order).items():
            if why is None:
                resumed(order, at)
                continue
            with pytest.raises(CommandRefused) as refused:
                resumed(order, at)
            assert (refused.value.code, refused.value.sentence) == ("position-unreachable", why)


def test_an_order_stopped_in_a_lock_stays_in_it() -> None:
    told = reachable(program(), failed((6, "lock", 0), state=m.Stopped()))
    assert told["6/lock/0"] is None
    assert told["0"] == "An order cannot be moved out of a lock."
    assert told["1/fork+x/0"] == INTO_FORK


def test_an_order_that_runs_one_block_stays_in_it() -> None:
    told = reachable(program(), failed((2, "try+0", 0), block=(2, "try")))
    assert [at for at, why in told.items() if why is None] == ["2/try/0"]


@pytest.mark.parametrize(
    ("stands", "to", "goes"),
    [
        ("2/try+2/0", "2/try/0", "2/try+0/0"),  # tries begin anew
        ("5/cycle+abc/0", "5/cycle/0", "5/cycle+abc/0"),  # the cycle goes on
        ("0", "5/cycle/0", "5/cycle/0"),
        ("2/try+1/0/lock/1", "2/try/0/lock/0", "2/try+1/0/lock/0"),  # still the same lock
    ],
)
def test_the_blocks_that_an_order_stays_in_keep_their_counts(
    stands: str, to: str, goes: str
) -> None:
    order = failed(from_text(stands))
    position = tuple(f"{part}+0" if part == "try" else part for part in from_text(to))
    assert _rounds_kept(order, position) == from_text(goes)


def result(at: str, **values: Any) -> m.Result:
    """Return what an instruction left."""
    return m.Result(from_text(at), None, "job", values)


def test_what_was_born_behind_the_position_is_forgotten() -> None:
    results = (result("0", a=1), result("2/try+0/0", b=2), result("2/catch+0/0", c=3))
    assert resumed(failed((3,), results=results), "2/try/0").results == results[:1]
    assert resumed(failed((3,), results=results), "3").results is None


def test_results_of_earlier_cycles_are_kept() -> None:
    results = (result("5/cycle+1/0", a=1), result("5/cycle+2/0", a=2))
    order = failed((5, "cycle+2", 0), results=results)
    assert resumed(order, "5/cycle/0").results == results[:1]


def test_changed_variables_take_their_place_by_name() -> None:
    order = failed((3,), results=(result("0", rows=7),), arguments={"region": "eu"})
    event = resumed(order, "3", variables={"rows": 8, "region": "us", "new": True})
    assert event.arguments == {"region": "us"}
    assert event.results == (result("0", rows=8), m.Result((3,), None, None, {"new": True}))
