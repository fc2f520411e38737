"""What holds for every workflow document, good or spoiled."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.position import from_parts, place
from engine.workflow.check import check_workflow
from engine.workflow.model import ImplicitEnd, Workflow
from engine.workflow.problem import has_errors
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from engine.workflow.walk import walk
from engine.workflow.write import digest, write_workflow
from tests.strategies_workflow import workflows

SLOW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["TYPE", "instructions", "jobs", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@SLOW
@given(workflows(whole=True))
def test_reading_what_was_written_gives_an_equal_workflow(workflow: Workflow) -> None:
    written = write_workflow(workflow)
    reading = read_workflow(written)
    assert reading.problems == ()
    assert reading.workflow == workflow
    assert write_workflow(reading.workflow) == written
    assert digest(reading.workflow) == digest(workflow)


@SLOW
@given(workflows(whole=True))
def test_values_are_read_like_bytes(workflow: Workflow) -> None:
    assert read_workflow(json.loads(write_workflow(workflow))).workflow == workflow


@SLOW
@given(workflows(whole=True))
def test_valid_workflows_have_no_errors(workflow: Workflow) -> None:
    assert not has_errors(check_workflow(workflow)), check_workflow(workflow)


@SLOW
@given(workflows(whole=True))
def test_each_instruction_is_visited_once_where_orders_find_it(workflow: Workflow) -> None:
    visits = list(walk(workflow))
    program = Program("p", "v", workflow)
    assert len({v.position for v in visits}) == len(visits)
    for visit in visits:
        assert from_parts(visit.position) == place(visit.position) == visit.position
        if not isinstance(visit.instruction, ImplicitEnd):
            found = program.instruction(visit.position)
            assert found is not None
            assert found.label == visit.instruction.label


@SLOW
@given(workflows(whole=True), st.data())
def test_a_spoiled_document_is_refused_with_problems_or_read_but_never_raises(
    workflow: Workflow, data: st.DataObject
) -> None:
    document = json.loads(write_workflow(workflow))
    spoil(document, data)
    reading = read_workflow(json.dumps(document).encode())
    assert (reading.workflow is None) == bool(reading.problems)
    if reading.workflow is not None:
        check_workflow(reading.workflow)


@SLOW
@given(workflows(whole=True), st.data())
def test_an_unknown_field_is_refused_wherever_it_stands(
    workflow: Workflow, data: st.DataObject
) -> None:
    document = json.loads(write_workflow(workflow))
    data.draw(st.sampled_from(structs(document)))["notAField"] = 1
    assert {p.code for p in read_workflow(document).problems} == {"field-unknown"}


@SLOW
@given(json_values)
def test_any_json_is_answered(value: object) -> None:
    reading = read_workflow(json.dumps(value).encode())
    assert (reading.workflow is None) == bool(reading.problems)


@SLOW
@given(st.binary(max_size=60))
def test_any_bytes_are_answered(data: bytes) -> None:
    reading = read_workflow(data)
    assert reading.workflow is None
    assert reading.problems


def spoil(document: dict[str, Any], data: st.DataObject) -> None:
    """Put another value somewhere into the document."""
    home: Any = document
    while True:
        keys = list(home) if isinstance(home, dict) else list(range(len(home)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if not isinstance(home[key], dict | list) or data.draw(st.booleans()):
            home[key] = data.draw(json_values)
            return
        home = home[key]


def structs(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the objects of a document that have fields, not names."""
    found: list[dict[str, Any]] = [document, *document.get("jobs", {}).values()]
    pending: list[Any] = [document["instructions"], document.get("jobs", {})]
    while pending:
        value = pending.pop()
        if isinstance(value, dict) and ("TYPE" in value or "instructions" in value):
            found.append(value)
        # Arguments hold any values, so nothing is unknown in them.
        inner = value if isinstance(value, dict) else dict(enumerate(value))
        pending += [
            v
            for k, v in inner.items()
            if isinstance(v, dict | list) and k not in ("arguments", "defaultArguments", "outcome")
        ]
    return found
