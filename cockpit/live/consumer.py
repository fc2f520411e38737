"""The live socket of a page: who is there, what they want to hear, and its heartbeat."""

import asyncio
import contextlib
from typing import Any

import msgspec
from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from cockpit.access.account import account_of
from cockpit.access.policy import ANONYMOUS, Account, Verb, may
from cockpit.api.metrics import SOCKETS
from cockpit.live import logs
from cockpit.live.client import MOST_TOPICS, Client, frame_of
from cockpit.live.hub import Hub
from cockpit.live.topics import LONGEST, Kind, Topic, may_hear, read_topic

SIGNED_OUT = 4401
UNREADABLE = 4400
NOT_READY = 1013
RECHECK_S = 15.0

_hub: Hub | None = None


class Wish(msgspec.Struct, frozen=True, tag_field="type"):
    """What a page says."""

    topic: str


class Subscribe(Wish, frozen=True, tag="subscribe"):
    """Wants to hear a topic; `since` is the number it has seen, for logs the last line."""

    since: int | None = None


class Unsubscribe(Wish, frozen=True, tag="unsubscribe"):
    """Wants to hear a topic no more."""


_decode = msgspec.json.Decoder(Subscribe | Unsubscribe).decode


def use_hub(hub: Hub | None) -> None:
    """Let the sockets of this process join a hub."""
    global _hub  # noqa: PLW0603  # one per process, made with the server's loop
    _hub = hub


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # the package has no types
    """One open socket."""

    async def connect(self) -> None:
        """Take in a page of somebody who is signed in."""
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._client: Client | None = None
        self._account = await self._look_who()
        # Only an accepted socket can be closed with a code that the page sees.
        await self.accept()
        if not may(self._account, Verb.LOOK):
            await self.close(SIGNED_OUT)
        elif _hub is None:
            await self.close(NOT_READY)
        else:
            self._hub = _hub
            self._client = Client()
            self._hub.join(self._client)
            SOCKETS.inc()
            self._begin("", self._send_all(self._client))
            self._begin("who", self._recheck())

    async def disconnect(self, code: int) -> None:
        """Forget the page."""
        if self._client is not None:
            self._hub.leave(self._client)
            SOCKETS.dec()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Hear what the page wants."""
        if self._client is None:
            return
        try:
            wish = _decode(text_data or b"")
        except (msgspec.DecodeError, RecursionError):
            await self.close(UNREADABLE)
            return
        topic = read_topic(wish.topic)
        if topic is None or not may_hear(self._account, topic):
            told = wish.topic[:LONGEST]
            self._client.push("", frame_of({"type": "refused", "of": told}))
        elif isinstance(wish, Subscribe):
            await self._subscribe(self._client, topic, wish.since)
        else:
            self._unsubscribe(self._client, topic)

    async def _subscribe(self, client: Client, topic: Topic, since: int | None) -> None:
        if topic.text not in client.topics and len(client.topics) >= MOST_TOPICS:
            client.push("", frame_of({"type": "refused", "of": topic.text}))
        elif topic.kind is Kind.LOG:
            self._unsubscribe(client, topic)
            client.topics.add(topic.text)
            self._begin(topic.text, self._send_log(topic, max(0, since or 0)))
        else:
            self._hub.subscribe(client, topic, since)

    def _unsubscribe(self, client: Client, topic: Topic) -> None:
        task = self._tasks.pop(topic.text, None)
        if task is not None:
            task.cancel()
        self._hub.unsubscribe(client, topic.text)

    def _begin(self, name: str, work: Any) -> None:
        self._tasks[name] = asyncio.get_running_loop().create_task(work)

    async def _send_all(self, client: Client) -> None:
        while True:
            await self.send(text_data=await client.next())

    async def _send_log(self, topic: Topic, since: int) -> None:
        job = await logs.job_for(self._account, int(topic.name))
        if job is None:
            await self.send(text_data=frame_of({"type": "refused", "of": topic.text}))
            return
        grew, end = self._hub.watch_log(job.attempt)
        try:
            await logs.stream(self._account, job.no, since=since, grew=grew, send=self._send_text)
        finally:
            end()

    async def _send_text(self, frame: str) -> None:
        await self.send(text_data=frame)

    async def _recheck(self) -> None:
        """Look again now and then whether the person may still be here."""
        while True:
            await asyncio.sleep(RECHECK_S)
            with contextlib.suppress(OSError):
                self._account = await self._look_who()
            if not may(self._account, Verb.LOOK):
                await self.close(SIGNED_OUT)
                return

    async def _look_who(self) -> Account:
        if "session" not in self.scope:
            return ANONYMOUS
        if not await database_sync_to_async(_is_kept)(self.scope["session"]):
            return ANONYMOUS
        user: Any = await get_user(self.scope)
        return account_of(user)


def _is_kept(session: Any) -> bool:
    """Tell whether the session is still in the store: signing out removes it."""
    return bool(session.session_key and session.exists(session.session_key))
