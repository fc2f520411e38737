"""Where instructions are after an operation, for whoever chose a place while it was on its way."""

import json
from typing import Any

import pytest

from engine.workflow.walk import walk
from inventory.editing import edited, read_operation
from inventory.editing.apply import text_moved
from inventory.editing.reading import places_of

NESTED = json.dumps(
    {
        "instructions": [
            {"TYPE": "Prompt", "question": "'a'"},
            {
                "TYPE": "Fork",
                "branches": [
                    {"id": "x", "workflow": {"instructions": [{"TYPE": "Stop", "label": "b"}]}},
                    {"id": "y", "workflow": {"instructions": []}},
                ],
            },
            {"TYPE": "Prompt", "question": "'a'"},
        ]
    }
)


def moved(source: str = NESTED, **operation: Any) -> Any:
    return edited(source, read_operation(operation)).moved


@pytest.mark.parametrize(
    ("operation", "wanted"),
    [
        (
            {"do": "insert", "at": "0", "type": "Fork"},
            {
                "0": "1", "1": "2", "2": "3", "3": "4", "1/fork+x/0": "2/fork+x/0",
                "1/fork+x/1": "2/fork+x/1", "1/fork+y/0": "2/fork+y/0",
            },
        ),
        (
            {"do": "delete", "at": ["0"]},
            {
                "0": "", "1": "0", "2": "1", "3": "2", "1/fork+x/0": "0/fork+x/0",
                "1/fork+x/1": "0/fork+x/1", "1/fork+y/0": "0/fork+y/0",
            },
        ),
        ({"do": "move", "at": ["1/fork+x/0"], "to": "3"},
         {"1/fork+x/0": "3", "1/fork+x/1": "1/fork+x/0", "3": "4"}),
        ({"do": "unwrap", "at": "1"},
         {"1": "", "1/fork+x/0": "1", "1/fork+x/1": "", "1/fork+y/0": ""}),
        ({"do": "wrap", "at": ["0"], "type": "Fork"}, {"0": "0/fork+branch-1/0"}),
        ({"do": "set", "at": "1", "path": ["label"], "value": "c"}, {}),
        ({"do": "remove-branch", "at": "1", "branch": "fork+x"},
         {"1/fork+x/0": "", "1/fork+x/1": ""}),
    ],
)  # fmt: skip
def test_places_are_followed(operation: dict[str, Any], wanted: dict[str, str]) -> None:
    assert moved(**operation) == wanted


def test_every_place_that_is_left_says_what_it_said() -> None:
    after = edited(NESTED, read_operation({"do": "insert", "at": "1", "type": "Sleep"}))
    assert after.moved is not None
    before, now = places_of(NESTED), places_of(after.source)
    for at, visit in before.visits.items():
        assert now.visits[after.moved.get(at, at)].instruction == visit.instruction
    assert len([*walk(now.workflow)]) == len(before.visits) + 1


def test_another_text_tells_only_that_nothing_moved() -> None:
    assert text_moved(NESTED, NESTED.replace("'a'", "'b'")) == {}
    assert text_moved(NESTED, '{"instructions": []}') is None
    assert text_moved(NESTED, "{") is None
