"""A text that is read in pieces says what it says as a whole, and stands where it stands."""

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from inventory import yaml_pieces
from inventory.yaml_pieces import Read, read
from tests.property.inventory.test_editing_properties import sources

LINES = st.sampled_from(
    ["", "# note", "  # note", "- a", "  - b: c", "key: v", "    deep: 1", "x: |", "  text",
     "a: [1", "b: {c: 1}", "'quoted", "\t- tab", "z: &a 1", "y: *a", "---", "title: again",
     "  ", "- - 1"]
)  # fmt: skip


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Draw a document, and sometimes lines that do not belong there."""
    lines = draw(sources()).splitlines()
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(lines)))
        if draw(st.booleans()):
            lines.insert(at, draw(LINES))
        else:
            del lines[at : at + 1]
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))


def outcome(act: Any) -> Any:
    try:
        return act()
    except (YAMLError, ValueError, RecursionError) as refused:
        return type(refused), str(refused)


def scalars(found: Read, text: str) -> list[tuple[str, str]]:
    """Return every scalar with the text that stands where it says it stands."""
    seen, pending = [], [found.node]
    while pending:
        node = pending.pop()
        begin = found.begins.get(id(node), 0)
        if isinstance(node, ScalarNode):
            there = text[node.start_mark.index + begin : node.end_mark.index + begin]
            seen.append((str(node.value), there.strip()))
        elif isinstance(node, SequenceNode):
            pending += node.value
        elif isinstance(node, MappingNode):
            pending += [part for pair in node.value for part in pair]
    return sorted(seen)


@pytest.mark.filterwarnings("ignore::ruamel.yaml.error.ReusedAnchorWarning")
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts())
@example('z: &a 1\nz: &a 1\n{"instructions":[]}')
def test_pieces_read_as_the_whole_does(text: str) -> None:
    whole = outcome(lambda: yaml_pieces._whole(text))
    pieces = outcome(lambda: read(text))

    if isinstance(whole, Read) and isinstance(pieces, Read):
        assert pieces.data == whole.data
        if pieces.node is not None:
            assert scalars(pieces, text) == scalars(whole, text)
    else:
        assert pieces == whole


def test_a_long_text_is_really_read_in_pieces() -> None:
    text = "jobs:\n" + "".join(f"  job{n}:\n    title: a title of job {n}\n" for n in range(40))
    assert read(text).begins
    before = yaml_pieces._piece_again.cache_info().misses
    read(text.replace("job 7", "job seven"))
    assert yaml_pieces._piece_again.cache_info().misses == before + 1
