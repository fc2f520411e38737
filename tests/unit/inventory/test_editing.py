"""Operations on the text of a workflow: what changes in it, and what stays as it is written."""

import difflib
import json
from typing import Any

import pytest

from engine.workflow.check import check_workflow
from engine.workflow.read import read_workflow
from inventory.editing import EditingRefusal, Operation, edited, read_operation
from inventory.editing.errors import TextUnreadable
from inventory.editing.fitting import fitted
from inventory.editing.places import Places
from inventory.editing.pointing import Pointed, Pointer
from inventory.editing.reading import document_of, places_of
from inventory.editing.starters import TYPES, free_name, starter
from inventory.workflow_reading import workflow_reading

SOURCE = """\
# about the whole
title: Nightly  # t
instructions:
  # first job
  - TYPE: Execute.Named   # run it
    jobName: load
  - {TYPE: Execute.Named, jobName: load, label: two}

  # the fork
  - TYPE: Fork
    branches:
      - id: eu
        workflow:
          instructions:
            # inner
            - TYPE: Execute.Named
              jobName: "check"
      - id: us
        workflow: {instructions: []}
jobs:
  load:
    agentName: agent-1
    executable:
      TYPE: ShellScriptExecutable
      script: |
        echo a
          b

        c
  # the check
  check: {agentName: agent-1, executable: {TYPE: ShellScriptExecutable, script: "exit 0"}}
"""


def done(operation: dict[str, Any], source: str = SOURCE) -> tuple[list[str], list[str], str]:
    """Return the lines taken away, those that are new, and where one looks afterwards."""
    found = edited(source, read_operation(operation))
    lines = list(difflib.ndiff(source.splitlines(), found.source.splitlines()))
    gone = [line[2:].strip() for line in lines if line.startswith("- ")]
    new = [line[2:].strip() for line in lines if line.startswith("+ ")]
    return gone, new, found.at


def test_a_new_job_is_put_in_with_its_definition_at_the_agent_of_the_others() -> None:
    gone, new, at = done({"do": "insert", "at": "2/fork+us/0", "type": "Execute.Named"})

    assert gone == ["workflow: {instructions: []}"]
    assert new[:5] == ["workflow:", "instructions:", "- TYPE: Execute.Named", "jobName: job-1",
                       "label: job-1"]  # fmt: skip
    assert "agentName: agent-1" in new
    assert at == "2/fork+us/0"


def test_what_moves_takes_its_comments_along_and_leaves_all_others() -> None:
    _, new, at = done({"do": "move", "at": ["0"], "to": "2/fork+us/0"})

    assert at == "1/fork+us/0"
    assert new[-3:] == ["# first job", "- TYPE: Execute.Named   # run it", "jobName: load"]


def test_instructions_are_wrapped_with_their_text() -> None:
    _, new, at = done({"do": "wrap", "at": ["0", "1"], "type": "Retry"})

    assert at == "0"
    assert "# first job" in new
    assert "- {TYPE: Execute.Named, jobName: load, label: two}" in new


def test_a_renamed_job_is_run_by_its_new_name_everywhere() -> None:
    gone, new, _ = done({"do": "rename-job", "job": "load", "to": "fetch"})

    assert len(gone) == len(new) == 3
    assert "- {TYPE: Execute.Named, jobName: fetch, label: two}" in new
    assert "fetch:" in new


def test_one_field_is_one_line() -> None:
    assert done({"do": "set", "at": "1", "path": ["label"], "value": "three"})[:2] == (
        ["- {TYPE: Execute.Named, jobName: load, label: two}"],
        ["- {TYPE: Execute.Named, jobName: load, label: three}"],
    )
    assert done({"do": "set-workflow", "path": ["title"], "value": "it's: new"})[:2] == (
        ["title: Nightly  # t"],
        ["title: 'it''s: new'  # t"],
    )
    taken = done({"do": "set-workflow", "path": ["title"]})
    assert taken[:2] == (["title: Nightly  # t"], [])


def test_a_script_stays_a_text_over_lines() -> None:
    operation = {"do": "set-job", "job": "load", "path": ["executable", "script"],
                 "value": "one\n\n  two\n"}  # fmt: skip
    text = edited(SOURCE, read_operation(operation)).source
    assert "      script: |\n        one\n\n          two\n  # the check\n" in text


def test_the_last_use_of_a_job_takes_the_job_away_and_the_comment_of_both() -> None:
    gone, new, _ = done({"do": "delete", "at": ["2/fork+eu/0"]})

    assert "# inner" in gone
    assert "# the check" in gone
    assert new == ["instructions: []"]


@pytest.mark.parametrize("indent", [None, 2, 4])
def test_json_keeps_its_layout(indent: int | None) -> None:
    source = json.dumps(document_of(SOURCE), indent=indent)
    text = edited(source, read_operation({"do": "set-workflow", "path": ["title"]})).source
    wanted = {k: v for k, v in document_of(SOURCE).items() if k != "title"}
    assert text == json.dumps(wanted, indent=indent)


def test_a_text_with_an_anchor_is_changed_beside_it_and_refused_within() -> None:
    source = SOURCE.replace("  load:\n", "  load: &known\n") + "  third: *known\n"
    gone, new, _ = done({"do": "set-workflow", "path": ["title"], "value": "x"}, source)
    assert (gone, new) == (["title: Nightly  # t"], ["title: x  # t"])
    with pytest.raises(EditingRefusal, match="anchor"):
        done({"do": "set-job", "job": "load", "path": ["title"], "value": "x"}, source)


def test_a_text_that_cannot_be_read_is_told_with_its_line() -> None:
    with pytest.raises(TextUnreadable, match="line 3"):
        edited("a:\n  b: [\n", read_operation({"do": "delete", "at": ["0"]}))


@pytest.mark.parametrize("kind", TYPES)
def test_a_new_instruction_is_right_or_shows_what_is_missing(kind: str) -> None:
    around = {"do": "insert", "at": "0", "type": kind}
    found = edited("instructions: []\n", read_operation(around))
    reading = read_workflow(document_of(found.source))
    problems = reading.problems
    if reading.workflow is not None:
        problems = check_workflow(reading.workflow)
    for each in problems:
        assert each.place.startswith(("instructions[0]", "jobs")), each
    assert starter(kind)["TYPE"] == kind


def test_a_wrong_document_is_still_drawn_with_every_instruction_in_its_place() -> None:
    document = {
        "instructions": [
            {"TYPE": "Nonsense"},
            {"TYPE": "Lock", "demands": 7, "lockedWorkflow": {"instructions": [{"TYPE": "Stop"}]}},
            "no instruction",
            {"TYPE": "If", "then": None},
        ],
        "jobs": {"a": None, "b": {"timeout": "soon"}},
    }
    found = fitted(document)
    assert list(Places(document).visits) == ["0", "1", "1/lock/0", "2", "3"]
    assert found.instructions[0].label == "Nonsense"
    assert fitted(None).instructions == ()


def test_a_problem_points_at_the_instruction_or_the_job_where_it_is_mended() -> None:
    pointer = Pointer(Places(document_of(SOURCE)))
    inner = "instructions[2].branches[0].workflow.instructions[0].jobName"
    assert pointer.point(inner) == Pointed("2/fork+eu/0", "", "jobName")
    assert pointer.point("jobs.check.executable.script") == Pointed(
        "2/fork+eu/0", "check", "executable.script"
    )
    assert pointer.point("timeZone") == Pointed("", "", "timeZone")


def test_names_that_are_taken_get_a_number() -> None:
    assert free_name("a", []) == "a"
    assert free_name("a", ["a"]) == "a-2"
    assert free_name("a-2", ["a-2", "a-3"]) == "a-4"


def test_operations_are_read_from_plain_values_only_as_they_are() -> None:
    found: Operation = read_operation({"do": "delete", "at": ["0"]})
    assert found.__class__.__name__ == "Delete"
    for wrong in ({}, {"do": "delete"}, {"do": "delete", "at": [0]}, {"do": "x"},
                  {"do": "delete", "at": ["0"], "more": 1}):  # fmt: skip
        with pytest.raises(EditingRefusal):
            read_operation(wrong)


def test_a_text_that_reads_is_drawn_as_it_reads_and_another_as_far_as_it_has_the_shape() -> None:
    places = places_of(SOURCE)
    assert places.workflow == fitted(document_of(SOURCE))
    wrong = SOURCE.replace("TYPE: Execute.Named ", "TYPE: Nonsense ", 1)
    assert workflow_reading(wrong).workflow is None
    assert places_of(wrong).visits.keys() == places.visits.keys()
