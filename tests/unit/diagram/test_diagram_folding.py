"""Folding: big workflows stay drawable, and whatever the reader opens has its bound."""

import gc
from collections.abc import Callable
from time import process_time
from typing import Any

import pytest

from cockpit.diagram import Overlay, Standing, asked, draw, view_of
from cockpit.diagram.fold import MOST, OPEN, WHOLE, Folding, Folds, folding
from cockpit.diagram.layout import lay_out
from cockpit.diagram.runs import ROW, RUN
from cockpit.diagram.view import Face
from cockpit.diagram.wanted import MOST_KEYS, folds_of
from engine.workflow.model import Workflow
from engine.workflow.walk import walk
from tests.unit.diagram.drawings import LOCK, SINGLE, block, fork, job, workflow

BOUND = MOST + 300
"""Figures of a picture at most: handles of open runs and folded lanes come on top of `MOST`."""


def mixed(size: int) -> Workflow:
    """Return a workflow with about so many instructions, several levels deep."""
    inner = {**LOCK, "lockedWorkflow": block(job(), SINGLE["if"])}
    part = [job(), fork(a=block(job(), inner), b=block(job())), SINGLE["try"]]
    return workflow(*part * (size // 11))


def flat(size: int) -> Workflow:
    return workflow(*[job()] * size)


def figures(drawn: Workflow, folds: Folds | None = None) -> list[str]:
    picture = lay_out(drawn, folding(drawn, folds or Folds()))
    return [figure.position or figure.form.value for figure in picture.figures]


def test_a_workflow_of_common_size_is_drawn_as_a_whole() -> None:
    assert folding(mixed(WHOLE - 20), Folds()) == Folding({}, {})


def test_only_what_is_folded_by_hand_is_folded_in_a_small_workflow() -> None:
    drawn = workflow(SINGLE["retry"], SINGLE["lock"])

    assert folding(drawn, Folds(closed=("1",))).closed == {"1": 1}
    assert "0/try/0" in figures(drawn, Folds(closed=("1",)))
    assert "1/lock/0" not in figures(drawn, Folds(closed=("1",)))


@pytest.mark.parametrize("drawn", [mixed(5_000), flat(5_000), flat(100_000)], ids=str)
def test_a_big_workflow_has_a_bounded_picture(drawn: Workflow) -> None:
    assert len(figures(drawn)) <= BOUND
    assert len(draw(drawn)) < 1_000_000


def test_without_folding_the_picture_has_no_bound() -> None:
    drawn = mixed(5_000)

    assert len(lay_out(drawn, OPEN).figures) > BOUND


def test_however_much_is_opened_the_picture_has_its_bound() -> None:
    drawn = mixed(20_000)
    every = [str(v.position[0]) for v in walk(drawn) if len(v.position) == 1]
    opened = (*every[: MOST_KEYS // 2], *(f"{n}-{n + RUN - 1}" for n in range(0, 1500, RUN)))

    plan = folding(drawn, Folds(opened=opened))

    assert plan.is_full
    assert len(lay_out(drawn, plan).figures) <= BOUND


def test_a_fork_of_many_branches_shows_them_in_runs() -> None:
    wide = workflow(fork(**{f"b{i}": block(job()) for i in range(500)}))

    assert len(figures(wide)) < 100
    assert "0/fork+b420/0" in figures(wide, Folds(at="0/fork+b420/0"))


def test_runs_open_one_by_one_and_fold_again() -> None:
    drawn = flat(5_000)
    opened = Folds().toggled("4950-4999", is_open=False)

    assert "4999" not in figures(drawn)
    assert "4999" in figures(drawn, opened)
    assert "4999" not in figures(drawn, opened.toggled("4950-4999", is_open=True))


def test_what_is_selected_is_never_folded_away() -> None:
    drawn = mixed(5_000)
    deep = next(v for v in reversed(list(walk(drawn))) if len(v.position) > 4)
    at = "/".join(map(str, deep.position))

    assert at not in figures(drawn)
    assert at in figures(drawn, Folds(at=at))


def test_a_row_of_common_length_is_not_cut_in_a_big_workflow() -> None:
    long = workflow({**LOCK, "lockedWorkflow": block(*[job()] * ROW)}, *[job()] * WHOLE)

    assert f"0/lock/{ROW - 1}" in figures(long, Folds(opened=("0",)))


def test_orders_in_what_is_folded_show_at_what_it_is_folded_into() -> None:
    orders = {"4999": [Standing("failed", 2)], "3999": [Standing("failed", 1, "#x")]}

    svg = draw(flat(5_000), overlay=Overlay(orders=orders))

    assert svg.count('class="token st-') == 2


def test_folds_are_kept_in_the_address() -> None:
    folds = Folds(("0", "3/fork+a/1"), ("50-99",), "4")
    query: dict[str, list[str]] = {"open": ["0", "3/fork+a/1"], "fold": ["50-99"], "at": ["4"]}

    assert folds.query() == "open=0&open=3%2Ffork%2Ba%2F1&fold=50-99&at=4"
    assert folds_of(query) == folds
    assert asked({"view": ["outline"], **query}).face is Face.OUTLINE
    assert asked({"view": ["nonsense"]}).face is Face.DIAGRAM


@pytest.mark.parametrize(
    "key", ["", "-", "x-y", "99999-1", "0/", "//", "0/fork+a", "-1", "a" * 999]
)
def test_nonsense_in_the_address_changes_nothing(key: str) -> None:
    drawn = flat(400)

    assert figures(drawn, Folds((key,), (key,), key)) == figures(drawn)


def _cost(size: int, draws: Callable[[Workflow], object]) -> float:
    """Return the seconds of computing for one instruction of a workflow of so many, at best.

    Without the garbage collector: how long that takes depends on all else in the process.
    """
    drawn, costs = mixed(size), []
    gc.disable()
    try:
        for _ in range(5):
            started = process_time()
            draws(drawn)
            costs.append(process_time() - started)
    finally:
        gc.enable()
    return min(costs) / size


def _page(drawn: Workflow) -> object:
    return view_of(drawn, "icons.svg")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("draws", [lay_out, _page], ids=["all of it", "a page"])
def test_ten_times_the_instructions_take_no_more_than_twice_the_time_each(
    draws: Callable[[Workflow], object],
) -> None:
    assert _cost(5_000, draws) <= 2 * _cost(500, draws)


@pytest.mark.timeout(60)
def test_five_thousand_instructions_are_both_faces_of_a_page_within_a_second() -> None:
    drawn: Any = mixed(5_000)
    started = process_time()
    view_of(drawn, "icons.svg")

    assert process_time() - started < 1.0
