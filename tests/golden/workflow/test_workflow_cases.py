"""Every workflow of the conformance cases is read and written back, as far as it is supported."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

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
SUPPORTED = [d for d in DOCUMENTS if not read_workflow(d[1]).problems]


def test_there_are_enough_cases() -> None:
    assert len(DOCUMENTS) > 250
    assert len(SUPPORTED) > 150


@pytest.mark.parametrize(
    ("document", "case"), [d[1:] for d in SUPPORTED], ids=[d[0] for d in SUPPORTED]
)
def test_a_supported_workflow_is_written_back_equal(
    document: dict[str, Any], case: dict[str, Any]
) -> None:
    workflow = read_workflow(document).workflow
    assert workflow is not None
    assert read_workflow(write_workflow(workflow)).workflow == workflow
    known = Known(frozenset(case["agents"]), frozenset(case.get("job_resources", {})))
    problems = check_workflow(workflow, known)
    assert not has_errors(problems), problems


def test_the_others_fail_only_for_what_is_not_supported_yet() -> None:
    codes = {p.code for _, document, _ in DOCUMENTS for p in read_workflow(document).problems}
    assert codes <= {"not-supported"}
