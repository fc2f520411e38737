"""Workflows to draw, and what a drawing must keep."""

from itertools import combinations
from typing import Any

import msgspec

from cockpit.diagram.picture import Figure, Form, Line, Picture
from engine.workflow.model import Workflow
from engine.workflow.read import read_workflow

JOB = {"agentName": "agent-1", "executable": {"TYPE": "ShellScriptExecutable", "script": "true"}}


def job(name: str = "load", **more: Any) -> dict[str, Any]:
    return {"TYPE": "Execute.Named", "jobName": name, **more}


def block(*instructions: dict[str, Any]) -> dict[str, Any]:
    return {"instructions": list(instructions)}


def fork(**branches: dict[str, Any]) -> dict[str, Any]:
    found = [{"id": name, "workflow": inner} for name, inner in branches.items()]
    return {"TYPE": "Fork", "branches": found}


def workflow(*instructions: dict[str, Any], jobs: tuple[str, ...] = ("load",)) -> Workflow:
    document = {"instructions": list(instructions), "jobs": dict.fromkeys(jobs, JOB)}
    reading = read_workflow(document)
    assert reading.workflow is not None, reading.problems
    return reading.workflow


def drawable(*instructions: dict[str, Any]) -> Workflow:
    """Return a workflow that need not be sensible, such as one with a break outside of cycles."""
    return msgspec.convert(
        {"instructions": list(instructions), "jobs": {"load": JOB}}, Workflow, strict=False
    )


LOCK = {"TYPE": "Lock", "demands": [{"lockName": "dwh", "count": 1}, {"lockName": "cpu"}]}
DAILY = {"repeat": {"TYPE": "Periodic", "period": 900, "offsets": [0]}, "admissionTimeScheme": {
    "periods": [{"TYPE": "DailyPeriod", "secondOfDay": 28_800, "duration": 36_000}]}}  # fmt: skip
NIGHTS = [
    {"TYPE": "WeekdayPeriod", "secondOfWeek": day * 86_400 + 79_200, "duration": 28_800}
    for day in range(5)
]

SINGLE: dict[str, dict[str, Any]] = {
    "execute": job(),
    "post-notices": {"TYPE": "PostNotices", "noticeBoardNames": ["close-done"]},
    "expect-notices": {"TYPE": "ExpectNotices", "noticeBoardNames": "'fx-rates' || 'manual'"},
    "prompt": {"TYPE": "Prompt", "question": "'Release to CFO?'"},
    "sleep": {"TYPE": "Sleep", "duration": "90"},
    "stop": {"TYPE": "Stop", "label": "halt"},
    "add-order": {"TYPE": "AddOrder", "workflowName": "close-month"},
    "finish": {"TYPE": "Finish", "message": "'early'"},
    "fail": {"TYPE": "Fail", "message": "'no rows'", "uncatchable": True},
    "if": {"TYPE": "If", "predicate": "$rows > 0", "then": block(job())},
    "case-when": {
        "TYPE": "CaseWhen",
        "cases": [
            {"predicate": "$a == 1", "then": block(job())},
            {"predicate": "$a == 2", "then": block({"TYPE": "Finish"})},
        ],
        "else": block({"TYPE": "Fail"}),
    },
    "fork": fork(eu=block(job(), job()), us=block(job()), none=block()),
    "fork-list": {
        "TYPE": "ForkList",
        "children": "$files",
        "childToId": "(x) => $x",
        "workflow": block(job()),
    },
    "try": {"TYPE": "Try", "try": block(job()), "catch": block({"TYPE": "Fail"})},
    "retry": {"TYPE": "Retry", "maxTries": 3, "retryDelays": [30], "try": block(job())},
    "lock": {**LOCK, "lockedWorkflow": block(job())},
    "consume-notices": {
        "TYPE": "ConsumeNotices",
        "noticeBoardNames": "'stock'",
        "subworkflow": block(job()),
    },
    "cycle": {
        "TYPE": "Cycle",
        "schedule": {"schemes": [DAILY]},
        "cycleWorkflow": block(
            job(), {"TYPE": "If", "predicate": "$done", "then": block({"TYPE": "Break"})}, job()
        ),
    },
    "sticky-subagent": {
        "TYPE": "StickySubagent",
        "agentName": "agent-1",
        "subworkflow": block(job()),
    },
    "options": {"TYPE": "Options", "stopOnFailure": True, "block": block(job())},
    "admission-time": {
        "TYPE": "AdmissionTime",
        "admissionTimeScheme": {"periods": NIGHTS},
        "block": block(job()),
    },
    "segment": {"TYPE": "Segment", "label": "load everything", "block": block(job())},
}
"""One small workflow for each instruction."""


def each_instruction() -> Workflow:
    """Return a workflow with every instruction that can be drawn, nested in one another."""
    question = {"TYPE": "If", "predicate": "$rows > 0", "then": block(job())}
    cases = {
        "TYPE": "CaseWhen",
        "cases": [
            {"predicate": "$a == 1", "then": block(job(), question)},
            {"predicate": "$a == 2", "then": block({"TYPE": "Finish", "message": "'early'"})},
        ],
        "else": block({"TYPE": "Fail", "message": "'no case'"}),
    }
    caught = {
        "TYPE": "Try",
        "maxTries": 2,
        "try": block(fork(x=block(job()), y=block())),
        "catch": block(job(label="repair"), {"TYPE": "Retry"}),
    }
    frames = [SINGLE[name] for name in ("fork-list", "consume-notices", "sticky-subagent")]
    more = [SINGLE[name] for name in ("admission-time", "options", "segment")]
    waits = [SINGLE[name] for name in ("expect-notices", "prompt", "sleep", "add-order")]
    locked = {**LOCK, "lockedWorkflow": block(SINGLE["cycle"], *waits)}
    return workflow(
        job(label="extract"),
        fork(eu=block(job(), SINGLE["retry"]), us=block(cases), none=block()),
        caught,
        fork(left=block(locked), middle=block(*frames), right=block(*more, SINGLE["stop"])),
        SINGLE["post-notices"],
        job(),
    )


def overlaps(picture: Picture) -> list[tuple[Figure, Figure]]:
    """Return the pairs of figures that share room, though neither is around the other."""
    return [
        (a, b)
        for a, b in combinations(picture.figures, 2)
        if _share(a, b) and not (_is_in(b, a) or _is_in(a, b))
    ]


def outside(picture: Picture) -> list[Figure]:
    """Return the figures that stick out of the picture or of what is around them."""
    around = {f.position: f for f in picture.figures if f.around}
    found = []
    for figure in picture.figures:
        parts = figure.position.split("/")
        boxes = [around[p] for n in range(len(parts)) if (p := "/".join(parts[:n])) in around]
        whole = Figure(Form.FRAME, "", figure.words, 0, 0, picture.width, picture.height)
        if any(not _holds(box, figure) for box in [whole, *boxes]):
            found.append(figure)
    return found


def crossed(picture: Picture) -> list[tuple[Line, Figure]]:
    """Return the lines that run through a node which is not around them."""
    solid = [f for f in picture.figures if not f.around]
    return [(line, f) for line in picture.lines for f in solid if _runs_through(line, f)]


def _share(a: Figure, b: Figure) -> bool:
    return (
        a.x < b.x + b.width
        and b.x < a.x + a.width
        and a.y < b.y + b.height
        and b.y < a.y + a.height
    )


def _is_in(inner: Figure, outer: Figure) -> bool:
    return outer.around and inner.position.startswith(f"{outer.position}/")


ROUNDING = 1e-6


def _holds(outer: Figure, inner: Figure) -> bool:
    return (
        outer.x <= inner.x + ROUNDING
        and outer.y <= inner.y + ROUNDING
        and inner.x + inner.width <= outer.x + outer.width + ROUNDING
        and inner.y + inner.height <= outer.y + outer.height + ROUNDING
    )


def _runs_through(line: Line, f: Figure) -> bool:
    for (x1, y1), (x2, y2) in zip(line.points, line.points[1:], strict=False):
        across = min(x1, x2) < f.x + f.width and max(x1, x2) > f.x
        along = min(y1, y2) < f.y + f.height and max(y1, y2) > f.y
        if across and along:
            return True
    return False
