"""Hints are held back until the history has the rows, and nothing is missed."""

from cockpit.live.changes import LONGEST_HOLD_S, MOST_IDS, Changed, Changes, ids_or_all
from controller.journal import Entry
from engine.order import events as e
from engine.order import model as m


def entry(no: int, order: str, event: e.OrderEvent | None = None) -> Entry:
    return Entry(no, 0, order, event or e.OrderStarted(0))


def test_a_change_is_told_when_the_history_has_its_row() -> None:
    changes = Changes()
    changes.take([entry(1, "a"), entry(2, "b"), entry(3, "a")], 10.0)
    assert changes.due(10.1) is None

    changes.readable(2)
    assert changes.due(10.2) == Changed(2, ("a", "b"))
    assert changes.waits
    changes.readable(3)
    assert changes.due(10.3) == Changed(3, ("a",))
    assert (changes.waits, changes.due(10.4)) == (False, None)


def test_a_history_that_stands_still_holds_no_hint_back_for_ever() -> None:
    changes = Changes()
    changes.take([entry(1, "a")], 10.0)
    assert changes.due(10.0 + LONGEST_HOLD_S) == Changed(1, ("a",))


def test_children_are_told_with_their_fork_and_belong_to_its_workflow() -> None:
    changes = Changes()
    changes.readable(9)
    added = e.OrderAdded(m.Order(id="a", workflow="w/x", version="1"))
    changes.take([entry(1, "a", added), entry(2, "a", e.OrderForked((("a|b", "b"),)))], 1.0)
    assert changes.due(1.0) == Changed(2, ("a", "a|b"))
    assert changes.workflow_of("a|b") == "w/x"
    assert changes.workflow_of("z") is None
    changes.know({"z": "w/z"})
    assert changes.workflow_of("z|1") == "w/z"


def test_a_page_is_told_what_it_missed() -> None:
    changes = Changes()
    changes.readable(9)
    changes.take([entry(n, f"o{n}") for n in (4, 5, 6)], 1.0)
    changes.due(1.0)
    assert changes.since(6) is None
    assert changes.since(4) == Changed(6, ("o5", "o6"))
    assert changes.since(3) == Changed(6, ("o4", "o5", "o6"))
    # Before what is in mind anything may have changed.
    assert changes.since(1) == Changed(6, ())


def test_too_many_ids_are_all() -> None:
    assert ids_or_all(["a"]) == ["a"]
    assert ids_or_all(["a"] * (MOST_IDS + 1)) is None
    assert ids_or_all([]) is None
