"""What pages say about verbs: titles that read as English, results that say what is true now."""

import pytest

from cockpit.pages.plan_dialogs import PLAN_DIALOGS, PLAN_WORDS
from cockpit.pages.verb_dialogs import DIALOGS
from cockpit.pages.verb_results import WORDS, result_of, title_of
from engine.order import model as m
from engine.order.requests import Answered


def order(order_id: str, **changes: object) -> m.Order:
    """Return an order as it is after a verb."""
    return m.Order(id=order_id, workflow="w", version="v", **changes)  # type: ignore[arg-type]


def said(verb: str, *orders: m.Order, gone: tuple[str, ...] = ()) -> str:
    """Return what is said of a verb that orders took; `gone` have left with it."""
    ids = [*gone, *(o.id for o in orders)]
    answers = [Answered(i, ok=True) for i in ids]
    return result_of(verb, answers, {o.id: o for o in orders})


def test_every_verb_has_its_words() -> None:
    assert WORDS.keys() == DIALOGS.keys()
    assert PLAN_WORDS.keys() == PLAN_DIALOGS.keys()


@pytest.mark.parametrize(
    ("verb", "count", "title"),
    [
        ("priority", 3, "Change the priority of 3 orders"),
        ("suspend", 1, "Suspend 1 order"),
        ("continue", 2, "Continue 2 orders now"),
    ],
)
def test_titles_are_sentences(verb: str, count: int, title: str) -> None:
    assert title_of(verb, count) == title


def test_what_has_taken_effect_is_told_with_the_state_now() -> None:
    assert said("suspend", order("#a", state=m.Ready(), suspended=True)) == "Suspended: #a."
    assert said("resume", order("#a", state=m.Ready())) == "Resumed: #a, now ready."
    assert said("cancel", gone=("#a",)) == "Cancelled: #a."


def test_what_takes_effect_later_is_not_called_done() -> None:
    runs = order("#a", state=m.Processing("r:1", 1), mark=m.Mark("suspend"))
    assert said("suspend", runs) == "#a will be suspended; it is running now."
    assert said("priority", runs) == "Priority changed: #a, now running."  # another verb's mark


def test_of_many_both_are_counted() -> None:
    still = order("#b", state=m.Ready(), suspended=True)
    runs = order("#a", state=m.Processing("r:1", 1), mark=m.Mark("suspend"))
    assert said("suspend", still, order("#c", suspended=True)) == "Suspended: 2 orders."
    assert said("suspend", runs, still) == (
        "Suspended: 1 order. 1 order will be suspended, each at its next safe point."
    )
    assert said("cancel", gone=("#x", "#y")) == "Cancelled: 2 orders."
