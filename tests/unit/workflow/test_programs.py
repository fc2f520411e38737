"""Programs: where orders stand that come to the end of a block, older forms, and large ones."""

import time
from collections.abc import Callable

import pytest

from engine.workflow.check import check_workflow
from engine.workflow.model import (
    AdmissionTime,
    Block,
    Branch,
    ConsumeNotices,
    Cycle,
    Demand,
    Execute,
    Fork,
    ForkList,
    If,
    Instruction,
    Job,
    Lock,
    Options,
    Retry,
    Segment,
    ShellScript,
    StickySubagent,
    Stop,
    Try,
    Workflow,
)
from engine.workflow.outline import outline
from engine.workflow.program import PositionUnknown, Program
from engine.workflow.read import read_workflow
from engine.workflow.write import write_workflow
from timetable.scheme import AdmissionTimeScheme, CycleSchedule

BODY = Block((Stop(),))

LEFT_BY_EVENT: list[tuple[Instruction, str]] = [
    (Fork((Branch("x", BODY),)), "fork+x"),
    (ForkList(BODY, "$l", "x => $x"), "fork"),
    (Lock(BODY, (Demand("a"),)), "lock"),
    (ConsumeNotices("'a'", BODY), "consumeNotices"),
    (Cycle(BODY, CycleSchedule(())), "cycle+i=1"),
]
LEFT_BY_ITSELF: list[tuple[Instruction, str]] = [
    (If("true", BODY), "then"),
    (Try(BODY, Block(())), "try+0"),
    (Options(BODY), "options"),
    (AdmissionTime(BODY, AdmissionTimeScheme()), "admissionTime"),
    (Segment(BODY), "segment"),
    (StickySubagent("a", BODY), "stickySubagent"),
]


def program(*instructions: Instruction) -> Program:
    return Program("flow", "1", Workflow(instructions))


@pytest.mark.parametrize(("instruction", "branch"), LEFT_BY_EVENT)
def test_the_end_of_a_block_that_an_event_leaves_stays(
    instruction: Instruction, branch: str
) -> None:
    found = program(instruction, Stop())
    assert found.enter((0,), branch) == (0, branch, 0)
    assert found.onward((0, branch, 0)) == (0, branch, 1)


@pytest.mark.parametrize(("instruction", "branch"), LEFT_BY_ITSELF)
def test_the_end_of_any_other_block_leads_out(instruction: Instruction, branch: str) -> None:
    found = program(instruction, Stop())
    assert found.enter((0,), branch) == (0, branch, 0)
    assert found.onward((0, branch, 0)) == (1,)


def test_ends_lead_out_of_several_blocks_up_to_one_that_an_event_leaves() -> None:
    nested = Lock(Block((Segment(Block((Options(BODY),))),)), (Demand("a"),))
    found = program(nested)
    assert found.onward((0, "lock", 0, "segment", 0, "options", 0)) == (0, "lock", 1)


def test_the_older_form_of_a_lock_is_walked_like_the_present_one() -> None:
    found = program(Lock(BODY, lock_name="a", count=2, label="x"))
    assert found.instruction((0,)) == Lock(BODY, (Demand("a", 2),), label="x")


def test_a_retry_in_one_piece_is_walked_as_a_try() -> None:
    found = program(Retry(try_=BODY, catch=BODY, max_tries=3))
    assert found.instruction((0,)) == Try(BODY, Block((Retry(), Stop())), max_tries=3)


def test_a_place_that_is_not_there_is_answered() -> None:
    with pytest.raises(PositionUnknown, match="0/segment/7"):
        program(Segment(BODY)).instruction((0, "segment", 7))


def test_agents_are_those_of_jobs_and_of_instructions() -> None:
    jobs = {"load": Job("agent-a", ShellScript("true"))}
    steps = (Execute("load"), Segment(Block((StickySubagent("agent-b", Block(())),))))
    found = Program("flow", "1", Workflow(steps, jobs))
    assert sorted(found.agents()) == ["agent-a", "agent-b"]
    assert list(found.agents((1, "segment"))) == ["agent-b"]


def large(size: int) -> bytes:
    """Return a document with `size` instructions, half of them in blocks."""
    steps = Block(tuple(Execute("load") for _ in range(4)))
    parts: list[Instruction] = []
    while len(parts) * 10 < size:
        parts.append(Lock(steps, (Demand("a"),), label=f"lock {len(parts)}"))
    flat = (Execute("load"),) * (size - 5 * len(parts))
    jobs = {"load": Job("agent-a", ShellScript("true"))}
    return write_workflow(Workflow((*parts, *flat), jobs))


def use(document: bytes) -> None:
    """Read, check, load and walk a document, as the controller and the cockpit do."""
    workflow = read_workflow(document).workflow
    assert workflow is not None
    assert check_workflow(workflow) == ()
    found = Program("flow", "1", workflow)
    for line in outline(workflow):
        found.onward(line.position)


def best_of_three(run: Callable[[], None]) -> float:
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return min(times)


def test_ten_times_as_many_instructions_take_about_ten_times_as_long() -> None:
    small, big = large(500), large(5000)
    ratio = best_of_three(lambda: use(big)) / best_of_three(lambda: use(small))
    assert ratio < 30, f"{ratio:.1f} times as long"
