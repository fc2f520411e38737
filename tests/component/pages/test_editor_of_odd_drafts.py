"""The editor shows each draft that can be kept, with all of its problems."""

import json
from typing import Any

import pytest
from django.test import Client

from inventory import edit
from tests.component.pages.editing import HERE, PATH
from tests.component.pages.reading import text_of


def nested(levels: int, kind: str = "If") -> dict[str, Any]:
    block: dict[str, Any] = {"instructions": []}
    for _ in range(levels):
        outer: dict[str, Any] = {"TYPE": "If", "predicate": "true", "then": block}
        if kind == "Fork":
            outer = {"TYPE": "Fork", "branches": [{"id": "a", "workflow": block}]}
        block = {"instructions": [outer]}
    return block


@pytest.mark.parametrize(
    "source",
    [
        "a: &a [*a]\ninstructions: *a\n",
        "x: &a {TYPE: If, then: {instructions: [*a, *a]}}\ninstructions: [*a]\n",
        json.dumps(nested(100)),
        json.dumps(nested(90, "Fork")),
        "[" * 3000,
        "instructions: [1, [], {TYPE: 5}, {TYPE: If, then: []}]\njobs: [1]\n",
    ],
    ids=["in itself", "multiplied", "deep", "deeper", "too deep", "wrong everywhere"],
)
def test_a_draft_that_makes_no_sense_has_a_page(owner: Client, source: str) -> None:
    edit.put_draft("workflow", PATH, source, account="ada")
    assert owner.get(HERE).status_code == 200


def test_problems_of_shape_and_of_meaning_stand_on_the_page_at_once(owner: Client) -> None:
    run = {"TYPE": "Execute.Named", "jobName": "nobody"}
    source = json.dumps({"instructions": [run, 5], "jobs": {}, "title": 7})
    edit.put_draft("workflow", PATH, source, account="ada")

    told = text_of(owner.get(HERE))

    assert "An object is needed, not a whole number." in told
    assert "A text is needed, not a whole number." in told
    assert 'There is no job "nobody" in jobs.' in told
