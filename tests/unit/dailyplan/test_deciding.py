"""Every verb in every state: accepted, refused, or in conflict with a taking back under way."""

import pytest

from dailyplan.state import PlanState
from dailyplan.verbs import asking as v
from dailyplan.verbs.deciding import refusal
from tests.unit.dailyplan.test_difference import DAY, NOON, row

P, S, R = PlanState.PLANNED, PlanState.SUBMITTED, PlanState.STARTED
E, F, C, X = PlanState.FINISHED, PlanState.FAILED, PlanState.CANCELLED, PlanState.REMOVED

SINGLE: dict[v.PlanVerb, set[PlanState]] = {
    v.Submit(): {P}, v.Cancel(): {S, E, C}, v.Remove(): {P, X}, v.Restore(): {X},
    v.LetRun(): {P, S}, v.Copy(DAY): {P, S, R, E, F, C, X}, v.Change(shift_s=1): {P, S},
}  # fmt: skip
CYCLIC = {**SINGLE, v.Cancel(): {S}, v.LetRun(): set(), v.Change(repeat_s=5): {P, S}}
VERBS = [*SINGLE]


@pytest.mark.parametrize("state", PlanState)
@pytest.mark.parametrize("number", range(len(VERBS)))
def test_single_orders_take_verbs_by_their_state(number: int, state: PlanState) -> None:
    verb = VERBS[number]
    found = refusal(row(NOON, state=state), verb)
    assert (found is None) is (state in SINGLE[verb])
    assert found is None or found.sentence.endswith(".")


@pytest.mark.parametrize("state", PlanState)
@pytest.mark.parametrize("verb", [v.Cancel(), v.LetRun(), v.Change(repeat_s=5)])
def test_cyclic_periods_take_verbs_by_their_state(verb: v.PlanVerb, state: PlanState) -> None:
    found = refusal(row(NOON, state=state, repeat_s=60, end_us=NOON + 1), verb)
    assert (found is None) is (state in CYCLIC[verb])


@pytest.mark.parametrize("number", range(len(VERBS)))
def test_what_is_being_taken_back_takes_nothing_but_a_copy_or_the_same_again(number: int) -> None:
    verb = VERBS[number]
    found = refusal(row(NOON, state=S), verb, taken_back=True)
    if isinstance(verb, v.Copy | v.Cancel):
        assert found is None
    else:
        assert found
        assert found.code == "being-taken-back"


def test_only_cyclic_periods_have_an_end_and_a_repeat() -> None:
    assert refusal(row(NOON), v.Change(repeat_s=5))
