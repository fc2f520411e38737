"""Random workflows, locks and boards out of a seed: small, and made to get in each other's way.

One table tells how each instruction is made and how often; take a line out and it never comes.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, TypeAlias

import msgspec

Document: TypeAlias = dict[str, Any]

AGENTS = ("agent-a", "agent-b")
JOBS = ("load", "copy", "check")
FLOWS = ("flow-1", "flow-2", "flow-3")
LOCKS = ("lock-1", "lock-2")
BOARDS = ("board-1", "board-2")
ELEMENTS = "items"
PREDICATES = ("true", "false", "$a == 'x'", "$returnCode == 0", "$returnCode > 0", "$nowhere")
EXPRESSIONS = ("'board-1'", "'board-2'", "'board-1' && 'board-2'", "'board-1' || 'board-2'")
DEPTH = 2

Make = Callable[["Maker", int], Document]


class Maker:
    """Makes the documents of one installation. Labels are unique within a workflow."""

    def __init__(self, chance: Random, weights: Mapping[str, float]) -> None:
        self.chance = chance
        self._labels = 0
        self._inner = [(kind, w) for kind, w in weights.items() if w > 0]
        self._leaves = [(kind, w) for kind, w in self._inner if kind in LEAVES]

    def workflow(self) -> Document:
        """Return a workflow that any order of a night may walk."""
        self._labels = 0
        return {
            "orderPreparation": {
                "parameters": {
                    "a": {"type": "String", "default": "'x'"},
                    ELEMENTS: {
                        "type": "List",
                        "default": [{"name": "p"}, {"name": "q"}],
                        "listParameters": {"name": {"type": "String"}},
                    },
                },
                "allowUndeclared": True,
            },
            "instructions": self.instructions(DEPTH),
            "jobs": {name: self._job() for name in JOBS},
        }

    def _job(self) -> Document:
        chance = self.chance
        found: Document = {
            "agentName": chance.choice(AGENTS),
            "executable": {"TYPE": "ShellScriptExecutable", "script": "exit"},
            "graceTimeout": chance.choice((0, 1)),
            "parallelism": chance.choice((1, 2)),
        }
        if chance.random() < 0.15:
            found["timeout"] = 1
        if chance.random() < 0.15:
            found["isNotRestartable"] = True
        return found

    def instructions(self, depth: int) -> list[Document]:
        """Return a list of instructions whose blocks are at most so deep."""
        return [self.instruction(depth) for _ in range(self.chance.choice((1, 1, 2, 3)))]

    def block(self, depth: int) -> Document:
        """Return a block of instructions."""
        return {"instructions": self.instructions(depth - 1)}

    def instruction(self, depth: int) -> Document:
        """Return one instruction."""
        table = self._inner if depth > 0 else self._leaves
        kinds, weights = [k for k, _ in table], [w for _, w in table]
        return TABLE[self.chance.choices(kinds, weights)[0]](self, depth)

    def label(self) -> str:
        """Return a label that no other instruction of this workflow has."""
        self._labels += 1
        return f"step-{self._labels}"


def _execute(maker: Maker, _depth: int) -> Document:
    job = maker.chance.choice(JOBS)
    return {"TYPE": "Execute.Named", "jobName": job, "label": maker.label()}


def _if(maker: Maker, depth: int) -> Document:
    found = {"TYPE": "If", "predicate": _predicate(maker), "then": maker.block(depth)}
    if maker.chance.random() < 0.5:
        found["else"] = maker.block(depth)
    return found


def _predicate(maker: Maker) -> str:
    return maker.chance.choices(PREDICATES, (4, 2, 4, 2, 2, 1))[0]


def _case(maker: Maker, depth: int) -> Document:
    cases = [{"predicate": _predicate(maker), "then": maker.block(depth)} for _ in range(2)]
    return {"TYPE": "CaseWhen", "cases": cases}


def _try(maker: Maker, depth: int) -> Document:
    attempt, catch = maker.block(depth), maker.block(depth)
    found: Document = {"TYPE": "Try", "try": attempt, "catch": catch, "maxTries": 3}
    if maker.chance.random() < 0.6:
        retry = {"TYPE": "Retry"}
        found["catch"] = {
            "instructions": maker.chance.choice(([retry], [_execute(maker, 0), retry]))
        }
        found["retryDelays"] = maker.chance.choice(([0], [1], [0, 2]))
    return found


def _fork(maker: Maker, depth: int) -> Document:
    branches = [{"id": name, "workflow": maker.block(depth)} for name in ("x", "y")]
    for branch in branches:
        if maker.chance.random() < 0.4:
            branch["workflow"]["result"] = {"r": "$a"}  # type: ignore[index]  # a block
    return {"TYPE": "Fork", "branches": branches, "joinIfFailed": maker.chance.random() < 0.5}


def _fork_list(maker: Maker, depth: int) -> Document:
    return {
        "TYPE": "ForkList",
        "children": f"${ELEMENTS}",
        "childToId": "(x) => $x.name",
        "workflow": maker.block(depth),
        "joinIfFailed": maker.chance.random() < 0.5,
    }


def _lock(maker: Maker, depth: int) -> Document:
    names = maker.chance.sample(LOCKS, maker.chance.choice((1, 1, 2)))
    demands = [
        {"lockName": n, **maker.chance.choice(({}, {"count": 1}, {"count": 1}))} for n in names
    ]
    return {"TYPE": "Lock", "demands": demands, "lockedWorkflow": maker.block(depth)}


def _post(maker: Maker, _depth: int) -> Document:
    boards = maker.chance.sample(BOARDS, maker.chance.choice((1, 1, 2)))
    return {"TYPE": "PostNotices", "noticeBoardNames": boards}


def _expect(maker: Maker, _depth: int) -> Document:
    return {"TYPE": "ExpectNotices", "noticeBoardNames": maker.chance.choice(EXPRESSIONS)}


def _consume(maker: Maker, depth: int) -> Document:
    return {
        "TYPE": "ConsumeNotices",
        "noticeBoardNames": maker.chance.choice(EXPRESSIONS),
        "subworkflow": maker.block(depth),
    }


def _add_order(maker: Maker, _depth: int) -> Document:
    # Only to the last workflow, which adds none itself: no avalanches.
    return {"TYPE": "AddOrder", "workflowName": FLOWS[-1], "arguments": {"a": "'y'"}}


def _cycle(maker: Maker, depth: int) -> Document:
    repeat = maker.chance.choice(REPEATS)
    block = maker.block(depth)
    if repeat["TYPE"] == "Ticking" or maker.chance.random() < 0.3:
        block["instructions"].append(BREAK)
    return {"TYPE": "Cycle", "cycleWorkflow": block, "schedule": {"schemes": [{"repeat": repeat}]}}


def _prompt(maker: Maker, _depth: int) -> Document:
    return {"TYPE": "Prompt", "question": "'Go on?'"}


def _sleep(maker: Maker, _depth: int) -> Document:
    return {"TYPE": "Sleep", "duration": maker.chance.choice(("0", "1", "3"))}


def _sticky(maker: Maker, depth: int) -> Document:
    agent = maker.chance.choice(AGENTS)
    return {"TYPE": "StickySubagent", "agentName": agent, "subworkflow": maker.block(depth)}


def _options(maker: Maker, depth: int) -> Document:
    stops = maker.chance.random() < 0.7
    return {"TYPE": "Options", "stopOnFailure": stops, "block": maker.block(depth)}


def _admission(maker: Maker, depth: int) -> Document:
    begin = maker.chance.choice((0, 20, 40))
    period = {"TYPE": "DailyPeriod", "secondOfDay": begin, "duration": 86_400 - begin}
    scheme = {"periods": [period]}
    return {"TYPE": "AdmissionTime", "admissionTimeScheme": scheme, "block": maker.block(depth)}


def _segment(maker: Maker, depth: int) -> Document:
    return {"TYPE": "Segment", "block": maker.block(depth)}


def _finish(maker: Maker, _depth: int) -> Document:
    return {"TYPE": "Finish", "unsuccessful": maker.chance.random() < 0.3}


def _fail(maker: Maker, _depth: int) -> Document:
    if maker.chance.random() < 0.8:
        return {"TYPE": "Fail", "message": "'no'"}
    return {"TYPE": "Fail", "outcome": {"returnCode": 7}, "uncatchable": True}


def _stop(_maker: Maker, _depth: int) -> Document:
    return {"TYPE": "Stop"}


BREAK = {"TYPE": "Break"}
REPEATS: tuple[Document, ...] = (
    {"TYPE": "Continuous", "pause": 1, "limit": 2},
    {"TYPE": "Continuous", "pause": 2, "limit": 3},
    {"TYPE": "Ticking", "interval": 20},
)

TABLE: Mapping[str, Make] = {
    "Execute.Named": _execute,
    "If": _if,
    "CaseWhen": _case,
    "Try": _try,
    "Fork": _fork,
    "ForkList": _fork_list,
    "Lock": _lock,
    "PostNotices": _post,
    "ExpectNotices": _expect,
    "ConsumeNotices": _consume,
    "AddOrder": _add_order,
    "Cycle": _cycle,
    "Prompt": _prompt,
    "Sleep": _sleep,
    "StickySubagent": _sticky,
    "Options": _options,
    "AdmissionTime": _admission,
    "Segment": _segment,
    "Finish": _finish,
    "Fail": _fail,
    "Stop": _stop,
}
LEAVES = frozenset(
    {
        "Execute.Named", "PostNotices", "ExpectNotices", "AddOrder", "Prompt", "Sleep", "Finish",
        "Fail", "Stop",
    }
)  # fmt: skip
WEIGHTS: Mapping[str, float] = {
    "Execute.Named": 8,
    "If": 1.5,
    "CaseWhen": 0.5,
    "Try": 3,
    "Fork": 2,
    "ForkList": 1,
    "Lock": 2.5,
    "PostNotices": 2,
    "ExpectNotices": 1,
    "ConsumeNotices": 2,
    "AddOrder": 0.5,
    "Cycle": 0.7,
    "Prompt": 0.4,
    "Sleep": 0.7,
    "StickySubagent": 0.5,
    "Options": 0.5,
    "AdmissionTime": 0.4,
    "Segment": 0.3,
    "Finish": 0.3,
    "Fail": 0.7,
    "Stop": 0.2,
}


class Installed(msgspec.Struct, frozen=True):
    """What is deployed at the begin of a night: workflows by path, objects by (kind, path)."""

    workflows: dict[str, Document]
    objects: dict[tuple[str, str], Document]


def installed(chance: Random, weights: Mapping[str, float] = WEIGHTS) -> Installed:
    """Return workflows that share locks and boards."""
    workflows = {}
    for path in FLOWS:
        own = {**weights, "AddOrder": 0} if path == FLOWS[-1] else weights
        workflows[path] = Maker(chance, own).workflow()
    objects: dict[tuple[str, str], Document] = {
        ("lock", path): {"limit": chance.choice((1, 1, 2))} for path in LOCKS
    }
    for path in BOARDS:
        objects["noticeboard", path] = _board(chance)
    return Installed(workflows, objects)


def _board(chance: Random) -> Document:
    found = {
        "boardType": "GLOBAL",
        "postOrderToNoticeId": "'n'",
        "expectOrderToNoticeId": "'n'",
    }
    if chance.random() < 0.5:
        found["endOfLife"] = "$js7EpochMilli + 10000"
    return found


def new_version(chance: Random, weights: Mapping[str, float], path: str) -> Document:
    """Return another version of a workflow."""
    own = {**weights, "AddOrder": 0} if path == FLOWS[-1] else weights
    return Maker(chance, own).workflow()


def without(*kinds: str, weights: Mapping[str, float] = WEIGHTS) -> dict[str, float]:
    """Return the weights with some instructions left out."""
    return {kind: 0.0 if kind in kinds else weight for kind, weight in weights.items()}


def only(kinds: Sequence[str], weights: Mapping[str, float] = WEIGHTS) -> dict[str, float]:
    """Return the weights of some instructions only."""
    return {kind: weights[kind] for kind in kinds}
