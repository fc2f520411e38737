"""Conformance cases as values, and which of them ask for something that is not there yet."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml

from engine.workflow.read import read_workflow
from simulation.jobs import Behaviour

ORDERS = Path(__file__).parent / "orders"
EXPRESSION_TABLES = "expressions"
PARTS_TO_COME = ("locks", "boards", "job_resources")
COMMANDS_TO_COME = frozenset({
    "confirm", "transfer", "post_notice", "delete_notice", "suspend_workflow", "resume_workflow",
    "skip_label", "unskip_label", "stop_position", "unstop_position",
})  # fmt: skip
FIELDS_TO_COME = {"add_order": ("force_admission", "plan"), "deploy": ("job_resources",)}

Place = list[int | str]


class Agent(msgspec.Struct, frozen=True):
    """An agent of a case; `process_limit` bounds the processes of all its jobs together."""

    process_limit: int | None = None


class When(msgspec.Struct, frozen=True):
    """What a step waits for; everything given must hold together."""

    order: str | None = None
    state: str | None = None
    label: str | None = None
    position: Place | None = None
    suspended: bool | None = None
    notice: dict[str, str] | None = None


class Step(msgspec.Struct, frozen=True):
    """One step: waits for an offset or a condition, then gives at most one command."""

    at: str | None = None
    when: When | None = None
    do: dict[str, dict[str, Any]] = {}
    answer: str = "accepted"

    @property
    def at_s(self) -> float | None:
        """The offset from the start of the case."""
        return float(self.at.removesuffix("s")) if self.at else None

    @property
    def command(self) -> tuple[str, dict[str, Any]] | None:
        """The name of the command and its fields."""
        return next(iter(self.do.items()), None)


class ExpectedOrder(msgspec.Struct, frozen=True):
    """What must be true of an order at the end; what is None is not looked at."""

    state: str | None = None
    history: str | None = None
    position: Place | None = None
    label: str | None = None
    suspended: bool | None = None
    trace: list[tuple[str, str]] | None = None
    variables: dict[str, Any] = {}
    started: str | None = None
    ended: str | None = None
    message: str | None = None


class Expected(msgspec.Struct, frozen=True):
    """What must be true when nothing more can happen without a command."""

    orders: dict[str, ExpectedOrder] = {}
    absent_orders: list[str] = []
    max_parallel: dict[str, int] = {}
    invariants: list[str] = []
    notices: dict[str, list[str]] = {}
    locks: dict[str, Any] = {}


class Case(msgspec.Struct, frozen=True):
    """One order case."""

    case: str
    start: str
    workflows: dict[str, dict[str, Any]]
    steps: list[Step]
    expect: Expected
    real: bool = False
    agents: dict[str, Agent] = {}
    locks: dict[str, Any] = {}
    boards: dict[str, Any] = {}
    job_resources: dict[str, Any] = {}
    simulate: dict[str, list[Behaviour]] = {}

    @property
    def start_us(self) -> int:
        """The moment of offset 0."""
        return microseconds(self.start)


def microseconds(moment: str) -> int:
    """Return a moment written as in `2026-03-02T08:00:00Z`."""
    return round(datetime.fromisoformat(moment).timestamp()) * 1_000_000


def read_cases(folder: Path) -> Iterator[tuple[str, Case]]:
    """Yield the order cases below a folder with their names, such as `execute/single-job`."""
    for path in sorted(folder.rglob("*.yaml")):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "steps" in raw:
            yield f"{path.parent.name}/{path.stem}", msgspec.convert(raw, Case)


def to_come(case: Case) -> str | None:
    """Return what a case asks for that is not there yet, None if everything is."""
    for part in PARTS_TO_COME:
        if getattr(case, part):
            return f"{part} are not there yet"
    for step in case.steps:
        why = _step_to_come(step)
        if why:
            return why
    deployed = [
        step.command[1] for step in case.steps if step.command and step.command[0] == "deploy"
    ]
    documents = [
        *case.workflows.values(),
        *(d for c in deployed for d in c.get("workflow", {}).values()),
    ]
    for document in documents:
        for problem in read_workflow(document).problems:
            if problem.code == "not-supported":
                return problem.sentence
    return None


def _step_to_come(step: Step) -> str | None:
    if step.when and step.when.notice:
        return "notices are not there yet"
    if step.command is None:
        return None
    name, fields = step.command
    if name in COMMANDS_TO_COME:
        return f"the command {name} is not there yet"
    for field in FIELDS_TO_COME.get(name, ()):
        if field in fields:
            return f"{name}: {field} is not there yet"
    return None
