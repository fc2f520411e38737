"""The layout: nothing overlaps, no line runs through a node, and pictures are stable."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.diagram.layout import lay_out
from cockpit.diagram.picture import Form, Picture
from engine.position import to_text
from engine.workflow.model import ImplicitEnd
from engine.workflow.walk import walk
from tests.unit.diagram.drawings import (
    SINGLE,
    block,
    crossed,
    drawable,
    each_instruction,
    fork,
    job,
    outside,
    overlaps,
    workflow,
)


def _nested(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    blocks = st.lists(inner, max_size=3).map(lambda found: block(*found))
    names = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True)
    predicate = st.sampled_from(["true", "$a_rather_long_name == 'and a long value beside it'"])
    return st.one_of(
        names.flatmap(lambda n: st.fixed_dictionaries(dict.fromkeys(n, blocks))).map(
            lambda found: fork(**found)
        ),
        st.fixed_dictionaries(
            {"TYPE": st.just("If"), "predicate": predicate, "then": blocks},
            optional={"else": blocks},
        ),
        st.fixed_dictionaries({"TYPE": st.just("Try"), "try": blocks, "catch": blocks}),
        st.fixed_dictionaries({"TYPE": st.just("Retry"), "try": blocks}),
        st.sampled_from(sorted(FRAMED)).flatmap(
            lambda name: blocks.map(lambda inner: {**SINGLE[name], FRAMED[name]: inner})
        ),
        st.fixed_dictionaries(
            {
                "TYPE": st.just("CaseWhen"),
                "cases": st.lists(
                    st.fixed_dictionaries({"predicate": predicate, "then": blocks}),
                    min_size=1,
                    max_size=3,
                ),
            }
        ),
    )


PLAIN = ("execute", "post-notices", "expect-notices", "prompt", "sleep", "stop", "add-order",
         "finish", "fail")  # fmt: skip
FRAMED = {
    "lock": "lockedWorkflow",
    "consume-notices": "subworkflow",
    "cycle": "cycleWorkflow",
    "fork-list": "workflow",
    "sticky-subagent": "subworkflow",
    "options": "block",
    "admission-time": "block",
    "segment": "block",
}
"""Instructions drawn as a frame, with the field of their block."""

INSTRUCTIONS = st.recursive(
    st.sampled_from(
        [*(SINGLE[name] for name in PLAIN), {"TYPE": "Break"}, {"TYPE": "ImplicitEnd"}]
    ),
    _nested,
    max_leaves=25,
)


@given(st.lists(INSTRUCTIONS, max_size=6))
@settings(max_examples=60, deadline=None)
def test_whatever_is_nested_nothing_overlaps_and_no_line_runs_through_a_node(
    instructions: list[dict[str, Any]],
) -> None:
    picture = lay_out(drawable(*instructions))

    assert overlaps(picture) == []
    assert outside(picture) == []
    assert crossed(picture) == []


@given(st.lists(INSTRUCTIONS, max_size=6))
@settings(max_examples=30, deadline=None)
def test_each_instruction_is_drawn_once_at_the_position_that_orders_have(
    instructions: list[dict[str, Any]],
) -> None:
    drawn = drawable(*instructions)

    found = [f.position for f in lay_out(drawn).figures if f.form.value not in ("start", "end")]

    expected = [
        to_text(v.position) for v in walk(drawn) if not isinstance(v.instruction, ImplicitEnd)
    ]
    assert found == expected


def test_the_checks_see_a_moved_figure() -> None:
    picture = lay_out(each_instruction())
    figures = list(picture.figures)
    at = next(i for i, f in enumerate(figures) if f.position == "4")
    broken = picture._replace(
        figures=[*figures[:at], figures[at].moved(0, -160), *figures[at + 1 :]]
    )

    assert overlaps(broken)
    assert crossed(broken)
    assert outside(_without_room(picture))


def test_the_same_document_gives_the_same_picture() -> None:
    assert lay_out(each_instruction()) == lay_out(each_instruction())


def test_a_step_added_in_one_branch_leaves_the_steps_above_and_beside_in_their_columns() -> None:
    before = lay_out(workflow(job(), fork(a=block(job()), b=block(job()))))
    after = lay_out(workflow(job(), fork(a=block(job()), b=block(job(), job()))))

    places = {f.position: (f.x, f.y) for f in after.figures}
    for position in ("0", "1", "1/fork+a/0", "1/fork+b/0"):
        assert places[position] == next(
            (f.x, f.y) for f in before.figures if f.position == position
        )


def test_an_if_without_else_shows_a_bare_line_beside_its_then_branch() -> None:
    picture = lay_out(workflow({"TYPE": "If", "predicate": "true", "then": block(job())}))

    assert [lane.text for lane in picture.lanes] == ["then", "else"]
    assert len([line for line in picture.lines if len(line.points) == 6]) == 1


def test_no_line_leaves_a_fail() -> None:
    picture = lay_out(workflow({"TYPE": "Fail"}, job()))

    fail = next(f for f in picture.figures if f.position == "0")
    assert not [line for line in picture.lines if line.points[0][1] == fail.y + fail.height]


def test_a_break_leads_around_its_cycle_to_what_comes_behind() -> None:
    cycle = SINGLE["cycle"]
    picture = lay_out(workflow(cycle, job()))
    frame = next(f for f in picture.figures if f.form is Form.CYCLE)

    (way,) = [line for line in picture.lines if line.out]
    assert not frame.x < way.points[1][0] < frame.x + frame.width
    assert way.points[-1][1] > frame.y + frame.height
    assert overlaps(picture) == []
    assert crossed(picture) == []


def test_a_break_between_other_lanes_has_no_way_of_its_own() -> None:
    cases = [{"predicate": "$a", "then": block(it)} for it in (job(), {"TYPE": "Break"}, job())]
    inner = {"TYPE": "CaseWhen", "cases": cases}
    picture = lay_out(workflow({**SINGLE["cycle"], "cycleWorkflow": block(inner)}))

    assert not [line for line in picture.lines if line.out]
    assert crossed(picture) == []


def _without_room(picture: Picture) -> Picture:
    return picture._replace(width=picture.width / 2)
