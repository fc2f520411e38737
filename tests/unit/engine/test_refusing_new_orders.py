"""A new order that is refused: all problems at once, and each with the field that it is about."""

from typing import Any

import pytest

from engine.errors import CommandRefused
from engine.order.add import add_order
from engine.order.requests import NewOrder
from engine.workflow.model import Finish, OrderPreparation, Parameter, Workflow
from engine.workflow.program import Program
from engine.world import World


def refused(order_id: str = "#1", **given: Any) -> CommandRefused:
    preparation = OrderPreparation({"day": Parameter()})
    world = World(complete=True)
    workflow = Workflow((Finish(label="end"),), order_preparation=preparation)
    world.programs["flow", "1"] = Program("flow", "1", workflow)
    world.name("flow", "1")
    with pytest.raises(CommandRefused) as found:
        add_order(world, NewOrder(order_id, "flow", **{"arguments": {"day": "x"}, **given}), 1)
    return found.value


def test_id_and_arguments_are_told_together() -> None:
    why = refused("a\n", arguments={"dya": "x"})
    assert why.code == "invalid"
    assert "id: " in why.sentence
    assert "dya" in why.sentence


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"start_position": "nowhere"}, "start_position"),
        ({"block_position": "0/then"}, "block_position"),
        ({"stop_positions": ("end", "7")}, "stop_positions[1]"),
    ],
)
def test_a_place_that_is_not_there_is_told_with_its_field(
    given: dict[str, Any], field: str
) -> None:
    why = refused(**given)
    assert why.code == "position-unknown"
    assert why.sentence.startswith(f"{field}: Workflow flow has no ")
