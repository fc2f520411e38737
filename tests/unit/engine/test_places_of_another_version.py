"""Where a place of a workflow version is in another version, and by what it is found."""

from typing import Any

import msgspec
import pytest

from engine.order.counterparts import By, counterpart
from engine.position import from_text, to_text
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from tests.simulation.scenes import PROMPT, attempt, block, fork, job, lock, run

JOBS = {name: job() for name in ("load", "copy", "check", "mail")}
SLEEP = {"TYPE": "Sleep", "duration": "60"}


def plain(name: str) -> dict[str, Any]:
    """Return the instruction that runs a job, without a label."""
    return {"TYPE": "Execute.Named", "jobName": name}


def version(*instructions: dict[str, Any], name: str = "v1") -> Program:
    """Return a version of a workflow."""
    used = {**block(*instructions), "jobs": JOBS}
    reading = read_workflow(msgspec.json.encode(used))
    assert reading.workflow is not None, reading.problems
    return Program("flow", name, reading.workflow)


def where(old: Program, new: Program, position: str) -> tuple[str, str, str]:
    """Return where a position is in the new version and by what it was found."""
    found = counterpart(old, new, from_text(position))
    return to_text(found.position), found.by.value, found.words


LABELLED = version(run("load"), PROMPT, run("copy"))
UNLABELLED = version(plain("load"), PROMPT, plain("copy"))


@pytest.mark.parametrize(("old", "by"), [(LABELLED, By.LABEL), (UNLABELLED, By.JOB)])
@pytest.mark.parametrize(
    ("position", "to", "how"),
    [
        ("0", "1", "load"),
        ("1", "2", "load before it"),
        ("2", "3", "copy"),
        ("3", "4", "copy before it"),  # the end
    ],
)
def test_what_was_put_before_moves_every_place(
    old: Program, by: By, position: str, to: str, how: str
) -> None:
    extra = run("check") if by is By.LABEL else plain("check")
    new = version(extra, *_instructions(old), name="v2")
    assert where(old, new, position) == (to, by, f"{by} {how}")


def test_a_label_goes_before_a_job() -> None:
    new = version({**plain("copy"), "label": "load"}, plain("load"))
    assert where(version(run("load")), new, "0") == ("0", "label", "label load")


def test_a_job_that_is_used_twice_names_nothing() -> None:
    for old, new in (
        ([plain("load"), plain("load")], [SLEEP, plain("load")]),
        ([plain("load"), SLEEP], [SLEEP, plain("load"), plain("load")]),
    ):
        assert where(version(*old), version(*new), "0") == ("0", "position", "its position")


def test_a_label_that_has_gone_leaves_the_position() -> None:
    new = version(run("check"), PROMPT, run("mail"))
    assert where(LABELLED, new, "2") == ("2", "position", "its position")


def test_a_place_in_a_named_block_goes_with_the_block() -> None:
    old = version({**lock(SLEEP, PROMPT), "label": "safe"})
    new = version(SLEEP, {**lock(SLEEP, PROMPT), "label": "safe"})
    assert where(old, new, "0/lock/1") == ("1/lock/1", "label", "label safe around it")


def test_a_block_is_found_by_what_is_inside_of_it() -> None:
    old, new = (version(*before, fork([run()], [PROMPT])) for before in ([], [SLEEP]))
    assert where(old, new, "0") == ("1", "label", "label load inside of it")
    assert where(old, new, "0/fork+y/0") == ("1/fork+y/0", "label", "label load in the same block")


def test_a_block_whose_steps_are_in_two_blocks_now_is_found_by_none() -> None:
    old = version(lock(run("load"), run("copy")))
    new = version(SLEEP, lock(run("load")), lock(run("copy")))
    assert where(old, new, "0") == ("0", "position", "its position")


def test_counts_of_tries_are_kept_where_the_blocks_are_the_same() -> None:
    old, new = (version(*before, attempt(run(), PROMPT)) for before in ([], [SLEEP]))
    assert where(old, new, "0/try+2/0")[0] == "1/try+2/0"
    assert where(old, new, "0/try+2/1")[0] == "1/try+2/1"
    assert where(old, new, "0/catch+1/0")[0] == "1/catch+1/0"


def test_a_step_that_is_tried_now_begins_with_the_first_try() -> None:
    new = version(attempt(run(), retryDelays=[0]))
    assert where(version(run()), new, "0")[0] == "0/try+0/0"


def _instructions(program: Program) -> list[dict[str, Any]]:
    of = run if program.labels else plain
    return [of("load"), PROMPT, of("copy")]
