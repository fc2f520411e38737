"""All situations that one notice and a few orders can come into; `make soak` sees them all."""

import pytest
from msgspec.structs import replace

from engine import instances
from engine.facts import Instance
from engine.instances import after_block
from engine.objects.model import Policy
from tests.property.notices.model import Bounds
from tests.property.notices.search import POLICIES, WRONG, searched

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


@pytest.mark.parametrize("policy", POLICIES)
def test_no_policy_is_violated_in_any_situation_of_two_workflows(policy: str) -> None:
    found = searched(Bounds(workflows=("left", "right"), policy=policy, deletes=0, cancels=0))
    assert found.problem is None, found.way
    assert found.whole
    assert found.states > 5_000


@pytest.mark.parametrize("policy", POLICIES)
def test_deleting_by_force_violates_nothing(policy: str) -> None:
    bounds = Bounds(policy=policy, deletes=0, posts=2, forces=1)
    found = searched(bounds, most=12_000)
    assert found.problem is None, found.way


@pytest.mark.parametrize("taken", POLICIES)
@pytest.mark.parametrize("policy", POLICIES)
def test_one_policy_taken_for_another_is_found(
    policy: str, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(instance: Instance, workflow: str, *, ok: bool, no: int) -> Instance:
        after = after_block(replace(instance, policy=Policy(taken)), workflow, ok=ok, no=no)
        return replace(after, policy=instance.policy)

    monkeypatch.setattr(instances, "after_block", other)
    bounds = Bounds(workflows=("left", "right"), posts=1, deletes=0, policy=policy)
    found = searched(bounds, breadth=True, most=20_000)
    assert (found.problem is None) == (policy == taken), found.way
