"""A small world for tests of the engine: one controller and one agent, without any carrier."""

import itertools
from collections import deque
from collections.abc import Iterable
from typing import Any

from engine.errors import EventNotApplicable
from engine.order import events as e
from engine.order.add import add_order
from engine.order.commands import Verb, carry_out
from engine.order.model import Order, Outcome, Processing, Result
from engine.order.requests import NewOrder
from engine.steps.advance import advance
from engine.steps.site import Site
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from engine.world import World

AGENT = "agent-1"
SECOND = 1_000_000


def execute(label: str) -> dict[str, Any]:
    """Return the instruction that runs `job` under a label."""
    return {"TYPE": "Execute.Named", "jobName": "job", "label": label}


def fork(*branches: tuple[str, list[dict[str, Any]]], **more: Any) -> dict[str, Any]:
    """Return a fork with these branches."""
    found = [{"id": name, "workflow": {"instructions": steps}} for name, steps in branches]
    return {"TYPE": "Fork", "branches": found, **more}


class Scene:
    """Moves orders of one workflow by hand: jobs end when a test says so."""

    def __init__(self, *instructions: dict[str, Any], **more: Any) -> None:
        job = {
            "agentName": AGENT,
            "parallelism": 100,
            "executable": {"TYPE": "ShellScriptExecutable", "script": "true"},
        }
        reading = read_workflow({"instructions": list(instructions), "jobs": {"job": job}, **more})
        assert reading.workflow is not None, reading.problems
        self.world = World(complete=True)
        self.world.programs["flow", "v1"] = Program("flow", "v1", reading.workflow)
        self.world.current["flow"] = "v1"
        self.now_us = 0
        self.past: list[tuple[str, e.OrderEvent]] = []
        self._attempts = itertools.count(1)

    def add(self, order_id: str = "o", **more: Any) -> Order:
        """Add an order and let it go as far as it can."""
        self._take(
            add_order(self.world, NewOrder(id=order_id, workflow="flow", **more), self.now_us)
        )
        return self.go(order_id)

    def ask(self, order_id: str, verb: Verb) -> Order:
        """Carry a verb out; the order may be gone afterwards."""
        self._take(carry_out(self.world, order_id, verb))
        return self.go(order_id)

    def end(self, order_id: str = "o", code: int = 0, **values: Any) -> Order:
        """Let the running job of an order end."""
        order = self.world.order(order_id)
        assert isinstance(order.state, Processing), order.state
        outcome = Outcome(
            "succeeded" if code == 0 else "failed", code, None, {"returnCode": code, **values}
        )
        result = Result(order.position, None, "job", outcome.values)
        return self.tell(
            order_id, e.OrderProcessed(order.state.attempt, outcome, result, self.now_us)
        )

    def tell(self, order_id: str, event: e.OrderEvent) -> Order:
        """Let something happen to an order."""
        self._take([(order_id, event)])
        return self.go(order_id)

    def go(self, order_id: str) -> Order:
        """Let everything that concerns an order go on, on both sides; returns its last value."""
        waiting = [order_id]
        while waiting:
            current = waiting.pop()
            for site in (self._site(None), self._site(AGENT)) * 4:
                for concerned, event in advance(self.world, deque([current]), site):
                    self.past.append((concerned, event))
                    if concerned != current:
                        waiting.append(concerned)
                    if isinstance(event, e.OrderForked):
                        waiting.extend(child for child, _ in event.children)
                self._attach(current)
        return self.last(order_id)

    def last(self, order_id: str) -> Order:
        """Return the last value of an order, also of one that is gone."""
        return self.world.orders.get(order_id) or self.world.left[order_id]

    def kinds(self, order_id: str = "o") -> list[str]:
        """Return the names of what has happened to an order."""
        return [type(event).__name__ for concerned, event in self.past if concerned == order_id]

    def _site(self, agent: str | None) -> Site:
        return Site(
            now_us=self.now_us,
            agent=agent,
            may_start=lambda *_: True,
            next_attempt=lambda: f"a-{next(self._attempts)}",
        )

    def _attach(self, order_id: str) -> None:
        order = self.world.orders.get(order_id)
        if order and order.held and order.held.phase == "attaching":
            self._take([(order_id, e.OrderAttached(AGENT))])

    def _take(self, steps: Iterable[tuple[str, e.OrderEvent]]) -> None:
        for concerned, event in steps:
            self.world.take(concerned, event)
            self.past.append((concerned, event))


def refused(scene: Scene, order_id: str, event: e.OrderEvent) -> bool:
    """Tell whether the world refuses an event."""
    try:
        scene.world.take(order_id, event)
    except EventNotApplicable:
        return True
    return False
