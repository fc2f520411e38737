"""A controller without a lease and without agents: the engine's rules on rows, at once.

It answers a request when somebody waits for the answer, on the test's own connection.
"""

import time
import uuid
from collections.abc import Callable, Mapping

import msgspec
from django.conf import settings
from msgspec.structs import replace

from controller.commands import answer_to
from controller.models import Command, DeployedItem, OrderRow
from engine.errors import CommandRefused
from engine.order import model as m
from engine.order.add import add_order
from engine.order.commands import carry_out
from engine.order.group import group_of, state_name
from engine.order.requests import AddOrders, Answer, Answered, Request, TakeItems
from engine.position import to_text
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from engine.world import Step, World

JOB = {
    "agentName": "agent-1",
    "executable": {"TYPE": "ShellScriptExecutable", "script": "true"},
}
WORKFLOW = {
    "instructions": [{"TYPE": "Execute.Named", "jobName": "work", "label": "start"}],
    "jobs": {"work": JOB},
}


class ControllerStub:
    """Keeps a world of its own beside the rows."""

    def __init__(self) -> None:
        self.world = World(complete=True)
        self.silent = False
        self.now_us = time.time_ns() // 1_000

    def deploy(self, path: str, document: Mapping[str, object] | None = None) -> None:
        """Put a workflow into force."""
        raw = msgspec.json.encode(document or WORKFLOW)
        reading = read_workflow(raw)
        assert reading.workflow is not None, reading.problems
        self.world.programs[path, "v1"] = Program(path, "v1", reading.workflow)
        self.world.current[path] = "v1"
        DeployedItem.objects.create(
            controller=settings.STELLWERK_CONTROLLER_ID,
            kind="workflow",
            path=path,
            version="v1",
            document=raw,
            signature=b"",
            taken_no=1,
        )

    def put(self, order: m.Order) -> m.Order:
        """Give the controller an order in any state."""
        self.world.put(order)
        self._write(order.id)
        return order

    def order(self, order_id: str, workflow: str = "demo/report", **changes: object) -> m.Order:
        """Put an order that is Ready at its start."""
        given = {"state": m.Ready(), "added_us": self.now_us, **changes}
        return self.put(m.Order(id=order_id, workflow=workflow, version="v1", **given))  # type: ignore[arg-type]

    def wait_for(
        self, command: uuid.UUID, *, timeout_s: float = 5.0, pause: object = None
    ) -> Answer | None:
        """Answer the request, unless silent, and return the answer."""
        if not self.silent:
            self.carry_out(command)
        return answer_to(command)

    def carry_out(self, command: uuid.UUID) -> None:
        """Answer a request as the controller would."""
        row = Command.objects.get(id=command)
        if row.answer is None:
            request = msgspec.msgpack.decode(bytes(row.body), type=Request)
            answer = msgspec.msgpack.encode(self._answer(request))
            Command.objects.filter(id=command).update(answer=answer, answered_no=1)

    def _answer(self, request: Request) -> Answer:
        if isinstance(request, AddOrders):
            return Answer(
                tuple(
                    self._carried(new.id, lambda new=new: add_order(self.world, new, self.now_us))  # type: ignore[misc]
                    for new in request.orders
                )
            )
        if isinstance(request, TakeItems):
            return Answer(tuple(Answered(item.path, ok=True) for item in request.items))
        return Answer(
            tuple(
                self._carried(i, lambda i=i: carry_out(self.world, i, request))  # type: ignore[misc]
                for i in request.orders
            )
        )

    def _carried(self, order_id: str, decide: Callable[[], list[Step]]) -> Answered:
        try:
            steps = decide()
        except CommandRefused as refused:
            order = self.world.orders.get(order_id)
            state = state_name(order) if order else None
            return Answered(
                order_id, ok=False, code=refused.code, sentence=refused.sentence, state=state
            )
        for concerned, event in steps:
            self.world.take(concerned, event)
            self._write(concerned)
        order = self.world.orders.get(order_id)
        return Answered(order_id, ok=True, state=state_name(order) if order else "Cancelled")

    def _write(self, order_id: str) -> None:
        order = self.world.orders[order_id]
        OrderRow.objects.update_or_create(
            controller=settings.STELLWERK_CONTROLLER_ID,
            order_id=order_id,
            defaults={
                "run": 1,
                "workflow": order.workflow,
                "version": order.version,
                "state": state_name(order),
                "group": group_of(order),
                "position": to_text(order.position),
                "parent": order.parent,
                "agent": order.agent,
                "changed_no": 1,
                "body": msgspec.msgpack.encode(replace(order, results=())),
            },
        )
