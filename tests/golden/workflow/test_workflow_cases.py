"""Every workflow of the conformance cases is read, checked and written back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.objects.read import read_object
from engine.workflow.check import Known, check_workflow
from engine.workflow.problem import has_errors
from engine.workflow.read import read_workflow
from engine.workflow.write import write_workflow

CASES = Path(__file__).parents[2] / "conformance" / "orders"


def documents() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for path in sorted(CASES.rglob("*.yaml")):
        case = yaml.safe_load(path.read_text())
        for name, document in case.get("workflows", {}).items():
            yield f"{path.parent.name}/{path.stem}/{name}", document, case


DOCUMENTS = list(documents())


def known(case: dict[str, Any]) -> Known:
    """Return what a case gives beside its workflows."""

    def names(field: str) -> frozenset[str]:
        return frozenset(case.get(field, {}))

    return Known(
        agents=names("agents"),
        job_resources=names("job_resources"),
        locks=names("locks"),
        boards=names("boards"),
        workflows=names("workflows"),
        subagent_clusters=frozenset(),
        include_scripts=frozenset(),
    )


def test_there_are_enough_cases() -> None:
    assert len(DOCUMENTS) > 250


@pytest.mark.parametrize(
    ("document", "case"), [d[1:] for d in DOCUMENTS], ids=[d[0] for d in DOCUMENTS]
)
def test_a_workflow_of_a_case_is_read_checked_and_written_back_equal(
    document: dict[str, Any], case: dict[str, Any]
) -> None:
    reading = read_workflow(document)
    assert reading.problems == ()
    workflow = reading.workflow
    assert workflow is not None
    assert read_workflow(write_workflow(workflow)).workflow == workflow
    problems = check_workflow(workflow, known(case))
    assert not has_errors(problems), problems


def test_job_resources_of_cases_are_read_too() -> None:
    found = [r for _, _, case in DOCUMENTS for r in case.get("job_resources", {}).values()]
    assert len(found) > 5
    assert all(read_object("jobresource", resource).object for resource in found)
