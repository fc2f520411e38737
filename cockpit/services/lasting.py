"""Services that run as long as the member is active: what follows the journal and takes in logs."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import psycopg

from agents.carrier import Post
from cluster.connection import connect_writer
from cluster.fence import fenced
from cluster.lease import Token
from cluster.service import Service
from cockpit.services.answers import NotingAnswers
from cockpit.services.ground import Ground
from controller.follower import Follower, run_follower
from dailyplan.follow import PlanFollower
from history.acks import acknowledge
from history.follow import HistoryFollower
from history.logs import Stored
from history.receive import Receiver


class Following:
    """Runs one follower of the journal."""

    interval_s = 0.0

    def __init__(self, ground: Ground, follower: Follower, stop: threading.Event) -> None:
        self.name = follower.name
        self._ground, self._follower, self._stop = ground, follower, stop

    def run_once(self, token: Token, planned_at: datetime) -> Mapping[str, int]:
        """Follow until the process stops."""
        ground = self._ground
        run_follower(
            ground.dsn, self._follower, self._stop, controller=ground.controller, token=token
        )
        return {}


class ReceivingLogs:
    """Takes in what jobs write, and tells agents that it is stored."""

    name = "logs"
    interval_s = 0.0

    def __init__(self, ground: Ground, stop: threading.Event) -> None:
        self._ground, self._stop = ground, stop
        self._conn: psycopg.Connection | None = None
        self._post: Post | None = None

    def run_once(self, token: Token, planned_at: datetime) -> Mapping[str, int]:
        """Receive until the process stops."""
        ground = self._ground
        self._post = Post(ground.broker_url).start()
        receiver = Receiver(
            ground.broker_url, ground.controller, transaction=self._transaction, tell=self._tell
        )
        try:
            receiver.run(self._stop)
        finally:
            self._post.close()
            if self._conn is not None:
                self._conn.close()
                self._conn = None
        return {}

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Connection]:
        with fenced(self._connection(), self._ground.token) as conn:
            yield conn

    def _tell(self, stored: Sequence[Stored]) -> None:
        if self._post is not None:
            acknowledge(self._connection(), self._ground.controller, stored, self._post.send)

    def _connection(self) -> psycopg.Connection:
        if self._conn is None or self._conn.closed:
            self._conn = connect_writer(self._ground.dsn, self._ground.token)
        return self._conn


def lasting_services(ground: Ground, stop: threading.Event) -> list[Service]:
    """Return the services that run all the time. New followers of the journal are added here."""
    followers: list[Follower] = [
        HistoryFollower(ground.controller),
        PlanFollower(ground.controller),
    ]
    following = [Following(ground, one, stop) for one in followers]
    return [*following, ReceivingLogs(ground, stop), NotingAnswers(ground, stop)]
