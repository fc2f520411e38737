"""A value of the wrong shape hides no other problem and makes up none."""

import copy
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.workflow import check
from engine.workflow.check import Known, check_reading
from engine.workflow.model import Block, Retry, Workflow
from engine.workflow.problem import Path
from engine.workflow.read import read_workflow
from engine.workflow.write import write_workflow
from tests.strategies_workflow import workflows

KNOWN = Known(locks=frozenset(), boards=frozenset(), workflows=frozenset())
WRONG: tuple[Any, ...] = (None, True, 5, 0.5, "", "?", [], ["?"])


def document_of(workflow: Workflow) -> Any:
    return msgspec.json.decode(write_workflow(workflow))


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(inner, (*path, key))


def damaged(document: Any, path: Path, wrong: Any) -> Any:
    root = [copy.deepcopy(document)]
    home: Any = root
    key: Any = 0
    for part in path:
        home, key = home[key], part
    home[key] = wrong
    return root[0]


def misspelt(document: Any, path: Path) -> Any:
    found = copy.deepcopy(document)
    home = found
    for part in path[:-1]:
        home = home[part]
    home[f"{path[-1]}x"] = home.pop(path[-1])
    return found


def damages(document: Any) -> Iterator[Any]:
    """Yield the document with each of its values replaced, and each of its fields misspelt."""
    for path in paths(document):
        yield from damages_at(document, path)


def damages_at(document: Any, path: Path) -> Iterator[Any]:
    yield from (damaged(document, path, wrong) for wrong in WRONG)
    if path and isinstance(path[-1], str):
        yield misspelt(document, path)


def meanings(document: Any) -> set[tuple[str, str]]:
    """Return the problems of meaning of a document whose shape is wrong; none where it is right."""
    reading = read_workflow(document)
    if reading.workflow is not None:
        return set()
    told = check_reading(reading, KNOWN)
    assert told[: len(reading.problems)] == reading.problems
    return {(p.place, p.code) for p in told[len(reading.problems) :]}


def told_of(workflow: Workflow) -> set[tuple[str, str]]:
    return {(p.place, p.code) for p in check_reading(read_workflow(document_of(workflow)), KNOWN)}


@settings(max_examples=100)
@given(workflows(whole=True), st.data())
def test_one_wrong_shape_makes_up_no_problem_of_meaning(
    workflow: Workflow, data: st.DataObject
) -> None:
    document = document_of(workflow)
    path = data.draw(st.sampled_from(list(paths(document))))
    own = told_of(workflow)
    for wrong in damages_at(document, path):
        assert meanings(wrong) <= own


def test_without_telling_them_apart_there_would_be_follow_ups(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(check, "without_follow_ups", lambda problems, _: problems)
    document = document_of(Workflow((Retry(try_=Block(())),)))
    found = meanings(damaged(document, ("instructions", 0, "try"), 5))
    assert found == {("instructions[0]", "retry-misplaced")}
