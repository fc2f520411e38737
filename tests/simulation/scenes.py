"""Small systems for tests: a workflow, agents, and words for what one does and sees."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.facts import LockState, NoticeState
from engine.order import model as m
from engine.order import requests as rq
from simulation.clock import SECOND_US
from simulation.jobs import Behaviour
from simulation.system import System

AGENT, OTHER = "agent-a", "agent-b"
BEGINS = "2026-01-01"
FAILS, WORKS = Behaviour(returncode=1), Behaviour()
PROMPT = {"TYPE": "Prompt", "question": "'Go on?'"}

Document = dict[str, Any]
Objects = Mapping[tuple[str, str], Mapping[str, Any]]

BOARD = {"boardType": "GLOBAL", "postOrderToNoticeId": "'day'", "expectOrderToNoticeId": "'day'"}
OBJECTS: Objects = {("lock", "tape"): {"limit": 1}, ("noticeboard", "eod"): BOARD}


def job(agent: str = AGENT, **fields: Any) -> Document:
    """Return a job of an agent."""
    script = {"TYPE": "ShellScriptExecutable", "script": "exit"}
    return {"agentName": agent, "executable": script, "parallelism": 9, **fields}


def run(name: str = "load") -> Document:
    """Return the instruction that runs a job, labelled like it."""
    return {"TYPE": "Execute.Named", "jobName": name, "label": name}


def block(*instructions: Document) -> Document:
    """Return a block."""
    return {"instructions": list(instructions)}


def lock(*instructions: Document) -> Document:
    """Return a block that holds the lock `tape`."""
    demands = [{"lockName": "tape"}]
    return {"TYPE": "Lock", "demands": demands, "lockedWorkflow": block(*instructions)}


def attempt(*tried: Document, catch: Sequence[Document] = (), **fields: Any) -> Document:
    """Return a Try; without `catch` it retries."""
    caught = block(*(catch or [{"TYPE": "Retry"}]))
    return {"TYPE": "Try", "try": block(*tried), "catch": caught, **fields}


def fork(*branches: Sequence[Document], **fields: Any) -> Document:
    """Return a fork with branches x, y, z."""
    found = [{"id": "xyz"[n], "workflow": block(*branch)} for n, branch in enumerate(branches)]
    return {"TYPE": "Fork", "branches": found, **fields}


class Night:
    """A system with the workflow `flow` and orders that are asked for by id."""

    def __init__(
        self,
        *instructions: Document,
        does: Mapping[str, Sequence[Behaviour]] | None = None,
        jobs: Mapping[str, Document] | None = None,
        objects: Objects = OBJECTS,
        **fields: Any,
    ) -> None:
        self.system = System({AGENT: None, OTHER: None}, does or {})
        self.jobs = jobs or {"load": job(), "copy": job(), "far": job(OTHER)}
        self.objects = objects
        assert self.deploy(*instructions, **fields).ok

    def deploy(self, *instructions: Document, **fields: Any) -> rq.Answer:
        """Deploy a version of `flow`."""
        document = {**block(*instructions), "jobs": self.jobs, **fields}
        return self.system.deploy({"flow": document}, self.objects)

    def add(self, order_id: str = "a", **fields: Any) -> rq.Answer:
        """Add an order."""
        return self.ask(rq.AddOrders((rq.NewOrder(order_id, "flow", **fields),)))

    def ask(self, request: rq.Request) -> rq.Answer:
        """Ask something of the controller."""
        return self.system.ask(request)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.system.run_to(self.system.clock.now_us + round(seconds * SECOND_US))

    def wait_out(self) -> None:
        """Let time pass, up to a day, until nothing more happens by itself."""
        self.system.run_out(limit_us=self.system.clock.now_us + 86_400 * SECOND_US)

    def order(self, order_id: str = "a") -> m.Order:
        """Return an order as it was last seen."""
        return self.system.watch.seen[order_id].order

    def state(self, order_id: str = "a") -> str:
        """Return JS7's name of its state."""
        return type(self.order(order_id).state).__name__

    def trace(self, order_id: str = "a") -> list[tuple[str | None, str]]:
        """Return the job runs of an order, with how they ended."""
        runs = self.system.watch.seen[order_id].runs
        return [(r.label, r.outcome.kind if r.outcome else "skipped") for r in runs]

    def events(self, order_id: str = "a") -> list[str]:
        """Return the names of what has happened to an order."""
        journal = self.system.store.journal
        return [type(entry.event).__name__ for entry in journal if entry.order == order_id]

    def holders(self, path: str = "tape") -> dict[str, int | None]:
        """Return who holds how much of a lock."""
        fact = self.system.store.fact_rows.get(("lock", path, ""))
        return fact.holders if isinstance(fact, LockState) else {}

    def is_present(self, board: str, key: str) -> bool:
        """Tell whether a notice is there."""
        fact = self.system.store.fact_rows.get(("notice", board, key))
        return isinstance(fact, NoticeState) and fact.present is not None

    def restart_controller(self) -> None:
        """Let the controller end and a later term begin."""
        self.system.controller.down()
        self.system.controller.up()
        self.system.settle()
