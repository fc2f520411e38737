"""A released schedule of every day with the plan that follows from it, for tests of pages."""

import datetime as dt
import json
from typing import Any

from django.db import transaction

from controller.models import Command
from dailyplan.models import PlannedOrder
from dailyplan.once import plan_once
from dailyplan.origin import order_id
from tests.component.api.controller_stub import WORKFLOW, ControllerStub
from tests.plan_site import every_day

CYCLE = {"begin": "06:00", "end": "08:00", "repeat": "00:30"}
HOSTILE = "<script>alert('x')</script>"


def schedule(*periods: dict[str, Any], workflow: str = "report", **more: Any) -> dict[str, Any]:
    """A schedule of every day at 06:00, or with other periods."""
    entry = {"calendarName": "days", "periods": list(periods or ({"singleStart": "06:00"},))}
    return {
        "workflowNames": [workflow], "planOrderAutomatically": True, "calendars": [entry], **more,
    }  # fmt: skip


class Planned:
    """The plan of tomorrow: `morning` at 06:00 and `cycle`, four times from 06:00 on."""

    def __init__(self, stub: ControllerStub) -> None:
        self.stub = stub
        self.day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
        stub.deploy("demo/report", {**WORKFLOW, "title": HOSTILE})
        self.release("calendar", "demo/days", every_day())
        self.release("schedule", "demo/morning", schedule())
        self.release("schedule", "demo/cycle", schedule(CYCLE))
        self.once()

    @property
    def at(self) -> str:
        """The address of tomorrow."""
        return f"/plan/{self.day}/"

    def release(self, kind: str, path: str, document: dict[str, Any]) -> None:
        """Put a document into force."""
        raw = json.dumps(document)
        self.stub._item(kind, path, f"{hash(raw):x}", raw.encode())

    def once(self) -> None:
        """Let the controller answer all requests, and the planner run."""
        for command in Command.objects.filter(answer__isnull=True).order_by("made_at"):
            self.stub.carry_out(command.id)
        plan_once(dt.datetime.now(dt.UTC), transaction.atomic)

    def row(self, name: str = "morning", day: dt.date | None = None) -> PlannedOrder:
        """The row of an order name."""
        from dailyplan.models import Parameterisation

        ids = Parameterisation.objects.filter(order_name=name).values("id")
        return PlannedOrder.objects.get(day=day or self.day, parameterisation__in=ids)

    def id(self, name: str = "morning") -> str:
        """The id of the order of a name; of a cycle that of its first start."""
        row = self.row(name)
        start = int(row.start_at.timestamp()) * 1_000_000 if row.repeat_s else None
        return order_id(row.day, row.origin, name, start)

    def change(self, name: str = "morning", **values: Any) -> None:
        """Write a row as it would be after something happened."""
        row = self.row(name)
        PlannedOrder.objects.filter(day=row.day, origin=row.origin).update(**values)
