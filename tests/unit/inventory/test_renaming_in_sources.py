"""New names in a source: nothing else in it changes."""

import json

import pytest

from inventory.references.named import names_in
from inventory.references.renaming import NamesKept, Renames, renamed_source

RENAMES = Renames({kind: {"tape": "drum-1"} for kind in ("lock", "workflow", "includescript")})
YAML = """\
# what it does
title: tape   # stays
instructions:
  - {TYPE: Lock, demands: [{lockName: tape}], lockedWorkflow: {instructions: []}}  # one
  - TYPE: AddOrder
    workflowName: 'tape'
  - TYPE: AddOrder
    workflowName: "tape"
jobs:
  a:
    agentName: tape
    executable:
      TYPE: ShellScriptExecutable
      script: |
        ##!include tape --replace="a","b"
        echo tape
"""


def test_comments_order_and_notation_of_yaml_stay() -> None:
    changed = renamed_source("workflow", YAML, RENAMES).splitlines()
    differing = [
        (old.strip(), new.strip())
        for old, new in zip(YAML.splitlines(), changed, strict=True)
        if old != new
    ]
    assert differing == [
        (
            "- {TYPE: Lock, demands: [{lockName: tape}], lockedWorkflow: {instructions: []}}"
            "  # one",
            "- {TYPE: Lock, demands: [{lockName: drum-1}], lockedWorkflow: {instructions: []}}"
            "  # one",
        ),
        ("workflowName: 'tape'", "workflowName: 'drum-1'"),
        ('workflowName: "tape"', 'workflowName: "drum-1"'),
        ('##!include tape --replace="a","b"', '##!include drum-1 --replace="a","b"'),
    ]


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_the_layout_of_json_stays(indent: int | None) -> None:
    document = {
        "title": "tape \u00e4 \U0001f600",
        "instructions": [
            {"TYPE": "Lock", "demands": [{"lockName": "tape"}],
             "lockedWorkflow": {"instructions": [{"TYPE": "AddOrder", "workflowName": "tape"}]}}
        ],
    }  # fmt: skip
    source = "\n " + json.dumps(document, indent=indent) + "\n"
    expected = source.replace('"lockName": "tape"', '"lockName": "drum-1"')
    expected = expected.replace('"workflowName": "tape"', '"workflowName": "drum-1"')
    assert renamed_source("workflow", source, RENAMES) == expected


def test_what_names_nothing_of_it_stays_as_it_is() -> None:
    source = "workflowName: other\ncalendars: []\n"
    assert renamed_source("schedule", source, RENAMES) is source


@pytest.mark.parametrize("new", ["true", "1.5", "null", "a-b", "x.y"])
def test_a_new_name_that_looks_like_a_value_is_quoted(new: str) -> None:
    renames = Renames({"workflow": {"tape": new}})
    changed = renamed_source("schedule", "workflowName: tape # c\n", renames)
    assert [n.name for n in names_in("schedule", changed)] == [new]
    assert changed.endswith(" # c\n")


def test_an_anchor_that_means_two_things_is_left_to_people() -> None:
    source = """\
instructions:
  - TYPE: Lock
    demands: [{lockName: &name tape}]
    lockedWorkflow: {instructions: [{TYPE: PostNotices, noticeBoardNames: [*name]}]}
"""
    with pytest.raises(NamesKept):
        renamed_source("workflow", source, Renames({"lock": {"tape": "drum"}}))


def test_an_anchor_that_means_one_thing_is_renamed_once() -> None:
    source = "workflowNames: [&w tape, other]\norderParameterisations: [{orderName: x}]\n"
    changed = renamed_source("schedule", source, RENAMES)
    assert changed == source.replace("tape", "drum-1")


def test_a_folded_name_is_written_on_one_line() -> None:
    source = "workflowName: >-\n  tape\ntitle: x\n"
    changed = renamed_source("schedule", source, RENAMES)
    assert [n.name for n in names_in("schedule", changed)] == ["drum-1"]
    assert "title: x" in changed
