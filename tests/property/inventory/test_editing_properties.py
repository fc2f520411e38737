"""Whatever an editor does: the text stays readable, says what was asked, and comes back whole."""

import io
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from engine.workflow.write import write_workflow
from inventory.editing import Edited, EditingRefusal, edited, read_operation
from inventory.editing.delta import delta, redone, undone
from inventory.editing.fragment import copied
from inventory.editing.places import Places
from inventory.editing.reading import document_of
from inventory.editing.starters import TYPES
from tests.strategies_workflow import workflows

BLOCKS = ("Retry", "Try", "Lock", "Cycle", "Fork", "If", "Segment", "ConsumeNotices")


def as_yaml(document: Any, indent: int) -> str:
    yaml = YAML()
    yaml.width = 1000
    yaml.indent(mapping=2, sequence=2 + indent, offset=indent)
    text = io.StringIO()
    yaml.dump(document, text)
    return text.getvalue()


def commented(text: str, every: int) -> str:
    """Put comments above lines that begin a field or an item, outside of texts of many lines."""
    lines, block = [], -1
    for n, line in enumerate(text.splitlines()):
        column = len(line) - len(line.lstrip())
        if line.strip() and column <= block:
            block = -1
        if block < 0 and n % every == 0 and line.strip()[:1] not in ("'", '"', ""):
            lines.append(" " * column + f"# note {n}")
        lines.append(line)
        if block < 0 and line.rstrip().endswith(("|", "|-", "|+", ">", ">-", ">+")):
            block = column
    return "\n".join(lines) + "\n"


@st.composite
def sources(draw: st.DrawFn) -> str:
    document = json.loads(write_workflow(draw(workflows())))
    how = draw(st.sampled_from(["tight", "wide", "yaml", "commented"]))
    if how == "tight":
        return json.dumps(document, separators=(",", ":"))
    if how == "wide":
        return json.dumps(document, indent=draw(st.sampled_from([1, 2, 4]))) + "\n"
    text = as_yaml(document, draw(st.sampled_from([0, 2])))
    if how == "yaml":
        return text
    noted = commented(text, draw(st.integers(2, 5)))
    try:
        return noted if document_of(noted) == document_of(text) else text
    except EditingRefusal:
        return text


@st.composite
def operations(draw: st.DrawFn, source: str) -> dict[str, Any]:
    """Draw an operation at places that are there, and at some that are not."""
    document = document_of(source)
    here = [*Places(document).visits, "0", "9/then/3"]
    at = st.sampled_from(here)
    to = at | at.map(lambda one: f"{one[:-1]}{int(one[-1]) + 1}") | at.map(lambda o: f"{o}/lock/0")
    several = st.lists(at, min_size=1, max_size=3, unique=True)
    job = st.sampled_from([*document.get("jobs", {}), "missing"])
    text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
    value: st.SearchStrategy[Any] = st.one_of(
        text, st.integers(-5, 10**9), st.none(), st.lists(text, max_size=3),
        st.dictionaries(text, text, max_size=3),
    )  # fmt: skip
    kinds = st.sampled_from(BLOCKS)
    choice = st.one_of(
        st.builds(lambda a, k: {"do": "insert", "at": a, "type": k}, to, st.sampled_from(TYPES)),
        st.builds(lambda a: {"do": "delete", "at": a}, several),
        st.builds(lambda a, t: {"do": "move", "at": a, "to": t}, several, to),
        st.builds(lambda a, k: {"do": "wrap", "at": a, "type": k}, several, kinds),
        st.builds(lambda a: {"do": "unwrap", "at": a}, at),
        st.builds(
            lambda a, p, v: {"do": "set", "at": a, "path": [p], "value": v},
            at, st.sampled_from(["label", "message", "new field"]), value,
        ),
        st.builds(lambda a: {"do": "add-branch", "at": a}, at),
        st.builds(lambda j, t: {"do": "rename-job", "job": j, "to": t}, job, text),
        st.builds(
            lambda j, p, v: {"do": "set-job", "job": j, "path": p, "value": v},
            job, st.sampled_from([["title"], ["executable", "script"], ["env"]]), value,
        ),
        st.builds(lambda v: {"do": "set-workflow", "path": ["title"], "value": v}, value),
    )  # fmt: skip
    return draw(choice)


def tried(source: str, operation: dict[str, Any]) -> Edited | None:
    """Return what came of an operation, None where it is refused with a sentence."""
    try:
        return edited(source, read_operation(operation))
    except EditingRefusal as refusal:
        sentence = str(refusal)
    assert sentence.endswith(".")
    return None


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_operations_leave_a_text_that_reads_and_comes_back_byte_for_byte(
    data: st.DataObject,
) -> None:
    first = source = data.draw(sources())
    changes = []
    for _ in range(data.draw(st.integers(1, 4))):
        done = tried(source, data.draw(operations(source)))
        if done is None:
            continue
        places = Places(document_of(done.source))
        assert done.at == "" or done.at in places.visits
        change = delta(source, done.source)
        assert redone(source, change) == done.source
        changes.append(change)
        source = done.source
    for change in reversed(changes):
        source = undone(source, change)
    assert source == first


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_an_instruction_moved_away_and_back_says_the_same(data: st.DataObject) -> None:
    source = data.draw(sources())
    document = document_of(source)
    many = len(document.get("instructions", []))
    if many < 2:
        return
    moved = tried(source, {"do": "move", "at": ["0"], "to": str(many)})
    assert moved is not None
    assert moved.at == str(many - 1)
    back = tried(moved.source, {"do": "move", "at": [str(many - 1)], "to": "0"})
    assert back is not None
    assert document_of(back.source) == document


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_is_wrapped_and_unwrapped_says_the_same(data: st.DataObject) -> None:
    source = data.draw(sources())
    document = document_of(source)
    here = list(Places(document).visits)
    if not here:
        return
    at, kind = data.draw(st.sampled_from(here)), data.draw(st.sampled_from(BLOCKS))
    wrapped = tried(source, {"do": "wrap", "at": [at], "type": kind})
    assert wrapped is not None
    assert wrapped.at == at
    bare = tried(wrapped.source, {"do": "unwrap", "at": at})
    assert bare is not None
    assert document_of(bare.source) == document


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_is_copied_can_be_pasted_anywhere(data: st.DataObject) -> None:
    source, other = data.draw(sources()), data.draw(sources())
    here = list(Places(document_of(source)).visits)
    if not here:
        return
    fragment = copied(document_of(source), (data.draw(st.sampled_from(here)),))
    value = {"instructions": fragment.instructions, "jobs": fragment.jobs}
    pasted = tried(other, {"do": "paste", "at": "0", "fragment": value})
    assert pasted is not None
    assert len(document_of(pasted.source)["instructions"]) == 1 + len(
        document_of(other)["instructions"]
    )


@given(st.text("ab\n", max_size=60), st.text("ab\n", max_size=60))
def test_a_change_is_made_and_taken_back(before: str, after: str) -> None:
    change = delta(before, after)
    assert redone(before, change) == after
    assert undone(after, change) == before
