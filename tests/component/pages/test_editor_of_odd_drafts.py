"""The editor shows each draft that can be kept, with all of its problems."""

import json
import re
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


def test_what_no_field_shows_is_told_above_the_fields(owner: Client) -> None:
    source = (
        "instructions:\n- {TYPE: Sleeep}\n- {TYPE: AddOrder, workflowName: nowhere, bogus: 1}\n"
        "- {TYPE: Execute.Named, jobName: ghost}\n"
    )
    edit.put_draft("workflow", PATH, source, account="ada")
    told = {at: _told_above(owner, at) for at in ("", "0", "1", "2")}
    assert told[""] == ""
    assert "Did you mean Sleep?" in told["0"]
    assert told["1"] == "There is no field &quot;bogus&quot; here."
    assert "There is no job &quot;ghost&quot;" in told["2"]


def _told_above(client: Client, at: str) -> str:
    panel = client.get(f"{HERE}-/look/?at={at}").json()["panel"]
    found = re.search(r'data-rows-problem="panel"[^>]*>([^<]*)<', panel)
    assert found
    return found[1]


def test_the_names_of_types_are_words(owner: Client) -> None:
    source = "jobResourceNames: [nobody]\ninstructions: []\n"
    edit.put_draft("workflow", PATH, source, account="ada")
    assert "There is no job resource &quot;nobody&quot;." in owner.get(HERE).content.decode()
