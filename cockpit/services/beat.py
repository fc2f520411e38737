"""The one beat of the installation: django-celery-beat, beside the active member alone.

It moves with the role: every start of an entry is fenced by the term. Entries of our own wake
services of this process; those of users go to their queues on the broker. Nothing else of Celery's
is used: no results, no pickle, no worker.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from celery import Celery
from django.db import connections
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from cluster.lease import Token
from cluster.service import Service
from cockpit.services.entries import PREFIX, WAKE, Entry, make_entries
from cockpit.services.ground import Ground

log = logging.getLogger(__name__)

LOOK_S = 5.0
BROKER_PAUSE_S = 2.0
TAKEN_PAUSE_S = 0.5

Wake = Callable[[str, datetime], bool]
"""Wakes a service of this process for an occurrence; False where there is none of that name."""


def beat_app(broker_url: str) -> Celery:
    """Return a Celery application that sends tasks by their names, and does nothing else."""
    app = Celery("stellwerk.beat", broker=broker_url, set_as_current=False, fixups=[])
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        result_expires=None,
        task_publish_retry=False,
        enable_utc=True,
        timezone="UTC",
        beat_max_loop_interval=LOOK_S,
        broker_connection_timeout=2,
        broker_transport_options={"socket_connect_timeout": 2, "socket_keepalive": True},
    )
    return app


class Scheduler(DatabaseScheduler):  # type: ignore[misc]  # the package has no types
    """Django-celery-beat's scheduler, whose starts are claimed in the store before they happen."""

    # The parent opens the broker for every entry; ours need none, so it is opened when sending.
    producer = None

    def __init__(self, app: Celery, token: Token, wake: Wake) -> None:
        self.Entry = partial(Entry, token=token)
        self.pause_s = 0.0
        self._wake = wake
        super().__init__(app=app, max_interval=LOOK_S)

    def setup_schedule(self) -> None:
        """Read the entries; Celery has none of its own here."""
        self.schedule  # noqa: B018  # reading it loads it

    def sync(self) -> None:
        """Do nothing: each start is written down when it is claimed."""

    def reserve(self, entry: Entry) -> Entry:
        """Return the entry as it is after this start."""
        following = next(entry)
        self._schedule[entry.name] = following
        return following

    def apply_entry(self, entry: Entry, producer: Any = None) -> None:
        """Start an entry that is due: claim it, then wake its service or send its task.

        Raises:
            LeadershipLost: the term is over; nothing was started.
        """
        following = self._schedule[entry.name]
        if not entry.move_to(following):
            log.info("beat.start_taken", extra={"entry": entry.name})
            self.read_again(TAKEN_PAUSE_S)
        elif entry.service is None:
            self._send(entry, following)
        elif not self._wake(entry.service, following.model.last_run_at):
            log.warning("beat.no_such_service", extra={"entry": entry.name})

    def read_again(self, pause_s: float) -> None:
        """Read all entries anew, after a pause."""
        self.pause_s = pause_s
        self._initial_read = True
        self._heap = None

    def _send(self, entry: Entry, following: Entry) -> None:
        try:
            self.connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
            producer = self.Producer(self.connection, auto_declare=False)
            self.apply_async(entry, producer=producer, advance=False)
        except Exception as problem:  # kombu's transports raise what their clients raise
            log.warning("beat.not_sent", extra={"entry": entry.name, "problem": str(problem)})
            following.move_to(entry)
            self.close()
            self.read_again(BROKER_PAUSE_S)


class Beat:
    """Runs the scheduler as long as the member is active."""

    name = "beat"
    interval_s = 0.0

    def __init__(
        self, ground: Ground, stop: threading.Event, *, services: Iterable[Service], wake: Wake
    ) -> None:
        self._ground, self._stop = ground, stop
        self._services, self._wake = list(services), wake

    def run_once(self, token: Token, planned_at: datetime) -> Mapping[str, int]:
        """Schedule until the process stops.

        Raises:
            LeadershipLost: the term is over.
        """
        scheduler: Scheduler | None = None
        try:
            make_entries(self._services, token)
            self._make_up()
            scheduler = Scheduler(beat_app(self._ground.broker_url), token, self._wake)
            while not self._stop.is_set():
                scheduler.pause_s = 0.0
                wait_s = scheduler.tick()
                self._stop.wait(max(wait_s, scheduler.pause_s))
        finally:
            if scheduler is not None:
                scheduler.close()
            connections.close_all()
        return {}

    def _make_up(self) -> None:
        """Wake our services for their last occurrences: a member that was lost may owe them."""
        app = beat_app(self._ground.broker_url)
        for model in PeriodicTask.objects.enabled().filter(task=WAKE, interval__isnull=False):
            self._wake(
                model.name.removeprefix(PREFIX), Entry(model, app, self._ground.token).planned_at
            )
