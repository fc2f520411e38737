"""Periodic entries as the scheduler of this term reads them, and what each start of one claims.

A start is claimed by a fenced, guarded update before anything is sent: two schedulers that find
the same entry due, or one that was deposed meanwhile, cannot both send it.
"""

import copy
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import ModelEntry

from cluster.lease import Token
from cluster.orm import fenced_atomic
from cluster.service import Service, latest_occurrence

WAKE = "stellwerk.wake"
"""Names what an entry of ours does. It is never sent; the scheduler does it by itself."""

PREFIX = "stellwerk."


class Entry(ModelEntry):  # type: ignore[misc]  # the package has no types
    """A row of `PeriodicTask`; whatever is written to it is fenced."""

    def __init__(self, model: PeriodicTask, app: Any, token: Token) -> None:
        self.token = token
        super().__init__(model, app=app)

    @property
    def service(self) -> str | None:
        """The background service that this entry wakes; None for an entry of somebody else."""
        return self.name.removeprefix(PREFIX) if self.task == WAKE else None

    @property
    def planned_at(self) -> datetime:
        """The moment this start is for: the same for every scheduler that finds it due."""
        now: datetime = self._default_now().astimezone(UTC)
        every = self.model.interval and self.model.interval.schedule.run_every.total_seconds()
        return latest_occurrence(now, every or 60.0)

    def is_due(self) -> Any:
        """Whether to start it, and when to look again; may disable an entry that is over."""
        if self.model.one_off or self.model.expires:
            with fenced_atomic(self.token):
                return super().is_due()
        return super().is_due()

    def __next__(self) -> "Entry":
        model = copy.copy(self.model)
        # Ours keep to their grid, whose moments are keys; other entries count from their start.
        model.last_run_at = self.planned_at if self.service else self._default_now()
        model.total_run_count += 1
        return Entry(model, self.app, self.token)

    def move_to(self, other: "Entry") -> bool:
        """Put another start in the place of this one; False if somebody else was faster.

        Forwards it claims a start, backwards it gives one back that could not be sent.

        Raises:
            LeadershipLost: the term is over.
        """
        with fenced_atomic(self.token):
            rows: QuerySet[Any] = PeriodicTask.objects.filter(
                pk=self.model.pk, enabled=True, total_run_count=self.model.total_run_count
            )
            moved = rows.update(
                last_run_at=other.model.last_run_at, total_run_count=other.model.total_run_count
            )
        return bool(moved)

    def _disable(self, model: PeriodicTask) -> None:
        with fenced_atomic(self.token):
            super()._disable(model)


def make_entries(services: Iterable[Service], token: Token) -> None:
    """Make the entries of our services where they are missing; what people changed stays.

    Raises:
        LeadershipLost: the term is over.
    """
    for service in services:
        with fenced_atomic(token):
            interval, _ = IntervalSchedule.objects.get_or_create(
                every=int(service.interval_s), period=IntervalSchedule.SECONDS
            )
            PeriodicTask.objects.get_or_create(
                name=PREFIX + service.name,
                defaults={
                    "task": WAKE,
                    "interval": interval,
                    "description": f"Wakes the background service {service.name}.",
                },
            )
