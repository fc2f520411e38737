"""One order in every state there is, each at an instruction where it can be in it."""

from collections import deque
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from engine.facts import Control, LockState
from engine.objects.model import ResourceLock
from engine.order import events as e
from engine.order import model as m
from engine.position import Position
from engine.steps.advance import advance
from engine.steps.site import Site
from engine.workflow.instruction import Cycle
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from engine.world import Step, World
from timetable import repetition

AGENT = "agent-1"
NOW_US = 1_772_438_400_000_000  # 2026-03-02T08:00:00Z
LATER_US = NOW_US + 3_600_000_000

_JOB = {
    "agentName": AGENT,
    "executable": {"TYPE": "ShellScriptExecutable", "script": "true"},
}
_RUN = {"TYPE": "Execute.Named", "jobName": "job", "label": "run"}
_NINE = {"periods": [{"TYPE": "DailyPeriod", "secondOfDay": 32400, "duration": 3600}]}


def _block(*instructions: dict[str, Any]) -> dict[str, Any]:
    return {"instructions": list(instructions)}


DOCUMENT: dict[str, Any] = {
    "instructions": [
        _RUN,
        {"TYPE": "Fork", "branches": [{"id": "x", "workflow": _block({"TYPE": "Break"})}]},
        {
            "TYPE": "Try",
            "maxTries": 3,
            "retryDelays": [60],
            "try": _block({"TYPE": "Prompt", "question": "'?'"}),
            "catch": _block({"TYPE": "Retry"}),
        },
        {"TYPE": "Sleep", "duration": "60"},
        {"TYPE": "AdmissionTime", "admissionTimeScheme": _NINE, "block": _block(_RUN)},
        {
            "TYPE": "Cycle",
            "cycleWorkflow": _block({"TYPE": "Prompt", "question": "'?'"}),
            "schedule": {
                "schemes": [{"repeat": {"TYPE": "Continuous", "pause": 3600, "limit": 2}}]
            },
        },
        {"TYPE": "Lock", "demands": [{"lockName": "tape"}], "lockedWorkflow": _block(_RUN)},
        {"TYPE": "ExpectNotices", "noticeBoardNames": "'eod'"},
        {"TYPE": "Prompt", "question": "'Go on?'"},
        {"TYPE": "Stop"},
    ],
    "jobs": {"job": _JOB},
}
for _n, _step in enumerate(DOCUMENT["instructions"]):
    DOCUMENT["instructions"][_n] = {**_step, "label": f"l{_n}"}
DOCUMENT["instructions"][1]["branches"][0]["workflow"] = _block({"TYPE": "Sleep", "duration": "9"})
END: Position = (10,)

ATTACHED = m.Held(AGENT, "attached")
_FRESH = m.Fresh()
_READY = m.Ready()

WHERE: dict[str, tuple[m.State, Position, dict[str, Any]]] = {
    "Fresh": (_FRESH, (0,), {"scheduled_us": LATER_US}),
    "Fresh suspended": (_FRESH, (0,), {"scheduled_us": LATER_US, "suspended": True}),
    "Fresh at agent": (_FRESH, (0,), {"scheduled_us": LATER_US, "held": ATTACHED}),
    "Ready suspended": (_READY, (0,), {"suspended": True}),
    "Ready frozen": (_READY, (0,), {}),
    "Ready at the end, frozen": (_READY, END, {}),
    "Ready at agent": (_READY, (0,), {"held": ATTACHED}),
    "Processing": (m.Processing("a-1", NOW_US), (0,), {"held": ATTACHED}),
    "Processed at agent": (m.Processed(), (0,), {"held": ATTACHED}),
    "ProcessingKilled": (m.ProcessingKilled(), (0,), {}),
    "Forked": (m.Forked(("o|x",), 1), (1,), {}),
    "DelayingRetry": (m.DelayingRetry(LATER_US, (2, "catch+0", 0)), (2, "try+1", 0), {}),
    "DelayingRetry at agent": (
        m.DelayingRetry(LATER_US, (2, "catch+0", 0)), (2, "try+1", 0), {"held": ATTACHED},
    ),
    "Sleeping": (m.Sleeping(LATER_US), (3,), {}),
    "WaitingForAdmission": (m.WaitingForAdmission(LATER_US), (4,), {}),
    "BetweenCycles": (m.BetweenCycles(LATER_US, ""), (5,), {}),
    "WaitingForLock": (m.WaitingForLock((("tape", None),), 1), (6,), {}),
    "ExpectingNotices": (m.ExpectingNotices((("eod", "day"),), 1), (7,), {}),
    "Prompting": (m.Prompting("Go on?"), (8,), {}),
    "Stopped": (m.Stopped(), (9,), {}),
    "StoppedWhileFresh": (m.StoppedWhileFresh(), (0,), {"scheduled_us": LATER_US}),
    "Failed": (m.Failed(), (0,), {}),
    "FailedWhileFresh": (m.FailedWhileFresh(), (0,), {"scheduled_us": LATER_US}),
    "FailedInFork": (m.FailedInFork(), (1, "fork+x", 0), {"parent": "p"}),
    "Broken": (m.Broken("no way"), (0,), {}),
    "Broken suspended": (m.Broken("no way"), (0,), {"suspended": True}),
    "Finished, remaining": (m.Finished(), END, {"remain": True}),
    "Cancelled, remaining": (m.Cancelled(), (0,), {"remain": True}),
    "Finished, before its join": (m.Finished(), (1, "fork+x", 1), {"parent": "p"}),
}  # fmt: skip


def program(version: str = "v1", **more: Any) -> Program:
    """Return the workflow in which the order stands, in a version."""
    reading = read_workflow({**DOCUMENT, **more})
    assert reading.workflow is not None, reading.problems
    return Program("flow", version, reading.workflow)


def standing(name: str, **more: Any) -> tuple[World, m.Order]:
    """Return a world with one order `o` that stands as the name says."""
    world = World(complete=True)
    world.programs["flow", "v1"] = program()
    world.current["flow"] = "v1"
    world.objects["lock", "tape"] = ("tape", ResourceLock(1))
    world.facts["lock", "tape", ""] = LockState({"holder": None})
    if "frozen" in name:
        world.facts["workflow", "flow", ""] = Control(suspended=True)
    state, position, rest = WHERE[name]
    known: dict[str, Any] = {"state": state, "position": position, "order_date": "2026-03-02"}
    order = m.Order(id="o", workflow="flow", version="v1", **known, **rest)
    if isinstance(state, m.BetweenCycles):
        order = replace(order, state=m.BetweenCycles(LATER_US, _waiting_cycle(world)))
    order = replace(order, **more)
    world.put(order)
    if isinstance(state, m.Forked):
        child = replace(order, id="o|x", parent="o", state=_READY, position=(1, "fork+x", 0))
        world.put(replace(child, state=m.Sleeping(LATER_US)))
    return world, order


def _waiting_cycle(world: World) -> str:
    """Return the text of a cycle that has run once and pauses."""
    node = world.program("flow", "v1").instruction((5,))
    assert isinstance(node, Cycle)
    first = repetition.first(node.schedule, "Etc/UTC", "2026-03-02", NOW_US, only_one_period=False)
    assert first is not None
    return repetition.to_text(first)


def let_go(world: World, order_id: str = "o") -> Iterator[Step]:
    """Yield what follows for an order at the controller, a few steps at most."""
    site = Site(now_us=NOW_US, horizon_us=0)
    for _, step in zip(range(50), advance(world, deque([order_id]), site), strict=False):
        yield step


def after(world: World) -> m.Order:
    """Return the order as it is now, also where it has left."""
    return world.orders.get("o") or world.left["o"]


def happened(steps: list[Step]) -> list[str]:
    """Return the names of events of the order."""
    return [type(event).__name__ for concerned, event in steps if concerned == "o"]


__all__ = ["AGENT", "LATER_US", "NOW_US", "WHERE", "after", "e", "happened", "let_go", "program",
           "standing"]  # fmt: skip
