"""The boards and workflows that tests of notices share."""

from typing import Any

from tests.unit.engine.stage import Stage, board, consume, expect, planned, post

PLAN = "DailyPlan|2026-03-02"
END = {"TYPE": "Prompt", "question": "'end'"}
DAILY = {
    "skips": [expect("'day'", whenNotAnnounced="SkipWhenNoNotice"), END],
    "does": [expect("'day'", whenNotAnnounced="DontWait"), END],
    "takes": [consume("'day'", whenNotAnnounced="DontWait")],
    "passes": [consume("'day'", whenNotAnnounced="SkipWhenNoNotice"), END],
    "later": [END, post("day")],
}
"""Workflows that wait for a notice of a plan, and one that will post it."""


def stage(forgets: bool, **flows: list[dict[str, Any]]) -> Stage:
    """Return a stage with boards a, b, c and a plannable one, day."""
    known = {
        "flow": [consume("'a'")],
        "other": [consume("'a'")],
        "reads": [expect("'a'"), END],
        "posts": [post("a", "b"), END],
    }
    boards = {"a": board(), "b": board(), "c": board(), "day": planned()}
    return Stage(known | flows, boards=boards, forgets=forgets)


def inside(scene: Stage, order_id: str) -> bool:
    """Tell whether an order is in its block."""
    return scene.state(order_id) == "Prompting"
