"""What differs from another version is seen where it is, and counted where it is folded."""

from typing import Any

from cockpit.diagram.fold import Folds
from cockpit.diagram.overlay import Change, Overlay
from cockpit.diagram.svg import draw
from cockpit.diagram.view import Asked, Face, view_of
from engine.workflow.read import read_workflow

INNER = [{"TYPE": "Stop"}, {"TYPE": "Stop", "label": "b"}]
DOCUMENT: dict[str, Any] = {
    "instructions": [
        {"TYPE": "Sleep", "duration": "1"},
        {"TYPE": "Segment", "block": {"instructions": INNER}},
    ]
}
CHANGES = {
    "0": Change("changed", "Seconds"),
    "1/segment/0": Change("added"),
}
GONE = {"1/segment/2": ("job load",), "0": ("job <a>", "prompt b")}
OVERLAY = Overlay(edits=True, changes=CHANGES, removed=GONE)
FOLDED, NOT_FOLDED = Folds(closed=("1",)), Folds()


def workflow() -> Any:
    return read_workflow(DOCUMENT).workflow


def outlined(folds: Folds = NOT_FOLDED) -> str:
    asked = Asked(Face.OUTLINE, folds)
    return view_of(workflow(), "sprite", overlay=OVERLAY, asked_for=asked).tree


def test_nodes_say_how_they_differ_in_words() -> None:
    svg = draw(workflow(), overlay=OVERLAY)
    assert "changed since the deployment: Seconds" in svg
    assert "is-added" in svg
    assert "change inside" not in svg


def test_what_is_gone_is_a_ghost_that_moves_nothing() -> None:
    svg, plain = draw(workflow(), overlay=OVERLAY), draw(workflow(), overlay=Overlay(edits=True))
    assert 'aria-label="removed here: job load"' in svg
    assert "removed: load" in svg
    assert "2 removed" in svg
    assert "job &lt;a&gt;, prompt b" in svg
    assert svg.count("data-put=") == plain.count("data-put=")
    assert svg.split("viewBox=")[1].split(">")[0] == plain.split("viewBox=")[1].split(">")[0]


def test_changes_in_a_folded_block_are_counted_at_it() -> None:
    svg = draw(workflow(), overlay=OVERLAY, folds=FOLDED)
    assert "2 changes inside" in svg
    assert "job load" not in svg


def test_the_outline_says_the_same() -> None:
    tree = outlined()
    assert "changed: Seconds" in tree
    assert tree.index("removed: job &lt;a&gt;") < tree.index("removed: prompt b")
    assert tree.index('data-at="1/segment/1"') < tree.index("removed: job load")
    assert "2 changes inside" in outlined(FOLDED)
    assert "job load" not in outlined(FOLDED)
