"""The one reader of a process."""

import threading
import uuid
from collections.abc import Iterator

import psycopg
import pytest

from controller import commands
from controller.feed import JournalTorn, last_no, read_after
from controller.subscriptions import Feed
from engine.order.requests import AddOrders, Answer, Answered
from tests.journal_writing import added, entries, write_turn
from tests.system.waiting import wait_until

C = "c"


@pytest.fixture
def feed(dsn: str, controller: str) -> Iterator[Feed]:
    with Feed(dsn, controller) as feed:
        yield feed


def write(conn: psycopg.Connection, first_no: int, *ids: str) -> None:
    write_turn(conn, C, entries([added(i) for i in ids], first_no=first_no))


class Numbers:
    """Collects the numbers it is handed."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def __call__(self, entries) -> None:  # type: ignore[no-untyped-def]
        self.seen += [entry.no for entry in entries]


def test_reading_begins_in_the_middle_of_a_turn(conn: psycopg.Connection) -> None:
    write(conn, 1, "a", "b", "c")
    write(conn, 4, "d")
    assert [entry.no for entry in read_after(conn, C, 2)] == [3, 4]
    assert read_after(conn, C, 4) == []
    assert read_after(conn, "another", 0) == []
    assert last_no(conn, C) == 4


def test_reading_says_when_entries_are_purged(conn: psycopg.Connection) -> None:
    write(conn, 7, "a")
    assert [entry.no for entry in read_after(conn, C, 6)] == [7]
    with pytest.raises(JournalTorn):
        read_after(conn, C, 5)


def test_subscribers_get_what_comes_after_their_number(
    conn: psycopg.Connection, feed: Feed
) -> None:
    write(conn, 1, "a", "b")
    past, now = Numbers(), Numbers()
    feed.subscribe(past, since_no=1)
    wait_until(lambda: past.seen == [2])
    feed.subscribe(now)
    write(conn, 3, "c")
    wait_until(lambda: now.seen == [3])
    assert past.seen == [2, 3]


def test_a_broken_subscriber_does_not_silence_the_others(
    conn: psycopg.Connection, feed: Feed
) -> None:
    def broken(entries: object) -> None:
        raise KeyError

    feed.subscribe(broken, since_no=0)
    other = Numbers()
    feed.subscribe(other, since_no=0)
    write(conn, 1, "a")
    write(conn, 2, "b")
    wait_until(lambda: other.seen == [1, 2])


def test_a_subscriber_that_ended_gets_nothing_more(conn: psycopg.Connection, feed: Feed) -> None:
    ended, other = Numbers(), Numbers()
    end = feed.subscribe(ended, since_no=0)
    feed.subscribe(other, since_no=0)
    write(conn, 1, "a")
    wait_until(lambda: other.seen == [1])
    end()
    write(conn, 2, "b")
    wait_until(lambda: other.seen == [1, 2])
    assert ended.seen == [1]


def test_a_subscriber_behind_the_purge_limit_is_told_and_goes_on_from_now(
    conn: psycopg.Connection, feed: Feed
) -> None:
    write(conn, 7, "a")
    numbers = Numbers()
    # What is committed while the subscriber is told comes after "now".
    feed.subscribe(numbers, since_no=2, torn=lambda: write(conn, 8, "b"))
    wait_until(lambda: numbers.seen == [8])


def test_the_feed_comes_back_when_its_session_is_ended(
    conn: psycopg.Connection, dsn: str, controller: str
) -> None:
    with Feed(f"{dsn} application_name=feeding", controller) as feed:
        numbers = Numbers()
        feed.subscribe(numbers, since_no=0)
        write(conn, 1, "a")
        wait_until(lambda: numbers.seen == [1])
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'feeding'"
        )
        write(conn, 2, "b")
        wait_until(lambda: numbers.seen == [1, 2])


def test_other_announcements_are_handed_on(conn: psycopg.Connection, feed: Feed) -> None:
    heard: list[str] = []
    feed.hear("stellwerk_history_c", heard.append)

    def announced() -> bool:
        conn.execute("SELECT pg_notify('stellwerk_history_c', '17')")
        return heard[:1] == ["17"]

    wait_until(announced)


def test_an_answer_wakes_who_waits_for_it(conn: psycopg.Connection, feed: Feed) -> None:
    command = commands.ask(AddOrders(()), account="me")
    answer = Answer((Answered("a", ok=True),))
    got: list[Answer | None] = []
    waiting = threading.Thread(target=lambda: got.append(waited(feed, command)))
    waiting.start()
    wait_until(lambda: str(command) in feed._waiting)
    answered(conn, command, answer)
    waiting.join(4)
    assert got == [answer]
    assert feed._waiting == {}


def test_an_answer_is_found_without_a_reader(
    conn: psycopg.Connection, dsn: str, controller: str
) -> None:
    command = commands.ask(AddOrders(()), account="me")
    feed = Feed(dsn, controller)
    assert feed.wait_answer(command, timeout_s=0.1) is None
    answered(conn, command, Answer(()))
    assert feed.wait_answer(command, timeout_s=0.1) == Answer(())


def answered(conn: psycopg.Connection, command: uuid.UUID, answer: Answer) -> None:
    with conn.transaction():
        conn.execute(
            "UPDATE controller_command SET answer = %s WHERE id = %s",
            (commands._encode(answer), command),
        )
        conn.execute("SELECT pg_notify('stellwerk_answers_c', %s)", (str(command),))


def waited(feed: Feed, command: uuid.UUID) -> Answer | None:
    from django.db import connection

    try:
        return feed.wait_answer(command, timeout_s=4)
    finally:
        connection.close()
