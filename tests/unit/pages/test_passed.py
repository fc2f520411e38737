"""Which instructions an order has passed, by the states of its way."""

from cockpit.pages.passed import Stay, passed, worst
from engine.order import events as e
from engine.steps import control, job, notices, pause
from history.notes import outcome_of


def way(*stays: str) -> list[Stay]:
    """Return stays from texts such as `Ready 0/then/1`."""
    return [Stay(state, position) for state, position in (text.split() for text in stays)]


def test_what_is_left_behind_has_finished_and_what_was_entered_only_is_not_told() -> None:
    inside = way("Ready 0", "Ready 0/then/0", "Sleeping 0/then/0", "Ready 0/then/1")
    assert passed(inside) == {"0/then/0": "finished"}
    assert passed([*inside, *way("Ready 1")]) == {
        "0": "finished", "0/then/0": "finished", "0/then/1": "finished",
    }  # fmt: skip


def test_what_threw_an_order_into_the_catch_has_failed_and_its_try_has_not() -> None:
    caught = passed(way("Ready 0", "Ready 0/try+0/0/lock/0", "Ready 0/catch+0/0", "Ready 1"))
    assert caught == {
        "0/try/0": "failed", "0/try/0/lock/0": "failed", "0/catch/0": "finished", "0": "finished",
    }  # fmt: skip


def test_a_failure_is_told_as_one_behind_an_empty_catch_too() -> None:
    stays = [Stay("Ready", "3/try+0/0"), Stay("Ready", "4", outcome="failed")]
    assert passed(stays) == {"3/try/0": "failed", "3": "finished"}


def test_what_went_well_is_no_failure_whatever_is_said_about_it() -> None:
    events = (
        e.OrderNoticesPosted((), (1,), 0),
        e.OrderNoticesRead((1,)),
        e.OrderNoticesConsumed((0,), ok=True),
        e.OrderMoved((1,), "as the operator says"),
    )
    for event in events:
        stays = [Stay("Ready", "0/try+0/0"), Stay("Ready", "1", outcome=outcome_of(event))]
        assert passed(stays) == {"0/try/0": "finished", "0": "finished"}, event


def test_what_comes_after_a_lock_is_given_back_tells_how_its_block_was_left() -> None:
    back = way("Prompting 0/lock/0/lock/1", "Ready 0/lock/0", "Ready 0")
    places = ("0/lock/0/lock/1", "0/lock/0", "0")
    assert passed([*back, *way("Ready 1")]) == dict.fromkeys(places, "finished")
    assert passed([*back, *way("Failed 0")]) == dict.fromkeys(places, "failed")
    assert passed([*back, *way("Cancelled 0")]) == dict.fromkeys(places, "cancelled")
    caught = way("Ready 0/try+0/0/lock/0", "Ready 0/try+0/0", "Ready 0/catch+0/0")
    assert passed(caught) == {"0/try/0/lock/0": "failed", "0/try/0": "failed"}
    assert passed(way("Ready 0/cycle+1/1", "BetweenCycles 0")) == {"0/cycle/1": "finished"}


def test_the_newest_try_counts_and_so_does_the_newest_round() -> None:
    tried = way("Ready 0/try+0/0", "Ready 0/catch+0/0", "DelayingRetry 0/try+1/0", "Ready 1")
    assert passed(tried) == {"0/try/0": "finished", "0/catch/0": "finished", "0": "finished"}
    rounds = way("BetweenCycles 0", "Ready 0/cycle+a,1/0", "Ready 0/cycle+a,2/0")
    assert passed(rounds) == {"0/cycle/0": "finished"}


def test_an_instruction_that_was_passed_by_is_not_shown_as_run() -> None:
    for reason in (control.SKIPPED, job.NOT_ADMITTED, pause.NOT_ADMITTED, notices.NOT_ANNOUNCED):
        outcome = outcome_of(e.OrderMoved((1,), reason))
        by = [Stay("Ready", "0"), Stay("Ready", "1", outcome=outcome)]
        assert passed(by) == {"0": "cancelled"}, reason


def test_where_an_order_was_put_elsewhere_by_a_person_nothing_has_finished() -> None:
    assert passed([Stay("Ready", "3", suspended=True), Stay("Ready", "0")]) == {}
    assert passed(way("Failed 3/lock/0", "Ready 0")) == {"3/lock/0": "failed"}


def test_a_transfer_to_another_position_passes_nothing() -> None:
    outcome = outcome_of(e.OrderTransferred("v2", (2,)))
    stays = [Stay("WaitingForLock", "1"), Stay("WaitingForLock", "2", outcome=outcome)]
    assert passed(stays) == {}
    assert outcome_of(e.OrderTransferred("v2")) == outcome


def test_an_order_that_has_ended_tells_where() -> None:
    assert passed(way("Failed 0/lock/1")) == {"0/lock/1": "failed"}
    assert passed(way("Stopped 2")) == {"2": "failed"}
    assert passed(way("Cancelled 2")) == {"2": "cancelled"}
    assert passed(way("Finished 1/then/0")) == {"1": "finished", "1/then/0": "finished"}
    unsuccessful = [Stay("Finished", "1", outcome="failed")]
    assert passed(unsuccessful) == {"1": "failed"}


def test_a_child_tells_nothing_of_the_fork_that_made_it() -> None:
    stays = way("Ready 0/then/1/fork+eu/0", "Finished 0/then/1/fork+eu/1")
    assert passed(stays, generation=1) == {
        "0/then/1/fork+eu/0": "finished", "0/then/1/fork+eu/1": "finished",
    }  # fmt: skip
    grandchild = way("Ready 0/fork+eu/0/fork/0", "Finished 0/fork+eu/0/fork/1")
    assert passed(grandchild, generation=2) == {
        "0/fork+eu/0/fork/0": "finished", "0/fork+eu/0/fork/1": "finished",
    }  # fmt: skip


def test_of_several_orders_at_one_place_the_one_that_failed_is_shown() -> None:
    assert worst([{"0": "failed", "1": "running"}, {"0": "finished", "1": "finished"}]) == {
        "0": "failed", "1": "running",
    }  # fmt: skip
