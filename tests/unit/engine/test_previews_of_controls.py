"""What verbs on workflows and plans would mean for one order, wherever it stands."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from engine.facts import Control
from engine.order import model as m
from engine.order.places import may_come
from engine.order.preview import When
from engine.order.preview_controls import preview_control
from engine.order.requests import ControlWorkflow
from engine.position import from_text
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from engine.world import World
from tests.simulation.scenes import PROMPT, attempt, block, fork, job, run
from tests.unit.engine.standing import AGENT, standing

CYCLE = {"schemes": [{"repeat": {"TYPE": "Continuous", "pause": 60}}]}
JOBS = {name: job() for name in ("load", "copy", "check", "mail", "post")}


def flow() -> Program:
    """Return a workflow with a step in each kind of block."""
    again = {"TYPE": "Cycle", "schedule": CYCLE, "cycleWorkflow": block(run("copy"), PROMPT)}
    chosen = {"TYPE": "If", "predicate": "true", "then": block(PROMPT), "else": block(run("mail"))}
    steps = [run(), again, attempt(run("check"), PROMPT), fork([PROMPT], [run("post")]), chosen]
    reading = read_workflow(msgspec.json.encode({**block(*steps), "jobs": JOBS}))
    assert reading.workflow is not None, reading.problems
    return Program("flow", "v1", reading.workflow)


def told(position: str, verb: Any, *names: str, **order: Any) -> tuple[When, str]:
    """Return what a verb would mean for an order that stands somewhere in the workflow."""
    world = World(complete=True)
    world.programs["flow", "v1"] = flow()
    world.name("flow", "v1")
    here = m.Order(
        **{"id": "o", "workflow": "flow", "version": "v1", "state": m.Ready(),
           "position": from_text(position), **order}
    )  # fmt: skip
    fields = {"labels" if "skip" in verb else "positions": names}
    seen = preview_control(world, here, ControlWorkflow("flow", verb, **fields))
    return seen.when, seen.effect


@pytest.mark.parametrize(
    ("here", "there", "comes"),
    [
        ("0", "1", True),
        ("1", "0", False),
        ("1/cycle/1", "1/cycle/0", True),  # the next round
        ("2/try+0/1", "2/try/0", True),  # the next try
        ("2/try+0/1", "2/catch/0", True),
        ("2/catch+0/0", "2/try/0", True),
        ("3/fork+x/0", "3/fork+y/0", False),
        ("4/then/0", "4/else/0", False),
        ("4", "4/else/0", True),
        ("4/then/0", "4", False),  # it is inside
    ],
)
def test_where_an_order_may_still_come_by_itself(here: str, there: str, comes: bool) -> None:
    assert may_come(flow(), from_text(here), from_text(there)) is comes


@pytest.mark.parametrize(
    ("position", "label", "when", "effect"),
    [
        ("0", "load", When.NOW, "passes label load by"),
        ("0", "check", When.LATER, "passes label check by when it comes to it"),
        ("1", "load", When.NEVER, "does not come to label load any more"),
        ("1/cycle/1", "copy", When.LATER, "passes label copy by when it comes to it"),
    ],
)
def test_what_skipping_a_label_means(position: str, label: str, when: When, effect: str) -> None:
    assert told(position, "skip", label) == (when, effect)


def test_a_child_never_comes_to_what_its_parent_does() -> None:
    here: dict[str, Any] = {"parent": "p"}
    assert told("3/fork+x/0", "skip", "mail", **here)[0] is When.NEVER
    assert told("3/fork+x/0", "skip", "mail")[0] is When.LATER  # control
    forked = m.Forked(("o|x",), 1)
    assert told("3", "skip", "post", state=forked)[0] is When.NEVER  # its children do
    assert told("3", "skip", "post")[0] is When.LATER  # control


def test_an_order_that_is_at_work_on_a_step_is_not_taken_out_of_it() -> None:
    held = m.Held(AGENT, "attached")
    for state in (m.Processing("o:1", 1), m.ExpectingNotices(())):
        assert told("0", "skip", "load", state=state, held=held)[0] is When.NEVER
    assert told("0", "skip", "load")[0] is When.NOW  # control


@pytest.mark.parametrize("verb", ["suspend", "resume"])
@pytest.mark.parametrize(
    ("state", "suspend", "resume"),
    [
        ("Fresh", "does not start", "starts when it is due"),
        ("Fresh at agent", f"stands still as soon as agent {AGENT} hears of it",
         "starts when it is due"),
        ("Processing", "stands still when its job ends", "goes on when its job ends"),
        ("Forked", "stands still when its children have ended", "goes on when its children have"),
        ("Prompting", "stands still when its wait is over", "goes on when its wait is over"),
        ("Ready suspended", "stands still already", "stays suspended"),
        ("Failed", "stands still already", "stays as it is: it has to be resumed itself"),
    ],
)  # fmt: skip
def test_what_freezing_and_thawing_a_workflow_means(
    state: str, suspend: str, resume: str, verb: Any
) -> None:
    world, order = standing(state)
    if verb == "resume":
        world.set_fact(("workflow", "flow", ""), Control(suspended=True))
    seen = preview_control(world, order, ControlWorkflow("flow", verb))
    assert seen.effect.startswith(suspend if verb == "suspend" else resume)
    again = preview_control(world, order, ControlWorkflow("flow", _other(verb)))
    assert again.when is When.NEVER  # it is so already


def test_a_stop_that_has_stopped_an_order_keeps_it_when_it_goes() -> None:
    world, order = standing("Ready suspended")
    world.set_fact(("workflow", "flow", ""), Control(stops=(order.position,)))
    asked = ControlWorkflow("flow", "unstop", positions=("0",))
    assert preview_control(world, order, asked).effect.startswith("stays suspended")
    other = replace(order, suspended=False)
    assert preview_control(world, other, asked).effect == "is not suspended before 0"


def _other(verb: str) -> Any:
    return "resume" if verb == "suspend" else "suspend"
