"""Celery as a carrier of letters: one task, `deliver`, and nothing that has to be believed.

Messages may be lost, doubled and reordered; `agents.protocol` makes streams of them. So there is no
result backend, no retry, no late acknowledgement and no timer here.
"""

import logging
import queue
import threading
import uuid
import warnings
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

DELIVER = "stellwerk.deliver"
BACKLOG = 10_000


def carrier_app(broker_url: str) -> Celery:
    """Return a Celery application fit to carry letters over this broker."""
    app = Celery("stellwerk", broker=broker_url, set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=False,
        task_track_started=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        task_send_sent_event=False,
        worker_prefetch_multiplier=16,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=2,
        broker_heartbeat=5,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        task_publish_retry=False,
        broker_transport_options={"socket_connect_timeout": 2, "socket_keepalive": True},
        task_default_queue="stellwerk.unused",
    )
    return app


def receiving(app: Celery, take: Callable[[str], None]) -> None:
    """Register the one task: it hands the letter over and returns at once."""

    @app.task(name=DELIVER, ignore_result=True)  # type: ignore[untyped-decorator]
    def deliver(letter: str) -> None:
        take(letter)


def run_worker(app: Celery, queues: list[str], name: str) -> None:
    """Receive letters from these queues in this thread until the process is told to stop."""
    # Only JSON is accepted, and a letter only fills a queue: nothing of it is run as root.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    worker = app.Worker(
        pool="solo",
        queues=queues,
        hostname=name,
        loglevel="WARNING",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    worker.start()


class Post:
    """Sends letters from a thread of its own. A letter that cannot be sent is dropped: it will be said again."""

    def __init__(self, broker_url: str) -> None:
        self._app = carrier_app(broker_url)
        self._letters: queue.Queue[tuple[str, str] | None] = queue.Queue(BACKLOG)
        self._thread = threading.Thread(target=self._run, name="post", daemon=True)
        self.works = True

    def start(self) -> "Post":
        """Begin to send."""
        self._thread.start()
        return self

    def send(self, to: str, letter: str) -> None:
        """Hand a letter over; returns at once, drops it where the carrier does not keep up."""
        try:
            self._letters.put_nowait((to, letter))
        except queue.Full:
            log.warning("post.backlog_full", extra={"queue": to})

    def close(self) -> None:
        """Send what is there and stop."""
        self._letters.put(None)
        self._thread.join(5)

    def _run(self) -> None:
        connection: Any = None
        while (letter := self._letters.get()) is not None:
            try:
                if connection is None:
                    connection = self._app.connection_for_write()
                    connection.ensure_connection(max_retries=1, timeout=2)
                    producer = self._app.amqp.Producer(connection.default_channel)
                self._publish(producer, *letter)
                self.works = True
            except (OperationalError, OSError, *self._errors(connection)) as problem:
                self._dropped(letter[0], problem)
                self._forget(connection)
                connection = None

    def _errors(self, connection: Any) -> tuple[type[BaseException], ...]:
        return tuple(connection.connection_errors + connection.channel_errors) if connection else ()

    def _dropped(self, to: str, problem: BaseException) -> None:
        if self.works:
            log.warning("post.dropped", extra={"queue": to, "problem": str(problem)})
        self.works = False

    def _forget(self, connection: Any) -> None:
        try:
            if connection is not None:
                connection.close()
        except Exception:  # a broken connection may fail in any way while closing
            log.debug("post.close_failed", exc_info=True)

    def _publish(self, producer: Any, to: str, letter: str) -> None:
        task = self._app.amqp.as_task_v2(uuid.uuid4().hex, DELIVER, args=(letter,), kwargs={})
        producer.publish(
            task.body,
            exchange="",
            routing_key=to,
            serializer="json",
            headers=task.headers,
            delivery_mode=1,
            retry=False,
            **{k: v for k, v in task.properties.items() if v is not None},
        )
