"""The outline as HTML: a tree that tells and lets do what the diagram does."""

import re
from html import unescape
from itertools import pairwise

from cockpit.diagram import Addresses, LockUse, Overlay, Standing, draw, view_of
from cockpit.diagram.view import Asked, Face
from cockpit.diagram.wanted import Folds
from tests.unit.diagram.drawings import LOCK, SINGLE, block, each_instruction, fork, job, workflow


def rows(html: str) -> list[dict[str, str]]:
    """Return the attributes of each row."""
    tags = re.findall(r"<a( [^>]*)>", html)
    return [
        {name: unescape(value) for name, value in re.findall(r' ([\w-]+)="([^"]*)"', tag)}
        for tag in tags
    ]


def tree(*, overlay: Overlay | None = None, folds: Folds | None = None) -> str:
    asked_for = Asked(Face.OUTLINE, folds or Folds())
    over = overlay or Overlay()
    return view_of(each_instruction(), "icons.svg", overlay=over, asked_for=asked_for).tree


def test_it_has_a_row_for_each_node_of_the_diagram() -> None:
    nodes = re.findall(r'<g class="node[^>]* data-position="([^"]*)"', draw(each_instruction()))
    places = [row["data-at"] for row in rows(tree()) if "data-at" in row]

    assert places == nodes[:-1]  # the end is no instruction


def test_rows_are_tree_items_with_level_and_one_of_them_takes_the_focus() -> None:
    found = rows(tree())

    assert {row["role"] for row in found} == {"treeitem"}
    assert [row["tabindex"] for row in found].count("0") == 1
    levels = [int(row["aria-level"]) for row in found]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_what_can_open_says_so_and_its_link_opens_it() -> None:
    folded = rows(tree(folds=Folds(closed=("2",))))
    row = next(row for row in folded if row.get("data-at") == "2")

    assert row["aria-expanded"] == "false"
    assert "open=2" in row["href"]
    assert "fold=2" not in row["href"]
    assert not [r for r in folded if r.get("data-at", "").startswith("2/")]


def test_orders_and_marks_are_told_in_words() -> None:
    over = Overlay(
        orders={"0": [Standing("running", 2)]},
        skipped=frozenset({"extract"}),
        stopped=frozenset({"4"}),
        locks={"dwh": LockUse(1, 2, ("#x",))},
    )
    html = tree(overlay=over)

    for text in ('aria-label="2 running"', ">skipped", ">breakpoint", ">1/2, held by #x"):
        assert text in html.replace("</svg>", ">"), text


def test_a_place_that_cannot_be_picked_says_why() -> None:
    over = Overlay(picks={"0": None}, chosen=frozenset({"0"}))
    found = {row["data-at"]: row for row in rows(tree(overlay=over)) if "data-at" in row}

    assert found["0"]["aria-selected"] == "true"
    assert found["5"]["aria-disabled"] == "true"
    assert found["5"]["data-refused"] == "no order can go on here"


def test_the_outline_alone_has_no_picture_and_the_diagram_has_both() -> None:
    alone = view_of(each_instruction(), "i.svg", asked_for=Asked(Face.OUTLINE))
    both = view_of(
        each_instruction(), "i.svg", asked_for=Asked(Face.DIAGRAM, Folds(at="0"), "v=1&")
    )

    assert not alone.svg
    assert both.svg
    assert both.tree
    assert both.outline_at == "?v=1&view=outline&at=0"
    assert both.diagram_at == "?v=1&at=0"


def test_long_rows_are_cut_into_runs_that_contain_their_steps() -> None:
    big = view_of(workflow(*[job()] * 400), "i.svg", asked_for=Asked(Face.OUTLINE))
    found = rows(big.tree)
    runs = [row for row in found if "data-at" not in row]

    assert [row["data-fold-key"] for row in runs[:2]] == ["0-49", "50-99"]
    assert [row["aria-level"] for row in found[:2]] == ["1", "2"]


def test_hostile_texts_stay_text() -> None:
    hostile = "<script>alert('x')</script>"
    drawn = workflow({"TYPE": "If", "predicate": hostile, "then": block(job(label=hostile))})
    over = Overlay(picks={"0": hostile}, orders={"0": [Standing(hostile, 1, hostile)]})

    assert "<script" not in view_of(drawn, "i.svg", overlay=over).tree


def test_an_added_order_and_its_orders_lead_somewhere() -> None:
    over = Overlay(
        orders={"0": [Standing("ready", 1, "#1")]},
        addresses=Addresses("/workflows/{}/", "/orders/{}/"),
    )
    html = view_of(workflow(SINGLE["add-order"]), "i.svg", overlay=over).tree

    assert 'data-href="/workflows/close-month/"' in html
    assert 'data-href="/orders/%231/"' in html


def test_lanes_are_no_places() -> None:
    drawn = workflow(fork(eu=block(job())), {**LOCK, "lockedWorkflow": block(job())})
    found = rows(view_of(drawn, "i.svg").tree)

    assert [row.get("data-at") for row in found] == ["0", None, "0/fork+eu/0", "1", "1/lock/0"]
