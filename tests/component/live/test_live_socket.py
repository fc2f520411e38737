"""The live socket: who may open it, what it says, and that it says it after the rows are there."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from cockpit.live import consumer, logs
from cockpit.live.hub import Hub
from cockpit.live.routing import live_socket
from controller.subscriptions import Feed
from dailyplan.intents import PLAN_ROWS
from history.follow import history_channel
from history.logs import log_channel
from tests.component.api.history_rows import job_run, log, order_run
from tests.journal_writing import added, entries, write_turn

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

ORIGIN = (b"origin", b"http://localhost")


def signed_in(name: str = "vic") -> Client:
    user, _ = get_user_model().objects.get_or_create(username=name)
    client = Client()
    client.force_login(user)
    return client


class Page:
    """A page with a socket."""

    def __init__(self, *headers: tuple[bytes, bytes]) -> None:
        scope = {
            "type": "websocket",
            "path": "/ws/live/",
            "query_string": b"",
            "headers": list(headers),
            "subprotocols": [],
        }
        # The package has no types.
        self.socket: Any = ApplicationCommunicator(live_socket(), scope)  # type: ignore[no-untyped-call]

    async def connects(self) -> bool:
        """Open the socket; whether it was accepted."""
        await self.socket.send_input({"type": "websocket.connect"})
        answer: str = (await self.socket.receive_output(timeout=5))["type"]
        return answer == "websocket.accept"

    async def leaves(self) -> None:
        await self.socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.socket.wait(timeout=5)

    async def says(self, **message: Any) -> None:
        await self.writes(json.dumps(message))

    async def writes(self, text: str) -> None:
        await self.socket.send_input({"type": "websocket.receive", "text": text})

    async def hears(self, wanted: str) -> dict[str, Any]:
        """The next message on a topic or of a type; others are passed over."""
        while True:
            event = await self.socket.receive_output(timeout=5)
            message: dict[str, Any] = json.loads(event["text"])
            if wanted in (message.get("topic"), message.get("type")):
                return message

    async def hears_nothing(self, topic: str, within_s: float) -> bool:
        """Whether no message comes on a topic for a time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not self.socket.output_queue.qsize():
                    await asyncio.sleep(0.01)
                event = await self.socket.output_queue.get()
                return bool(json.loads(event["text"]).get("topic") != topic)
        return True

    async def closed_with(self) -> int:
        """The code with which the site closes the socket."""
        while True:
            event = await self.socket.receive_output(timeout=5)
            if event["type"] == "websocket.close":
                code: int = event["code"]
                return code


@pytest_asyncio.fixture
async def hub(dsn: str) -> AsyncIterator[Hub]:
    feed = Feed(dsn, settings.STELLWERK_CONTROLLER_ID, poll_s=0.2).start()
    hub = Hub()
    hub.start(feed, settings.STELLWERK_CONTROLLER_ID)
    while feed.lag_s() is None:
        await asyncio.sleep(0.01)
    consumer.use_hub(hub)
    yield hub
    consumer.use_hub(None)
    await hub.stop()
    await asyncio.to_thread(feed.stop)


@pytest_asyncio.fixture
async def page(hub: Hub) -> AsyncIterator[Page]:
    client = await sync_to_async(signed_in)()
    cookie = f"sessionid={client.cookies['sessionid'].value}".encode()
    page = Page(ORIGIN, (b"cookie", cookie))
    assert await page.connects()
    yield page
    await page.leaves()


def announce(dsn: str, channel: str, text: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("SELECT pg_notify(%s, %s)", (channel, text))


def write(dsn: str, first_no: int, *orders: str) -> int:
    """Let the controller add orders; returns the last number."""
    turn = entries([added(order) for order in orders], first_no=first_no)
    with psycopg.connect(dsn, autocommit=True) as conn:
        write_turn(conn, settings.STELLWERK_CONTROLLER_ID, turn)
    return turn[-1].no


async def happens(dsn: str, first_no: int, *orders: str) -> None:
    """Orders are added, and the history has their rows."""
    last = await asyncio.to_thread(write, dsn, first_no, *orders)
    channel = history_channel(settings.STELLWERK_CONTROLLER_ID)
    await asyncio.to_thread(announce, dsn, channel, str(last))


async def subscribed(page: Page, *topics: str) -> None:
    """The page has subscribed: what is refused behind the topics tells that they were taken."""
    for topic in topics:
        await page.says(type="subscribe", topic=topic)
    await page.says(type="subscribe", topic="nonsense")
    assert (await page.hears("refused"))["of"] == "nonsense"


async def test_changes_are_told_on_every_topic_they_concern(page: Page, dsn: str) -> None:
    await subscribed(page, "orders", "order:a", "workflow:billing/nightly")
    await happens(dsn, 1, "a", "b")

    assert await page.hears("orders") == {"topic": "orders", "upto": 2, "ids": ["a", "b"]}
    assert (await page.hears("order:a"))["ids"] == ["a"]
    assert (await page.hears("workflow:billing/nightly"))["ids"] == ["a", "b"]


async def test_a_hint_waits_for_the_history(
    page: Page, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cockpit.live.changes.LONGEST_HOLD_S", 60.0)
    await subscribed(page, "orders")
    await asyncio.to_thread(write, dsn, 1, "a")
    assert await page.hears_nothing("orders", within_s=0.5)
    channel = history_channel(settings.STELLWERK_CONTROLLER_ID)
    await asyncio.to_thread(announce, dsn, channel, "1")
    assert (await page.hears("orders"))["upto"] == 1


async def test_a_page_that_comes_back_is_told_what_it_missed(page: Page, dsn: str) -> None:
    await subscribed(page, "orders")
    await happens(dsn, 1, "a", "b", "c")
    assert (await page.hears("orders"))["upto"] == 3

    await page.says(type="unsubscribe", topic="orders")
    await page.says(type="subscribe", topic="orders", since=1)
    assert await page.hears("orders") == {"topic": "orders", "upto": 3, "ids": ["b", "c"]}


async def test_what_is_unsubscribed_is_not_heard(page: Page, dsn: str) -> None:
    await subscribed(page, "orders", "order:a")
    await page.says(type="unsubscribe", topic="orders")
    await subscribed(page)
    await happens(dsn, 1, "a")
    assert (await page.hears("order:a"))["upto"] == 1
    assert await page.hears_nothing("orders", within_s=0.5)


async def test_the_socket_beats(page: Page) -> None:
    assert "lag_s" in await page.hears("beat")


async def test_lines_of_a_log_come_as_they_are_stored(
    page: Page, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "SETTLED_S", 0.0)
    monkeypatch.setattr(logs, "LOOK_S", 30.0)
    job = await sync_to_async(lambda: job_run(order_run("a"), 3))()
    await page.says(type="subscribe", topic="log:3", since=1)
    await subscribed(page)

    await sync_to_async(log)(job, b"one\ntwo\nthree\n")
    channel = log_channel(settings.STELLWERK_CONTROLLER_ID)
    await asyncio.to_thread(announce, dsn, channel, job.attempt)
    told = await page.hears("log:3")
    assert [(no, stream, text) for no, _, stream, text in told["lines"]] == [
        (2, "out", "two"),
        (3, "out", "three"),
    ]

    await sync_to_async(lambda: type(job).objects.filter(no=3).update(ended_at=job.started_at))()
    await asyncio.to_thread(announce, dsn, channel, job.attempt)
    assert (await page.hears("log:3"))["ended"] is True


async def test_a_log_that_is_not_there_is_refused(page: Page) -> None:
    await page.says(type="subscribe", topic="log:99")
    assert (await page.hears("refused"))["of"] == "log:99"


async def test_nonsense_closes_the_socket(page: Page) -> None:
    await page.writes("{")
    assert await page.closed_with() == consumer.UNREADABLE


@pytest.mark.parametrize("headers", [[ORIGIN], [ORIGIN, (b"cookie", b"sessionid=made-up")]])
async def test_who_is_not_signed_in_is_told_so(
    hub: Hub, headers: list[tuple[bytes, bytes]]
) -> None:
    page = Page(*headers)
    assert await page.connects()
    assert await page.closed_with() == consumer.SIGNED_OUT


async def test_another_site_cannot_open_the_socket(hub: Hub) -> None:
    client = await sync_to_async(signed_in)()
    cookie = (b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode())
    for origin in ([(b"origin", b"http://evil.example")], []):
        assert not await Page(cookie, *origin).connects()


async def test_who_signs_out_hears_nothing_more(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "RECHECK_S", 0.1)
    client = await sync_to_async(signed_in)()
    cookie = f"sessionid={client.cookies['sessionid'].value}".encode()
    page = Page(ORIGIN, (b"cookie", cookie))
    assert await page.connects()
    await sync_to_async(client.logout)()
    assert await page.closed_with() == consumer.SIGNED_OUT
    await page.leaves()


async def test_days_of_the_plan_are_told_when_their_rows_have_changed(page: Page, dsn: str) -> None:
    await subscribed(page, "plan:2026-03-02", "plan:2026-03-03")
    await asyncio.to_thread(announce, dsn, PLAN_ROWS, "2026-03-03,2026-04-01")
    assert await page.hears("plan:2026-03-03") == {
        "topic": "plan:2026-03-03", "upto": 0, "ids": None,
    }  # fmt: skip
    await page.says(type="unsubscribe", topic="plan:2026-03-03")
    # Without a day all days concern everybody who looks at one.
    await asyncio.to_thread(announce, dsn, PLAN_ROWS, "")
    assert (await page.hears("plan:2026-03-02"))["ids"] is None
    for topic in ("plan", "plan:tomorrow", "plan:2026-03-02x"):
        await page.says(type="subscribe", topic=topic)
        assert (await page.hears("refused"))["of"] == topic
