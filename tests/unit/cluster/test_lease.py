"""The pure judgement over a lease: timings, silence, phases, the window to act."""

import pytest

from cluster.failures import BadLeaseConfig, BadRoleName
from cluster.lease import (
    COCKPIT,
    CONTROLLER,
    Decider,
    Held,
    LeaseConfig,
    Phase,
    Reason,
    Seen,
    Silence,
    Token,
)
from cluster.names import advisory_key, checked, writer

ANNE = Seen(term=3, beat=10, holder="anne/1", phase=Phase.ACTIVE)


def looks(decider: Decider, seen: Seen, seconds: float, *, coupled: bool = True) -> Reason:
    """Looks every quarter of a second at an unchanging row; returns the last reason."""
    ticks = int(seconds * 4)
    decisions = [decider.observe(seen, tick / 4, coupled=coupled) for tick in range(ticks + 1)]
    return decisions[-1].reason


def test_the_profiles_of_controller_and_cockpit_are_consistent() -> None:
    assert (CONTROLLER.beat_s, CONTROLLER.self_fence_s, CONTROLLER.lost_s) == (0.5, 2.0, 2.5)
    assert (COCKPIT.beat_s, COCKPIT.self_fence_s, COCKPIT.lost_s) == (1.0, 4.0, 5.0)


def test_contradicting_timings_are_refused_with_all_problems_at_once() -> None:
    with pytest.raises(BadLeaseConfig) as refused:
        LeaseConfig(beat_s=1.0, self_fence_s=2.0, lost_s=2.1, poll_s=-1)
    sentences = str(refused.value)
    assert "poll_s must be positive" in sentences
    assert "self_fence_s must be at least 3 x beat_s" in sentences
    assert "lost_s must exceed self_fence_s by 0.4 s" in sentences


def test_a_vacant_role_is_taken_at_once() -> None:
    vacant = Seen(term=0, beat=0, holder=None, phase=Phase.RELEASED)
    assert looks(Decider("bert", CONTROLLER), vacant, 0) is Reason.VACANT


def test_a_silent_holder_is_lost_after_the_limit_and_not_before() -> None:
    assert looks(Decider("bert", CONTROLLER), ANNE, 2.25) is Reason.BEATING
    assert looks(Decider("bert", CONTROLLER), ANNE, 2.5) is Reason.SILENT


def test_a_beat_starts_the_silence_anew() -> None:
    decider = Decider("bert", CONTROLLER)
    looks(decider, ANNE, 2.25)
    beaten = Seen(term=3, beat=11, holder="anne/1", phase=Phase.ACTIVE)
    assert decider.observe(beaten, 2.5).silent_s == 0.0


def test_a_wish_to_switch_over_is_no_sign_of_life() -> None:
    decider = Decider("bert", CONTROLLER)
    looks(decider, ANNE, 2.25)
    wished = Seen(term=3, beat=10, holder="anne/1", phase=Phase.ACTIVE, intended="bert")
    assert decider.observe(wished, 2.5).reason is Reason.SILENT


def test_an_own_failed_query_is_not_the_holders_silence() -> None:
    decider = Decider("bert", CONTROLLER)
    looks(decider, ANNE, 2.25)
    decider.blind()
    assert decider.observe(ANNE, 2.5).reason is Reason.BEATING


def test_an_observer_that_was_frozen_itself_starts_from_zero() -> None:
    decider = Decider("bert", CONTROLLER)
    looks(decider, ANNE, 1)
    assert decider.observe(ANNE, 60.0).silent_s == 0.0


def test_a_standby_that_is_not_coupled_lets_others_go_first() -> None:
    assert looks(Decider("bert", CONTROLLER), ANNE, 4.25, coupled=False) is Reason.BEATING
    assert looks(Decider("bert", CONTROLLER), ANNE, 4.5, coupled=False) is Reason.SILENT


def test_standbys_of_higher_rank_wait_longer() -> None:
    assert looks(Decider("carl", CONTROLLER, rank=2), ANNE, 3.0) is Reason.BEATING
    assert looks(Decider("carl", CONTROLLER, rank=2), ANNE, 3.25) is Reason.SILENT


@pytest.mark.parametrize(
    ("intended", "node", "reason"),
    [
        (None, "bert", Reason.HANDED_OVER),
        ("bert", "bert", Reason.HANDED_OVER),
        ("bert", "carl", Reason.PROMISED),
        ("bert", "anne", Reason.PROMISED),
    ],
)
def test_a_released_role_goes_to_the_node_it_was_promised_to(
    intended: str | None, node: str, reason: Reason
) -> None:
    released = Seen(term=3, beat=10, holder="anne/1", phase=Phase.RELEASED, intended=intended)
    assert looks(Decider(node, CONTROLLER), released, 0) is reason


def test_a_promised_role_that_nobody_takes_goes_to_anybody() -> None:
    released = Seen(term=3, beat=10, holder="anne/1", phase=Phase.RELEASED, intended="bert")
    assert looks(Decider("anne", CONTROLLER), released, 2.5) is Reason.SILENT


def test_a_role_that_was_shut_down_waits_for_its_own_node() -> None:
    down = Seen(term=3, beat=10, holder="anne/1", phase=Phase.SHUTDOWN)
    assert looks(Decider("bert", CONTROLLER), down, 60) is Reason.SHUT_DOWN
    assert looks(Decider("anne", CONTROLLER), down, 0) is Reason.RETURNED


def test_a_draining_holder_that_dies_is_replaced() -> None:
    draining = Seen(term=3, beat=10, holder="anne/1", phase=Phase.DRAINING, intended="bert")
    assert looks(Decider("carl", CONTROLLER), draining, 2.5) is Reason.SILENT


def test_the_window_to_act_counts_from_before_the_beat_was_sent() -> None:
    held = Held(Token("controller", 1, "anne/1"), 0.0).renewed(100.0, CONTROLLER)
    assert held.covers(101.999)
    assert not held.covers(102.0)


def test_silence_is_measured_per_mark() -> None:
    silence = Silence(gap_s=1.0)
    assert [silence.seconds(mark, at) for mark, at in [("a", 0), ("a", 1), ("b", 2), ("b", 3)]] == [
        0,
        1,
        0,
        1,
    ]


@pytest.mark.parametrize("name", ["", "a:b", "a/b", "-x", "x" * 41, "ö", "a b"])
def test_names_that_would_confuse_session_names_are_refused(name: str) -> None:
    with pytest.raises(BadRoleName, match="role"):
        checked("role", name)


def test_session_names_fit_what_the_database_keeps() -> None:
    longest = Token("r" * 40, 10**12, "n" * 40 + "/0123abcd")
    assert writer(longest)[:63].startswith("w:" + "r" * 40 + ":")


def test_each_role_has_a_lock_of_its_own_that_never_changes() -> None:
    assert advisory_key("controller") != advisory_key("cockpit")
    assert advisory_key("controller") == 1663721955190644024
    assert -(2**63) <= advisory_key("cockpit") < 2**63
