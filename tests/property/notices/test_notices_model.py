"""All situations that one notice and a few orders can come into; `make soak` sees them all."""

import pytest

from tests.property.notices.model import Bounds
from tests.property.notices.search import WRONG, searched

pytestmark = pytest.mark.timeout(300)

SMALL = Bounds(workflows=("left", "right"))
STATES = 36_000


def test_nothing_is_violated_in_any_situation_of_two_workflows() -> None:
    found = searched(SMALL)
    assert found.problem is None, found.way
    assert found.whole
    assert found.states > 20_000


def test_nothing_is_violated_in_many_situations_of_three_orders() -> None:
    found = searched(Bounds(), most=STATES)
    assert found.problem is None, found.way
    assert found.states >= STATES


@pytest.mark.parametrize("rule", WRONG)
def test_a_rule_that_is_known_to_be_wrong_is_found(rule: str) -> None:
    found = searched(Bounds(), rule, breadth=True, most=20_000)
    assert found.problem is not None
    assert len(found.way) <= 8
