"""Hands changes to the open pages of this process: coalesced, serialised once, never in their way.

Pushes hints, never data: a page asks again for what it shows, so permission and rendering exist
once, and a lost message costs only delay.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence

from asgiref.sync import sync_to_async

from cockpit.live.changes import Changed, Changes, ids_or_all
from cockpit.live.client import Client, frame_of
from cockpit.live.looks import cluster_digest, workflows_of
from cockpit.live.topics import Kind, Topic
from controller.journal import Entry
from controller.subscriptions import Feed
from dailyplan.intents import PLAN_ROWS
from history.follow import history_channel
from history.logs import log_channel

log = logging.getLogger(__name__)

TICK_S = 0.2
PLAN_TICK_S = 0.5
BEAT_S = 2.0
HELD_LOOK_S = 0.5
CLUSTER_LOOK_S = 1.0


class Hub:
    """The open pages of a process and what they want to hear. Belongs to the server's loop."""

    def __init__(self) -> None:
        self._changes = Changes()
        self._hearers: dict[str, set[Client]] = {}
        self._clients: set[Client] = set()
        self._grew: dict[str, set[asyncio.Event]] = {}
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._ends: list[Callable[[], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._feed: Feed | None = None
        self._plan_days: set[str] = set()

    def start(self, feed: Feed, controller: str) -> None:
        """Begin to follow the reader of this process."""
        self._feed = feed
        self._ends = [
            feed.subscribe(self._take, torn=self._torn),
            feed.hear(history_channel(controller), self._rows_there),
            feed.hear(log_channel(controller), self._logs_grew),
            feed.hear(PLAN_ROWS, self._plan_changed),
        ]
        beats = (self._tick, self._beat, self._look_at_cluster)
        self._tasks = [self._loop.create_task(_for_ever(beat)) for beat in beats]

    async def stop(self) -> None:
        """End following; open pages hear nothing more."""
        for end in self._ends:
            end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- pages ----------------------------------------------------------------------------------

    def join(self, client: Client) -> None:
        """Take in an open page."""
        self._clients.add(client)

    def leave(self, client: Client) -> None:
        """Forget a page."""
        self._clients.discard(client)
        for topic in list(client.topics):
            self.unsubscribe(client, topic)

    def subscribe(self, client: Client, topic: Topic, since: int | None) -> None:
        """Let a page hear a topic; what it has missed since a number is told at once."""
        client.topics.add(topic.text)
        self._hearers.setdefault(topic.text, set()).add(client)
        missed = self._changes.since(since) if since is not None else None
        if missed is not None and self._concerns(topic, missed):
            ids = ids_or_all(missed.orders) if topic.kind is Kind.ORDERS else None
            client.push(topic.text, _hint(topic.text, missed.upto, ids))

    def unsubscribe(self, client: Client, topic: str) -> None:
        """Let a page hear a topic no more."""
        client.topics.discard(topic)
        hearers = self._hearers.get(topic, set())
        hearers.discard(client)
        if not hearers:
            self._hearers.pop(topic, None)

    def watch_log(self, attempt: str) -> tuple[asyncio.Event, Callable[[], None]]:
        """Return what is set whenever the log of an attempt grows, and how to end that."""
        grew = asyncio.Event()
        self._grew.setdefault(attempt, set()).add(grew)

        def end() -> None:
            watchers = self._grew.get(attempt, set())
            watchers.discard(grew)
            if not watchers:
                self._grew.pop(attempt, None)

        return grew, end

    # -- what the reader's thread brings ----------------------------------------------------------

    def _take(self, entries: Sequence[Entry]) -> None:
        self._changes.take(entries, time.monotonic())
        self._loop.call_soon_threadsafe(self._wake.set)

    def _rows_there(self, no: str) -> None:
        self._changes.readable(int(no))
        self._loop.call_soon_threadsafe(self._wake.set)

    def _plan_changed(self, days: str) -> None:
        self._loop.call_soon_threadsafe(self._note_plan, days.split(","))

    def _note_plan(self, days: Sequence[str]) -> None:
        if not self._plan_days:
            # A plan at work changes many times a second: what comes meanwhile is told together.
            self._loop.call_later(PLAN_TICK_S, self._tell_plan)
        self._plan_days.update(days)

    def _tell_plan(self) -> None:
        """Tell of the days noted; of all that somebody looks at where one is left unnamed."""
        days, self._plan_days = self._plan_days, set()
        for topic in list(self._hearers):
            kind, _, day = topic.partition(":")
            if kind == Kind.PLAN and (day in days or "" in days):
                self._push(topic, self._changes.upto, None)

    def _logs_grew(self, attempts: str) -> None:
        self._loop.call_soon_threadsafe(self._set_grown, attempts.split(","))

    def _set_grown(self, attempts: list[str]) -> None:
        for attempt in attempts:
            for grew in self._grew.get(attempt, ()):
                grew.set()

    def _torn(self) -> None:
        self._loop.call_soon_threadsafe(self._all_stale)

    # -- what goes out ----------------------------------------------------------------------------

    async def _tick(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), HELD_LOOK_S if self._changes.waits else None)
        self._wake.clear()
        changed = self._changes.due(time.monotonic())
        if changed is not None:
            await self._tell(changed)
            # What comes meanwhile goes out together: at most so many hints a topic.
            await asyncio.sleep(TICK_S)

    async def _tell(self, changed: Changed) -> None:
        self._push(Kind.ORDERS, changed.upto, ids_or_all(changed.orders))
        for order in changed.orders:
            self._push(f"{Kind.ORDER}:{order}", changed.upto, [order])
        if any(topic.startswith(f"{Kind.WORKFLOW}:") for topic in self._hearers):
            for workflow, orders in (await self._by_workflow(changed.orders)).items():
                self._push(f"{Kind.WORKFLOW}:{workflow}", changed.upto, ids_or_all(orders))

    async def _by_workflow(self, orders: Sequence[str]) -> dict[str, list[str]]:
        unknown = [order for order in orders if self._changes.workflow_of(order) is None]
        if unknown:
            self._changes.know(await sync_to_async(workflows_of)(unknown))
        found: dict[str, list[str]] = {}
        for order in orders:
            workflow = self._changes.workflow_of(order)
            if workflow is not None:
                found.setdefault(workflow, []).append(order)
        return found

    async def _beat(self) -> None:
        feed = self._feed
        lag_s = feed.lag_s() if feed is not None else None
        frame = frame_of({"type": "beat", "upto": self._changes.upto, "lag_s": lag_s})
        for client in self._clients:
            if client.has_room:
                client.push("", frame)
        await asyncio.sleep(BEAT_S)

    async def _look_at_cluster(self) -> None:
        before: str | None = None
        while Kind.CLUSTER in self._hearers:
            now = await sync_to_async(cluster_digest)()
            if before is not None and now != before:
                self._push(Kind.CLUSTER, self._changes.upto, None)
            before = now
            await asyncio.sleep(CLUSTER_LOOK_S)
        await asyncio.sleep(CLUSTER_LOOK_S)

    def _push(self, topic: str, upto: int, ids: list[str] | None) -> None:
        hearers = self._hearers.get(topic)
        if hearers:
            frame = _hint(topic, upto, ids)
            for client in hearers:
                client.push(topic, frame)

    def _all_stale(self) -> None:
        for topic, hearers in self._hearers.items():
            for client in hearers:
                client.push(topic, frame_of({"type": "stale", "topic": topic}))

    def _concerns(self, topic: Topic, changed: Changed) -> bool:
        if topic.kind is Kind.ORDER:
            return not changed.orders or topic.name in changed.orders
        return topic.kind in (Kind.ORDERS, Kind.WORKFLOW, Kind.PLAN)


def _hint(topic: str, upto: int, ids: list[str] | None) -> str:
    return frame_of({"topic": topic, "upto": upto, "ids": ids})


async def _for_ever(beat: Callable[[], object]) -> None:
    while True:
        try:
            await beat()  # type: ignore[misc]
        except asyncio.CancelledError:
            raise
        except Exception:
            # A database that is away for a while must not end the hints of this process.
            log.exception("live.beat_failed")
            await asyncio.sleep(1.0)
