"""Functions that only a job can evaluate are refused everywhere else."""

import json
from typing import Any

import pytest

from engine.objects.read import read_object
from engine.workflow.check import check_workflow
from engine.workflow.read import read_workflow

MAKES = "toFile('x', '*.txt')"
EXECUTE = {"TYPE": "Execute.Named", "jobName": "job"}
BLOCK = {"instructions": [EXECUTE]}


def places(instruction: dict[str, Any] | None = None, **more: Any) -> list[str]:
    """Return where a workflow has a function that cannot be evaluated there."""
    job = {"agentName": "a", "executable": {"TYPE": "ShellScriptExecutable", "script": "true"}}
    document = {
        "instructions": [instruction or EXECUTE],
        "jobs": {"job": job | more.pop("job", {})},
    }
    read = read_workflow(json.dumps(document | more).encode())
    assert read.workflow is not None, read.problems
    found = check_workflow(read.workflow)
    assert {p.code for p in found} <= {"function-misplaced", "value-unfit"}
    return [p.place for p in found if p.code == "function-misplaced"]


@pytest.mark.parametrize(
    ("instruction", "place"),
    [
        ({"TYPE": "If", "predicate": f"{MAKES} == 'x'", "then": BLOCK}, "predicate"),
        ({"TYPE": "CaseWhen", "cases": [{"predicate": f"{MAKES} == ''", "then": BLOCK}]},
         "cases[0].predicate"),
        ({"TYPE": "Fail", "message": MAKES}, "message"),
        ({"TYPE": "Prompt", "question": MAKES}, "question"),
        ({"TYPE": "Sleep", "duration": MAKES}, "duration"),
        ({"TYPE": "PostNotices", "noticeBoardNames": ["b"], "arguments": {"a": MAKES}},
         "arguments.a"),
        ({"TYPE": "AddOrder", "workflowName": "w", "arguments": {"a": MAKES}}, "arguments.a"),
    ],
)  # fmt: skip
def test_what_the_controller_evaluates_makes_no_files(
    instruction: dict[str, Any], place: str
) -> None:
    assert places(instruction) == [f"instructions[0].{place}"]


def test_parameters_and_the_choice_of_an_agent_make_no_files() -> None:
    parameters = {"a": {"default": MAKES}, "b": {"final": MAKES}}
    assert places(orderPreparation={"parameters": parameters}) == [
        "orderPreparation.parameters.a.default",
        "orderPreparation.parameters.b.final",
    ]
    chosen = {"subagentClusterIdExpr": MAKES, "withSubagentClusterIdExpr": True}
    assert places(job=chosen) == ["jobs.job.subagentClusterIdExpr"]


def test_what_is_evaluated_where_a_job_runs_may_make_files() -> None:
    script = {"TYPE": "ShellScriptExecutable", "script": "true", "env": {"F": MAKES}}
    assert places(job={"executable": script, "defaultArguments": {"f": MAKES}}) == []
    python = {"TYPE": "PythonExecutable", "script": "1", "arguments": {"f": MAKES}}
    assert places(EXECUTE | {"defaultArguments": {"f": MAKES}}, job={"executable": python}) == []


def problems(kind: str, document: dict[str, Any]) -> list[str]:
    """Return the codes of what is wrong with an object."""
    return [p.code for p in read_object(kind, json.dumps(document).encode()).problems]


def test_of_objects_job_resources_may_make_files_and_boards_may_not() -> None:
    assert problems("jobresource", {"arguments": {"f": MAKES}, "env": {"F": MAKES}}) == []
    board = {"postOrderToNoticeId": MAKES, "expectOrderToNoticeId": MAKES, "endOfLife": MAKES}
    assert problems("noticeboard", board) == ["function-misplaced"] * 3
