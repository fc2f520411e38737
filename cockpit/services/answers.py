"""Brings what controllers answered into the audit log, also where nobody waited for it."""

import threading
import time
from collections.abc import Mapping
from datetime import datetime

import psycopg
from django.db import connections
from django.db.models import QuerySet

from cluster.connection import connect_writer
from cluster.lease import Token
from cluster.orm import fenced_atomic
from cockpit.audit import note_missing_answers
from cockpit.models import AuditEntry
from cockpit.services.ground import Ground
from controller.feed import answers_channel, heard, listen
from controller.models import Command

LOOK_S = 5.0
SLICE_S = 0.5
GATHER_S = 0.2


class NotingAnswers:
    """Listens for answers and notes them; looks now and then, since announcements may be lost."""

    name = "audit"
    interval_s = 0.0

    def __init__(self, ground: Ground, stop: threading.Event) -> None:
        self._ground, self._stop = ground, stop

    def run_once(self, token: Token, planned_at: datetime) -> Mapping[str, int]:
        """Note answers until the process stops, and return how many there were."""
        noted = 0
        try:
            with connect_writer(self._ground.dsn, token) as conn:
                listen(conn, answers_channel(self._ground.controller))
                while not self._stop.is_set():
                    noted += note_answers(token)
                    self._wait(conn)
        finally:
            connections.close_all()
        return {"noted": noted}

    def _wait(self, conn: psycopg.Connection) -> None:
        end = time.monotonic() + LOOK_S
        while not self._stop.is_set() and time.monotonic() < end:
            if heard(conn, SLICE_S):
                # A turn answers many commands at once: let them gather.
                self._stop.wait(GATHER_S)
                return


def note_answers(token: Token) -> int:
    """Note the answers that are there and not noted yet; returns how many there were.

    Raises:
        LeadershipLost: the term is over.
    """
    answered: QuerySet[Command] = Command.objects.filter(answer__isnull=False)
    unnoted = AuditEntry.objects.filter(command__in=answered.values("id")).order_by("pk")
    noted = 0
    while True:
        with fenced_atomic(token):
            found = note_missing_answers(unnoted)
        noted += found
        if not found:
            return noted
