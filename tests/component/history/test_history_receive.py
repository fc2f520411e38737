"""Letters of logs from a real carrier into the store."""

import base64
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec
import psycopg
import pytest

from agents.carrier import Post
from agents.protocol import (
    LogAck,
    LogChunk,
    queue_of_agent,
    queue_of_logs,
    unseal,
)  # fmt: skip
from cockpit.embedded import Urls
from history import log_read
from history.acks import acknowledge
from history.logs import Stored
from history.receive import Receiver, read_letter
from tests.system.waiting import wait_until

C = "c"

pytestmark = pytest.mark.usefixtures("controller")


def letter(*chunks: LogChunk) -> str:
    return base64.b64encode(msgspec.msgpack.encode(chunks)).decode("ascii")


def chunk(data: bytes, offset: int = 0, attempt: str = "r:1") -> LogChunk:
    return LogChunk("agent-1", attempt, "out", offset, 1, 0, 1, data, False, offset + len(data))


@pytest.fixture
def send(parts: Urls) -> Iterator[Callable[[str], None]]:
    post = Post(parts.broker_url).start()
    yield lambda text: post.send(queue_of_logs(C), text)
    post.close()


@pytest.fixture
def told(dsn: str, parts: Urls) -> Iterator[list[Stored]]:
    """What a running receiver has told agents."""
    told: list[Stored] = []

    @contextmanager
    def transaction() -> Iterator[psycopg.Connection]:
        with psycopg.connect(dsn) as conn:
            yield conn

    def tell(stored: Sequence[Stored]) -> None:
        told.extend(stored)

    stop = threading.Event()
    receiver = Receiver(parts.broker_url, C, transaction=transaction, tell=tell)
    thread = threading.Thread(target=receiver.run, args=(stop,))
    thread.start()
    yield told
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_letters_are_stored_and_told_to_agents(
    send: Callable[[str], None], told: list[Stored]
) -> None:
    send(letter(chunk(b"one\n"), chunk(b"two\n", 4)))
    wait_until(lambda: Stored("agent-1", "r:1", "out", 8) in told)
    assert b"".join(log_read.raw("r:1", "out")) == b"one\ntwo\n"


def test_what_cannot_be_read_or_stored_is_dropped_and_the_rest_goes_on(
    send: Callable[[str], None], told: list[Stored]
) -> None:
    send("no base64 at all")
    send(base64.b64encode(b"no msgpack").decode())
    send(letter(chunk(b"x\n", attempt="nul\0in it")))
    send(letter(chunk(b"one\n")))
    wait_until(lambda: Stored("agent-1", "r:1", "out", 4) in told)
    assert b"".join(log_read.raw("r:1", "out")) == b"one\n"


def test_a_letter_of_another_shape_has_no_chunks() -> None:
    assert read_letter(b"[]") == read_letter(b"[[1]]") == read_letter(b"nonsense") == []


def test_the_word_to_an_agent_is_sealed_for_its_instance(conn: psycopg.Connection) -> None:
    conn.execute(
        "INSERT INTO agents_agent (id, title, enabled, link_key) VALUES ('agent-1', '', true, %s)",
        (b"k" * 32,),
    )
    conn.execute(
        "INSERT INTO controller_link"
        " (controller, agent, run, nonce, stream, next_n, taken_n, state, problem)"
        " VALUES ('c', 'agent-1', 'run', 'abcd', gen_random_uuid(), 1, 0, '', '')"
    )
    conn.execute(
        "INSERT INTO cluster_lease (role, term, beat, phase, note, changed_at)"
        " VALUES ('controller.c', 7, 0, 'active', '', now())"
    )
    sent: list[tuple[str, str]] = []
    stored = [Stored("agent-1", "r:1", "out", 8), Stored("stranger", "r:2", "out", 8)]
    assert acknowledge(conn, C, stored, lambda to, text: sent.append((to, text))) == 1
    ((to, text),) = sent
    envelope = unseal(text, b"k" * 32, "down")
    assert to == queue_of_agent("agent-1", "abcd")
    assert (envelope.agent, envelope.nonce, envelope.term) == ("agent-1", "abcd", 7)
    assert envelope.words == (LogAck("r:1", "out", 8),)
