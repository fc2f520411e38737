"""Purging the journal."""

import psycopg

from controller.feed import read_after
from controller.follower import register
from controller.purge import Keep, purge, smallest_position, torn_followers
from tests.journal_writing import BEGIN_US, SECOND_US, added, entries, write_turn

C = "c"
KEEP = Keep(least_s=100, most_s=1000)


def plain(conn: psycopg.Connection):  # type: ignore[no-untyped-def]
    return conn.transaction()


def write_hours(conn: psycopg.Connection, count: int) -> None:
    """Turns of two entries each; entry n is n seconds after the beginning."""
    for first_no in range(1, 2 * count, 2):
        write_turn(conn, C, entries([added("a"), added(f"b{first_no}")], first_no=first_no))


def follow(conn: psycopg.Connection, name: str, no: int) -> None:
    register(conn, name, C, transaction=plain)
    conn.execute("UPDATE controller_feedposition SET no = %s WHERE follower = %s", (no, name))


def purged(conn: psycopg.Connection, after_s: int) -> int:
    now_us = BEGIN_US + after_s * SECOND_US
    return purge(conn, C, KEEP, now_us=now_us, transaction=plain)


def first_no(conn: psycopg.Connection) -> int:
    found = conn.execute("SELECT min(first_no) FROM controller_journalbatch").fetchone()
    assert found
    return int(found[0])


def test_what_every_follower_has_goes_once_it_is_old_enough(conn: psycopg.Connection) -> None:
    write_hours(conn, 10)
    follow(conn, "history", 8)
    follow(conn, "plan", 13)
    assert purged(conn, after_s=50) == 0
    assert purged(conn, after_s=500) == 4
    assert first_no(conn) == 9
    assert (smallest_position(conn, C), torn_followers(conn, C)) == (8, [])
    assert read_after(conn, C, 8)[0].no == 9


def test_nothing_goes_while_nobody_has_registered(conn: psycopg.Connection) -> None:
    write_hours(conn, 3)
    assert purged(conn, after_s=500) == 0


def test_beyond_the_limit_a_follower_is_torn_rather_than_the_disk_full(
    conn: psycopg.Connection,
) -> None:
    write_hours(conn, 10)
    follow(conn, "history", 4)
    assert purged(conn, after_s=5000) == 9
    assert first_no(conn) == 19
    assert torn_followers(conn, C) == ["history"]


def test_the_index_of_orders_goes_with_its_turns(conn: psycopg.Connection) -> None:
    write_hours(conn, 3)
    follow(conn, "history", 6)
    purged(conn, after_s=500)
    left = conn.execute("SELECT order_id, first_no FROM controller_journalindex ORDER BY 1, 2")
    assert left.fetchall() == [("a", 5), ("b5", 5)]


def test_many_turns_go_in_parts(conn: psycopg.Connection) -> None:
    write_hours(conn, 600)
    follow(conn, "history", 1200)
    assert purged(conn, after_s=10_000) == 599
