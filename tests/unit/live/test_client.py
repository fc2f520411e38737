"""A slow page never costs the process memory: its frames become one word."""

import asyncio
import json

import pytest

from cockpit.live.client import Client
from cockpit.live.topics import Kind, Topic, read_topic


async def drained(client: Client) -> list[str]:
    found = []
    while True:
        try:
            found.append(await asyncio.wait_for(client.next(), 0.01))
        except TimeoutError:
            return found


@pytest.mark.asyncio
async def test_frames_come_in_order() -> None:
    client = Client()
    for n in range(3):
        client.push("orders", f"{n}")
    assert await drained(client) == ["0", "1", "2"]


@pytest.mark.asyncio
async def test_a_page_that_does_not_keep_up_is_told_to_ask_again() -> None:
    client = Client(most_frames=4)
    client.topics = {"orders", "cluster"}
    for n in range(1_000):
        client.push("orders", f"{n}")
    told = [json.loads(frame) for frame in await drained(client)]
    assert sorted(t["topic"] for t in told) == ["cluster", "orders"]
    assert {t["type"] for t in told} == {"stale"}
    client.push("orders", "again")
    assert await drained(client) == ["again"]


def test_topics_are_read_and_nonsense_is_not() -> None:
    assert read_topic("orders") == Topic(Kind.ORDERS)
    assert read_topic("order:#a:b|c") == Topic(Kind.ORDER, "#a:b|c")
    assert read_topic("log:12") == Topic(Kind.LOG, "12")
    assert read_topic("plan:2026-01-31") == Topic(Kind.PLAN, "2026-01-31")
    for text in ("", "order", "order:", "orders:x", "log:a", "log:٣", f"log:{2**63}", "order:\0",
                 "plan:tomorrow", "plan", "nonsense", "order:" + "x" * 300):  # fmt: skip
        assert read_topic(text) is None, text


def test_a_topic_is_written_as_it_was_read() -> None:
    for name in ("orders", "order:a", "workflow:w/x", "cluster", "log:1"):
        found = read_topic(name)
        assert found is not None
        assert found.text == name
