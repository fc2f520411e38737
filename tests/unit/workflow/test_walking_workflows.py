"""Walking: document order, positions as orders use them, paths as people read them."""

import msgspec
import pytest

from engine.position import Position, to_text
from engine.workflow.model import (
    Block,
    Branch,
    Case,
    CaseWhen,
    Execute,
    Fail,
    Finish,
    Fork,
    If,
    Instruction,
    Retry,
    Try,
    Workflow,
)
from engine.workflow.outline import outline
from engine.workflow.problem import place_text
from engine.workflow.walk import find_label, jobs_used, type_name, walk


def run(label: str) -> Execute:
    return Execute(job_name="load", label=label)


def block(*instructions: Instruction) -> Block:
    return Block(instructions)


WORKFLOW = Workflow(
    instructions=(
        run("first"),
        If("true", then=block(run("yes")), else_=block(run("no"))),
        CaseWhen(
            (
                Case("1", block(run("one"))),
                Case("2", block(run("two"))),
                Case("3", block(run("three"))),
            ),
            else_=block(run("other")),
        ),
        Fork((Branch("eu", block(run("eu"))), Branch("us", block(run("us"), Finish())))),
        Try(block(Try(block(run("deep")), catch=block())), catch=block(run("caught"), Retry())),
        Retry(try_=block(run("tried")), catch=block(run("again"))),
        Fail(message="'x'", label="last"),
    )
)

PLACES = {
    "first": ("0", "instructions[0]"),
    "yes": ("1/then/0", "instructions[1].then.instructions[0]"),
    "no": ("1/else/0", "instructions[1].else.instructions[0]"),
    "one": ("2/then/0", "instructions[2].cases[0].then.instructions[0]"),
    "two": ("2/then+2/0", "instructions[2].cases[1].then.instructions[0]"),
    "three": ("2/then+3/0", "instructions[2].cases[2].then.instructions[0]"),
    "other": ("2/else/0", "instructions[2].else.instructions[0]"),
    "eu": ("3/fork+eu/0", "instructions[3].branches[0].workflow.instructions[0]"),
    "us": ("3/fork+us/0", "instructions[3].branches[1].workflow.instructions[0]"),
    "deep": ("4/try/0/try/0", "instructions[4].try.instructions[0].try.instructions[0]"),
    "caught": ("4/catch/0", "instructions[4].catch.instructions[0]"),
    "tried": ("5/try/0", "instructions[5].try.instructions[0]"),
    # Orders walk it as a Try whose catch begins with a Retry.
    "again": ("5/catch/1", "instructions[5].catch.instructions[0]"),
    "last": ("6", "instructions[6]"),
}


def test_instructions_come_in_document_order_with_position_and_path() -> None:
    found = {
        v.instruction.label: (to_text(v.position), place_text(v.path))
        for v in walk(WORKFLOW)
        if v.instruction.label
    }
    assert found == PLACES
    assert list(found) == list(PLACES)


def test_depth_and_branch_are_those_of_the_block() -> None:
    found = {v.instruction.label: (v.depth, v.branch) for v in walk(WORKFLOW)}
    assert found["first"] == (0, None)
    assert found["us"] == (1, "fork+us")
    assert found["deep"] == (2, "try")


@pytest.mark.parametrize(("label", "position"), [("two", (2, "then+2", 0)), ("none", None)])
def test_a_label_is_found(label: str, position: Position | None) -> None:
    assert find_label(WORKFLOW, label) == position


def test_jobs_used_have_their_positions() -> None:
    used = jobs_used(WORKFLOW)
    assert list(used) == ["load"]
    assert used["load"][:2] == ((0,), (1, "then", 0))
    assert len(used["load"]) == 13


def test_the_outline_tells_instructions_apart() -> None:
    lines = {line.position: line for line in outline(WORKFLOW)}
    assert lines[0,].text == "load"
    assert (lines[1,].type, lines[1,].text) == ("If", "true")
    assert lines[3,].text == "eu, us"
    assert lines[6,].text == "'x'"


def test_the_path_leads_to_the_instruction_in_the_document() -> None:
    document = msgspec.to_builtins(WORKFLOW)
    for visit in walk(WORKFLOW):
        found = document
        for part in visit.path:
            found = found[part]
        assert found["TYPE"] == type_name(visit.instruction)
