"""Conformance cases as values."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml

from simulation.jobs import Behaviour

ORDERS = Path(__file__).parent / "orders"
EXPRESSION_TABLES = "expressions"

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
    def objects(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The locks, boards and job resources by kind and path."""
        return {
            **{("lock", name): found for name, found in self.locks.items()},
            **{("noticeboard", name): _board(found) for name, found in self.boards.items()},
            **{("jobresource", name): found for name, found in self.job_resources.items()},
        }

    @property
    def start_us(self) -> int:
        """The moment of offset 0."""
        return microseconds(self.start)


def _board(found: dict[str, Any]) -> dict[str, Any]:
    """Return a board's document; cases write `type` for `boardType`."""
    return {("boardType" if name == "type" else name): value for name, value in found.items()}


def microseconds(moment: str) -> int:
    """Return a moment written as in `2026-03-02T08:00:00Z`."""
    return round(datetime.fromisoformat(moment).timestamp()) * 1_000_000


def read_cases(folder: Path) -> Iterator[tuple[str, Case]]:
    """Yield the order cases below a folder with their names, such as `execute/single-job`."""
    for path in sorted(folder.rglob("*.yaml")):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "steps" in raw:
            yield f"{path.parent.name}/{path.stem}", msgspec.convert(raw, Case)
