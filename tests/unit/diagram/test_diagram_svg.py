"""The SVG: well-formed, safe whatever the document holds, and without script or style."""

import re
from xml.dom.minidom import parseString

import pytest

from cockpit.diagram import draw
from tests.unit.diagram.drawings import block, each_instruction, job, workflow


def _nodes(svg: str) -> dict[str, str]:
    """Return the opening tag of each node by its position."""
    tags: list[str] = re.findall(r'<g class="node[^>]*>', svg)
    return {re.findall(r'data-position="([^"]*)"', tag)[0]: tag for tag in tags}


def test_it_is_well_formed_and_carries_neither_style_nor_script() -> None:
    svg = draw(each_instruction())

    parseString(svg)  # noqa: S318  # our own text
    assert not re.search(r"style=|<script|<style|\son[a-z]+=", svg)


def test_each_node_can_be_focused_and_says_what_it_is() -> None:
    nodes = _nodes(draw(each_instruction()))

    assert 'role="button"' in nodes["1/fork+eu/0"]
    assert 'tabindex="0"' in nodes["1/fork+eu/0"]
    assert 'aria-label="job load, agent-1"' in nodes["1/fork+eu/0"]
    assert 'aria-label="retry, 3 \N{MULTIPLICATION SIGN} 30 s"' in nodes["1/fork+eu/1"]


def test_a_highlight_shows_its_state_in_class_and_label_and_moves_nothing() -> None:
    plain, marked = draw(each_instruction()), draw(each_instruction(), highlights={"3": "failed"})

    assert "st-failed" in _nodes(marked)["3"]
    assert 'aria-label="job load, agent-1, failed"' in _nodes(marked)["3"]
    assert re.findall(r'[xy]="[^"]*"', plain) == re.findall(r'[xy]="[^"]*"', marked)


def test_a_highlight_may_count_tries() -> None:
    marked = draw(each_instruction(), highlights={"2/catch+1/0": "running"})

    assert "st-running" in _nodes(marked)["2/catch/0"]


@pytest.mark.parametrize("hostile", ['<script>alert("x")</script>', "a\x00b\x1b[31m", "&amp;\"'>"])
def test_hostile_texts_stay_text(hostile: str) -> None:
    named = (
        workflow(
            {
                "TYPE": "If",
                "predicate": hostile,
                "then": block({"TYPE": "Fail", "message": hostile}),
            }
        )
        if "\x00" not in hostile
        else workflow(job())
    )

    svg = draw(named, highlights={"0": hostile})

    parseString(svg)  # noqa: S318  # our own text
    assert "<script" not in svg


def test_a_long_name_is_clipped_and_its_tip_has_the_whole() -> None:
    name = "load-the-general-ledger-of-all-regions"
    svg = draw(workflow(job(name), jobs=(name,)))

    assert "load-the-general-led…" in svg
    assert f"<title>job {name}, agent-1</title>" in svg
