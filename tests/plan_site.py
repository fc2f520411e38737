"""Everything around the plan for tests: releases, a controller that answers, a journal, a clock."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
from django.conf import settings
from django.db import transaction

from controller.follower import Following
from controller.models import Command, DeployedItem
from dailyplan.follow import PlanFollower
from dailyplan.once import plan_once
from engine.order import events as e
from engine.order.requests import AddOrders, Answer, Answered, CancelOrders, Request
from tests.journal_writing import Step, entries, write_turn

C = "c"
_decode = msgspec.msgpack.Decoder(Request).decode


class Site:
    """Everything around the plan: releases, a controller that answers, a journal, a clock."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self.conn = conn
        self.now = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
        self.orders: dict[str, Any] = {}
        self.started: set[str] = set()
        self.no = 0
        self.refuse: Callable[[str], str | None] = lambda _id: None
        self.added: list[str] = []
        self.first_start: dict[str, datetime] = {}
        self._taken = 0

    def release(self, kind: str, path: str, document: Mapping[str, Any] | None) -> None:
        """Put a document into force, or revoke it with None."""
        self._taken += 1
        raw = msgspec.json.encode(document or {})
        here = {"controller": settings.STELLWERK_CONTROLLER_ID, "kind": kind, "path": path}
        DeployedItem.objects.filter(**here).update(current=False)
        if document is not None:
            DeployedItem.objects.create(
                **here, version=f"{hash(raw):x}.{self._taken}", document=raw, signature=b"",
                taken_no=self._taken,
            )  # fmt: skip

    def plan(self, at: datetime | None = None) -> Mapping[str, int]:
        """Let one occurrence of the planner run."""
        if at is not None:
            self.now = at
        return plan_once(self.now, transaction.atomic)

    def answer(self) -> int:
        """Let the controller answer all requests, in their order; returns how many."""
        rows = list(Command.objects.filter(answer__isnull=True).order_by("lane", "made_at"))
        for row in rows:
            request = _decode(bytes(row.body))
            answer = Answer(tuple(self._answers(request)))
            Command.objects.filter(pk=row.pk).update(
                answer=msgspec.msgpack.encode(answer), answered_no=self.no
            )
        return len(rows)

    def _answers(self, request: Any) -> Iterator[Answered]:
        if isinstance(request, AddOrders):
            for order in request.orders:
                yield self._add(order)
        elif isinstance(request, CancelOrders):
            for order_id in request.orders:
                yield self._cancel(order_id)
        else:
            yield Answered("", ok=True)

    def _add(self, order: Any) -> Answered:
        if sentence := self.refuse(order.id):
            return Answered(order.id, ok=False, code="plan-closed", sentence=sentence)
        if order.id in self.orders:
            return Answered(order.id, ok=False, code="order-exists", sentence="It is there.")
        if order.id in self.started:
            raise AssertionError(f"{order.id} has run and is added again")
        self.orders[order.id] = order
        self.added.append(order.id)
        self.first_start[order.id] = datetime.fromtimestamp(order.scheduled_us / 1e6, UTC)
        return Answered(order.id, ok=True, state="Fresh")

    def _cancel(self, order_id: str) -> Answered:
        if order_id not in self.orders:
            return Answered(order_id, ok=False, code="order-unknown", sentence="No such order.")
        if order_id in self.started:
            return Answered(order_id, ok=False, code="not-applicable", sentence="It has started.")
        del self.orders[order_id]
        self.journal((order_id, e.OrderCancelled(self.now_us)))
        return Answered(order_id, ok=True, state="Cancelled")

    @property
    def now_us(self) -> int:
        return int(self.now.timestamp()) * 1_000_000

    def journal(self, *steps: Step) -> None:
        """Write events as one turn of the controller."""
        turn = entries(steps, first_no=self.no + 1, at_us=self.now_us)
        self.no = turn[-1].no
        write_turn(self.conn, C, turn)

    def start(self, order_id: str) -> None:
        self.started.add(order_id)
        self.journal((order_id, e.OrderStarted(self.now_us)))

    def finish(self, order_id: str) -> None:
        self.orders.pop(order_id, None)
        self.journal((order_id, e.OrderFinished(self.now_us)))

    def follow(self) -> None:
        """Let the plan's follower come to the journal's end."""
        following = Following(self.conn, PlanFollower(C), C, transaction=_plain)
        while following.step():
            pass

    def settle(self) -> None:
        """Let everything that is under way come to rest."""
        for _ in range(6):
            answered = self.answer()
            self.follow()
            done = self.plan()
            if not answered and not any(v for k, v in done.items() if k != "broken"):
                return


def _plain(conn: psycopg.Connection) -> AbstractContextManager[object]:
    return conn.transaction()


def every_day(calendar: str = "days") -> dict[str, Any]:
    return {
        "type": "WORKINGDAYSCALENDAR",
        "includes": {"weekdays": [{"days": [0, 1, 2, 3, 4, 5, 6]}]},
    }


def schedule(*periods: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A schedule of every day at 06:00, or with other periods, submitted when planned."""
    return {
        "workflowNames": ["report"],
        "planOrderAutomatically": True,
        "submitOrderToControllerWhenPlanned": True,
        "calendars": [
            {"calendarName": "days", "periods": list(periods or ({"singleStart": "06:00"},))}
        ],
        **more,
    }
