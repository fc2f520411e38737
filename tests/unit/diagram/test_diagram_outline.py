"""The outline: the same instructions as the diagram, in words and in document order."""

from cockpit.diagram import draw, outline
from tests.unit.diagram.drawings import block, each_instruction, fork, job, workflow


def test_it_names_every_node_of_the_diagram() -> None:
    drawn = each_instruction()
    svg = draw(drawn)

    assert all(f'data-position="{row.position}"' in svg for row in outline(drawn))


def test_branches_are_rows_with_the_position_of_their_instruction() -> None:
    rows = outline(workflow(fork(eu=block(job()), us=block())))

    assert [(row.position, row.depth, row.text) for row in rows] == [
        ("0", 0, "fork"),
        ("0", 1, "eu"),
        ("0/fork+eu/0", 2, "load"),
        ("0", 1, "us"),
    ]


def test_a_label_stands_before_the_name_of_the_job() -> None:
    (row,) = outline(workflow(job(label="first load")))

    assert row.text == "first load"
    assert row.label == "job first load, load · agent-1"


def test_a_job_that_is_not_defined_is_said_to_be_unknown() -> None:
    (row,) = outline(workflow(job("gone")))

    assert row.label == "job gone, unknown job"
