"""Secret variables: their declaration, and where expressions may ask for them."""

import json
from typing import Any

import pytest

from engine.workflow.check import check_workflow
from engine.workflow.read import read_workflow

EXECUTE = {"TYPE": "Execute.Named", "jobName": "job"}
BLOCK = {"instructions": [EXECUTE]}
CODES = {"secret-unfit", "secret-in-plain", "secret-misplaced"}


def problems(
    instruction: dict[str, Any] | None = None,
    parameter: dict[str, Any] | None = None,
    **job: Any,
) -> list[tuple[str, str]]:
    """Return place and code of what is wrong with secrets in a workflow."""
    made = {"agentName": "a", "executable": {"TYPE": "ShellScriptExecutable", "script": "true"}}
    document = {
        "instructions": [instruction or EXECUTE],
        "jobs": {"job": made | job},
        "orderPreparation": {"parameters": {"pw": {"secret": True, **(parameter or {})}}},
    }
    read = read_workflow(json.dumps(document).encode())
    assert read.workflow is not None, read.problems
    return [(p.place, p.code) for p in check_workflow(read.workflow) if p.code in CODES]


@pytest.mark.parametrize(
    ("parameter", "field", "code"),
    [
        ({"type": "Number"}, "secret", "secret-unfit"),
        ({"list": ["a", "b"]}, "list", "secret-unfit"),
        ({"default": "'plain'"}, "default", "secret-in-plain"),
        ({"final": "'pl' ++ 'ain'"}, "final", "secret-in-plain"),
    ],
)
def test_a_declaration_does_not_tell_the_secret(
    parameter: dict[str, Any], field: str, code: str
) -> None:
    assert problems(parameter=parameter) == [(f"orderPreparation.parameters.pw.{field}", code)]
    assert problems(parameter={**parameter, "secret": False}) == []


@pytest.mark.parametrize("given", ["'enc://a:abc'", "JobResource:db:password", "''", "$js7OrderId"])
def test_a_default_may_come_sealed_or_from_elsewhere(given: str) -> None:
    assert problems(parameter={"default": given}) == []


@pytest.mark.parametrize(
    ("instruction", "place"),
    [
        ({"TYPE": "If", "predicate": "$pw == 'x'", "then": BLOCK}, "predicate"),
        ({"TYPE": "Fail", "message": '"because of $pw"'}, "message"),
        ({"TYPE": "Prompt", "question": "$pw"}, "question"),
        ({"TYPE": "Sleep", "duration": "toNumber($pw)"}, "duration"),
    ],
)
def test_what_no_job_evaluates_cannot_ask_for_it(instruction: dict[str, Any], place: str) -> None:
    assert problems(instruction) == [(f"instructions[0].{place}", "secret-misplaced")]


def test_jobs_and_what_is_handed_on_may_have_it() -> None:
    script = {"TYPE": "ShellScriptExecutable", "script": "x", "env": {"PW": '"x$pw"'}}
    assert problems(EXECUTE | {"defaultArguments": {"p": "$pw"}}, executable=script) == []
    add = {"TYPE": "AddOrder", "workflowName": "other", "arguments": {"pw": "$pw"}}
    assert problems(add) == []


def test_the_choice_of_an_agent_cannot_ask_for_it() -> None:
    found = problems(subagentClusterIdExpr="$pw", withSubagentClusterIdExpr=True)
    assert found == [("jobs.job.subagentClusterIdExpr", "secret-misplaced")]
