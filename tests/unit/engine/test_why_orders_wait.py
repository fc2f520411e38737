"""Why an order waits, for whom and until when."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from engine.facts import Control, Instance, LockState, NoticeState
from engine.order import model as m
from engine.order.why import Around, Wait, why
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from engine.world import World
from tests.unit.engine.standing import AGENT, LATER_US, NOW_US, standing

Prepare = Callable[[World], object]


def told(name: str, prepare: Prepare | None = None, around: Around = Around()) -> Wait:  # noqa: B008
    """Return why an order waits that stands as the name says."""
    world, order = standing(name)
    if prepare is not None:
        prepare(world)
    return why(world, order, NOW_US, around)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Fresh", "scheduled"),
        ("DelayingRetry", "retry-delay"),
        ("Sleeping", "sleeping"),
        ("WaitingForAdmission", "admission"),
        ("BetweenCycles", "cycle"),
    ],
)
def test_who_waits_for_a_moment_tells_which(name: str, code: str) -> None:
    wait = told(name)
    assert (wait.code, wait.until_us) == (code, LATER_US)


def test_a_lock_tells_its_holders_and_the_place_in_the_queue() -> None:
    def two_ahead(world: World) -> None:
        key = ("lock", "tape", "")
        world.facts[key] = LockState({"holder": None})
        for rank, order_id in (((-5, 9), "first"), ((0, 0), "second"), ((0, 1), "o")):
            world.join_queue(key, rank, order_id)

    wait = told("WaitingForLock", two_ahead)
    assert wait.for_whom == ("holder",)
    assert wait.sentence == "It waits for lock tape, held by holder. 2 orders wait before it."


def test_a_lock_that_lets_nobody_in_says_so() -> None:
    def closed(world: World) -> None:
        world.facts["lock", "tape", ""] = LockState()
        world.objects["lock", "tape"] = None

    assert "which lets nobody in" in told("WaitingForLock", closed).sentence


def test_notices_tell_what_is_missing_and_who_would_post_it() -> None:
    def announced(world: World) -> None:
        world.facts["notice", "eod", "day"] = NoticeState(announced=2)

    around = Around(posters={"eod": ("load/all",)})
    wait = told("ExpectingNotices", announced, around)
    assert wait.for_whom == ("load/all",)
    assert wait.sentence == (
        "It waits for notice day on board eod, posted by load/all, announced by 2 orders."
    )


def test_a_notice_that_is_there_is_not_missing() -> None:
    def present(world: World) -> None:
        world.facts["notice", "eod", "day"] = NoticeState((Instance(1, NOW_US),), 1)

    assert "notice day" not in told("ExpectingNotices", present).sentence


def test_children_tell_who_of_them_needs_a_person() -> None:
    def one_failed(world: World) -> None:
        world.put(replace(world.order("o|x"), state=m.Failed()))

    wait = told("Forked", one_failed)
    assert wait.for_whom == ("o|x",)
    assert wait.sentence == "It waits for 1 of 1 children. o|x: resume or cancel leads on."


def test_a_child_that_has_ended_is_not_waited_for() -> None:
    world, parent = standing("Forked")
    child = world.order("o|x")
    world.put(replace(child, state=m.Finished()))
    world.put(replace(child, id="o|y", state=m.Ready()))
    forked = replace(parent, state=m.Forked(("o|x", "o|y"), 1))
    assert why(world, forked, NOW_US, Around()).for_whom == ("o|y",)


RUNNING = ("b", "c")


@pytest.mark.parametrize(
    ("around", "code", "for_whom"),
    [
        (Around(job_runs=("b",)), "job-limit", ("b",)),
        (Around(agent_runs=RUNNING, agent_limit=2), "agent-limit", RUNNING),
        (Around(), "process", (AGENT,)),
        (Around(away_since_us=7), "agent-away", (AGENT,)),
        (Around(agent="disabled"), "agent-disabled", (AGENT,)),
    ],
)
def test_a_job_that_does_not_start_says_why(
    around: Around, code: str, for_whom: tuple[str, ...]
) -> None:
    wait = told("Ready at agent", around=around)
    assert (wait.code, wait.for_whom, wait.since_us) == (code, for_whom, around.away_since_us)


@pytest.mark.parametrize(
    ("around", "code", "sentence"),
    [
        (Around(), "attaching", "It is on its way to agent agent-1."),
        (
            Around(agent="disabled"),
            "agent-disabled",
            "Agent agent-1 is disabled: it starts no job.",
        ),
        (
            Around(agent="unknown", away_since_us=0),
            "agent-unknown",
            "No agent agent-1 has joined yet.",
        ),
    ],
)
def test_who_is_to_go_to_an_agent_says_what_keeps_it(
    around: Around, code: str, sentence: str
) -> None:
    world, order = standing("Ready at agent", held=m.Held(AGENT, "attaching"))
    wait = why(world, order, NOW_US, around)
    assert (wait.code, wait.sentence, wait.for_whom) == (code, sentence, (AGENT,))


def test_a_job_outside_of_its_period_tells_when_it_begins() -> None:
    noon = {"periods": [{"TYPE": "DailyPeriod", "secondOfDay": 32_400, "duration": 60}]}
    world, order = standing("Ready at agent")
    document = {
        "instructions": [{"TYPE": "Execute.Named", "jobName": "job"}],
        "jobs": {
            "job": {
                "agentName": AGENT,
                "executable": {"TYPE": "ShellScriptExecutable", "script": "true"},
                "admissionTimeScheme": noon,
            }
        },
    }
    workflow = read_workflow(document).workflow
    assert workflow is not None
    world.programs["flow", "v1"] = Program("flow", "v1", workflow)
    wait = why(world, order, NOW_US)
    assert (wait.code, wait.until_us) == ("job-admission", LATER_US)
    forced = why(world, replace(order, force_admission=True), NOW_US)
    assert forced.code == "process"


def test_people_and_workflows_that_hold_an_order_are_named() -> None:
    assert told("Ready suspended").code == "suspended"
    assert told("Ready frozen").for_whom == ("flow",)
    assert told("Prompting").sentence == "It asks: Go on?"

    def stop(world: World) -> None:
        world.facts["workflow", "flow", ""] = Control(stops=((0,),))

    wait = told("Ready suspended", stop)
    assert (wait.code, wait.sentence) == (
        "breakpoint",
        "It was stopped before l0. Resume leads on.",
    )


@pytest.mark.parametrize("message", ["disk full", "disk full."])
def test_a_failure_says_what_failed(message: str) -> None:
    world, order = standing("Failed")
    failed = replace(order, outcome=m.Outcome("failed", message=message))
    wait = why(world, failed, NOW_US)
    assert wait.sentence == "It has failed: disk full. Resume or cancel leads on."
