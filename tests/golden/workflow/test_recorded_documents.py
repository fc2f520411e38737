"""Recorded documents are still read, and their versions keep their ids. Never edit an old line."""

from pathlib import Path

import pytest

from engine.workflow.check import check_workflow
from engine.workflow.problem import has_errors
from engine.workflow.read import read_workflow
from engine.workflow.write import digest

DOCUMENTS = Path(__file__).parent / "documents"

DIGESTS = {
    "everything": "b86c4be91d74e8cca14e966e5f0b5111a0b96cd643fb1face69cb4491e6ca583",
    "whole-language": "dcebce3e24cb698534e982cb06ecedbce60b7267eacab4fdc0bae2b78245199a",
}


@pytest.mark.parametrize(("name", "expected"), DIGESTS.items())
def test_a_recorded_document_has_the_digest_of_its_time(name: str, expected: str) -> None:
    reading = read_workflow((DOCUMENTS / f"{name}.workflow.json").read_bytes())
    assert reading.problems == ()
    assert reading.workflow is not None
    assert not has_errors(check_workflow(reading.workflow))
    assert digest(reading.workflow) == expected
