"""The values that a declared variable may have, listed with quotes or without."""

import pytest

from engine.order.parameters import argument_problems
from engine.workflow.allowed import allowed_values
from engine.workflow.model import OrderPreparation, Parameter, Workflow
from engine.workflow.program import Program

LISTS = [("eu", "us"), ("'eu'", "'us'"), ('"eu"', '"us"')]


@pytest.mark.parametrize("listed", LISTS)
def test_an_argument_is_the_text_itself_however_the_list_quotes_it(listed: tuple[str, ...]) -> None:
    declared = OrderPreparation({"region": Parameter(default="'eu'", list=listed)})
    flow = Program("flow", "1", Workflow((), {}, order_preparation=declared))
    assert argument_problems(flow, {"region": "us"}) == []
    for wrong in ("'us'", "asia", ""):
        (line,) = argument_problems(flow, {"region": wrong})
        assert line == "arguments.region: It is not among the allowed values."


def test_what_is_no_quoted_text_is_listed_as_it_is() -> None:
    listed = (1, True, "it's", "'a' ++ 'b'", '"$x"')
    assert allowed_values(Parameter(list=listed)) == listed
    assert allowed_values(Parameter()) is None
