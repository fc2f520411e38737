"""A controller without a lease and without agents: the engine's rules on rows, at once.

It answers a request when somebody waits for the answer, on the test's own connection.
"""

import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping

import msgspec
from django.conf import settings
from msgspec.structs import replace

from controller.commands import answer_to
from controller.items import object_of
from controller.models import Command, DeployedItem, Fact, OrderRow, Waiter
from engine.errors import CommandRefused, EngineError
from engine.facts import fact_due_us
from engine.order import model as m
from engine.order.add import add_order
from engine.order.commands import carry_out
from engine.order.control import control
from engine.order.group import group_of, state_name
from engine.order.requests import (
    AddOrders,
    Answer,
    Answered,
    ObjectRequest,
    OrderRequest,
    Request,
    SignedItem,
    TakeItems,
    TransferOrders,
)
from engine.order.together import Way, together
from engine.order.transfer import transfer
from engine.position import to_text
from engine.steps.advance import advance
from engine.steps.site import Site
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from engine.world import Step, World, names_of

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

    def deploy(
        self, path: str, document: Mapping[str, object] | None = None, version: str = "v1"
    ) -> None:
        """Put a workflow into force."""
        raw = msgspec.json.encode(document or WORKFLOW)
        reading = read_workflow(raw)
        assert reading.workflow is not None, reading.problems
        self.world.programs[path, version] = Program(path, version, reading.workflow)
        self.world.name(path, version)
        self._item("workflow", path, version, raw)

    def put_object(
        self, kind: str, path: str, document: Mapping[str, object], version: str = "v1"
    ) -> None:
        """Put a lock, board or job resource into force."""
        raw = msgspec.json.encode(document)
        found = object_of(SignedItem(kind, path, version, raw, b""))
        assert found is not None
        for name in names_of(path):
            self.world.objects[kind, name] = (path, found)
        self._item(kind, path, version, raw)

    def _item(self, kind: str, path: str, version: str, raw: bytes) -> None:
        here = {"controller": settings.STELLWERK_CONTROLLER_ID, "kind": kind, "path": path}
        DeployedItem.objects.filter(**here).update(current=False)
        DeployedItem.objects.create(
            **here, version=version, document=raw, signature=b"", taken_no=1
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
        if isinstance(request, TransferOrders):
            return Answer(tuple(self._transferred(request)))
        if not isinstance(request, OrderRequest):
            return Answer((self._controlled(request),))
        return Answer(
            tuple(
                self._carried(i, lambda i=i: carry_out(self.world, i, request))  # type: ignore[misc]
                for i in request.orders
            )
        )

    def _controlled(self, request: ObjectRequest) -> Answered:
        given = (getattr(request, field, None) for field in ("board", "workflow", "plan"))
        name = str(next(value for value in given if value))
        try:
            steps = control(request, self.world, self.now_us)
        except CommandRefused as refused:
            return Answered(name, ok=False, code=refused.code, sentence=refused.sentence)
        self.take(steps)
        concerned = deque(i for i, _ in steps if not i.startswith("|"))
        for order_id, _ in advance(self.world, concerned, Site(self.now_us)):
            if not order_id.startswith("|"):
                self._write(order_id)
        self.write_facts()
        return Answered(name, ok=True)

    def _transferred(self, request: TransferOrders) -> Iterator[Answered]:
        new = self.world.current_program(request.workflow)
        assert new is not None
        orders = [o for o in self.world.orders.values() if o.version != new.version]
        decided: dict[str, Way] = {order.id: self._way(order, new) for order in orders}
        ways = together(orders, decided, only_possible=request.only_possible)
        for order_id, way in ways.items():
            if isinstance(way, EngineError):
                yield Answered(order_id, ok=False, code=getattr(way, "code", ""), sentence=str(way))
            else:
                self.take(way)
                yield Answered(order_id, ok=True, state=state_name(self.world.orders[order_id]))
        if not orders:
            yield Answered(request.workflow, ok=True)

    def _way(self, order: m.Order, new: Program) -> list[Step] | CommandRefused:
        try:
            return transfer(self.world, order, new)
        except CommandRefused as refused:
            return refused

    def take(self, steps: list[Step]) -> None:
        """Let events happen, with their rows."""
        for concerned, event in steps:
            self.world.take(concerned, event)
            if not concerned.startswith("|"):
                self._write(concerned)
        self.write_facts()

    def write_facts(self) -> None:
        """Write what has changed of facts and queues."""
        here = settings.STELLWERK_CONTROLLER_ID
        for kind, name, key in self.world.changed:
            fact = self.world.facts[kind, name, key]
            Fact.objects.update_or_create(
                controller=here, kind=kind, name=name, key=key,
                defaults={"body": msgspec.msgpack.encode(fact), "due_us": fact_due_us(fact)},
            )  # fmt: skip
        for ((kind, name, key), order_id), rank in self.world.queued.items():
            place = {
                "controller": here,
                "order_id": order_id,
                "kind": kind,
                "name": name,
                "key": key,
            }
            Waiter.objects.filter(**place).delete()
            if rank is not None:
                Waiter.objects.create(**place, negative_priority=rank[0], no=rank[1])
        self.world.changed.clear()
        self.world.queued.clear()

    def _carried(self, order_id: str, decide: Callable[[], list[Step]]) -> Answered:
        try:
            steps = decide()
        except CommandRefused as refused:
            order = self.world.orders.get(order_id)
            state = state_name(order) if order else None
            return Answered(
                order_id, ok=False, code=refused.code, sentence=refused.sentence, state=state
            )
        self.take(steps)
        order = self.world.orders.get(order_id)
        return Answered(order_id, ok=True, state=state_name(order) if order else "Cancelled")

    def _write(self, order_id: str) -> None:
        here = {"controller": settings.STELLWERK_CONTROLLER_ID, "order_id": order_id}
        order = self.world.orders.get(order_id)
        if order is None:
            OrderRow.objects.filter(**here).delete()
            return
        OrderRow.objects.update_or_create(
            **here,
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
