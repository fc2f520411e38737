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

from celery import Celery, signals
from celery.exceptions import CPendingDeprecationWarning, SecurityWarning
from celery.worker import state as worker_state
from kombu import Queue

log = logging.getLogger(__name__)

DELIVER = "stellwerk.deliver"
BACKLOG = 10_000
UNUSED_S = 3600
MOST_LETTERS = 100_000


def carrier_app(broker_url: str) -> Celery:
    """Return a Celery application fit to carry letters over this broker."""
    # Without Celery's part for Django: it would check all pages at the start, and touch the
    # database around each letter.
    app = Celery("stellwerk", broker=broker_url, set_as_current=False, fixups=[])
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

    @app.task(name=DELIVER, ignore_result=True)
    def deliver(letter: str) -> None:
        take(letter)


def run_worker(app: Celery, queues: list[str], name: str, *, ended: threading.Event) -> bool:
    """Receive letters in this thread until a signal or `ended`; tells whether it was a signal.

    Not by a signal to oneself: one that came before the worker has its handlers would be lost.
    """
    signalled = threading.Event()

    def note(**_facts: object) -> None:
        signalled.set()

    signals.worker_shutting_down.connect(note, weak=False)
    # With a receiver, Celery leaves logging as the process has set it up.
    signals.setup_logging.connect(_leave_alone, weak=False)
    threading.Thread(target=_stop_after, args=(ended,), name="carrier stop", daemon=True).start()
    # RabbitMQ forgets queues that nobody reads any more; the Redis-like ones know no such limits.
    app.conf.task_queues = [
        Queue(queue, routing_key=queue, expires=UNUSED_S, max_length=MOST_LETTERS)
        for queue in queues
    ]
    # Two lines for each letter would tell nobody anything.
    logging.getLogger("celery").setLevel(logging.WARNING)
    # An acknowledgement that a lost broker did not take, told as critical: nothing relies on it.
    logging.getLogger("celery.worker.request").setLevel(logging.CRITICAL + 1)
    # Only JSON is accepted, and a letter only fills a queue: nothing of it is run as root.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    # A page of advice at each loss of the broker, about late acknowledgements that are not used.
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)
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
    return signalled.is_set()


def _leave_alone(**_facts: object) -> None:
    """Set nothing up."""


def _stop_after(ended: threading.Event) -> None:
    ended.wait()
    worker_state.should_stop = 0  # type: ignore[assignment]  # the exit status, as its own handler sets it


class Post:
    """Sends letters from a thread of its own.

    A letter that cannot be sent is dropped: it will be said again.
    """

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

    def drop(self, queue_name: str) -> None:
        """Throw a queue away that nobody will read any more, as soon as what waits is sent."""
        self.send(queue_name, "")

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
                if letter[1]:
                    self._publish(producer, *letter)
                else:
                    self._throw_away(connection, letter[0])
                self.works = True
            except Exception as problem:  # kombu's transports raise what their clients raise
                self._dropped(letter[0], problem)
                self._forget(connection)
                connection = None

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

    def _throw_away(self, connection: Any, queue_name: str) -> None:
        channel = connection.default_channel
        # A Redis-like broker deletes by binding, which a process that never read it does not know.
        redis_like = connection.transport.driver_type == "redis"
        (channel.queue_purge if redis_like else channel.queue_delete)(queue_name)

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
