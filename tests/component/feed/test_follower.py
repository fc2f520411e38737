"""Followers: rows and position together, poison passed by, gaps said."""

import threading
from collections.abc import Sequence

import psycopg
import pytest

from controller.feed import JournalTorn
from controller.follower import FollowerBroken, Following, PositionMoved, run_follower
from controller.journal import Entry
from engine.order import events as e
from tests.journal_writing import added, entries, write_turn
from tests.system.waiting import wait_until

C = "c"


class Collecting:
    """A follower that keeps numbers in a table, and refuses the orders it is told to."""

    name = "collecting"

    def __init__(self, *poisoned: str) -> None:
        self.poisoned = poisoned
        self.torn: list[JournalTorn] = []
        self.batches: list[int] = []

    def take(self, conn: psycopg.Connection, entries: Sequence[Entry]) -> None:
        self.batches.append(len(entries))
        for entry in entries:
            if entry.order in self.poisoned:
                raise KeyError(entry.order)
            conn.execute("INSERT INTO taken VALUES (%s, false)", (entry.no,))

    def flag(self, conn: psycopg.Connection, entry: Entry, problem: str) -> None:
        assert "KeyError" in problem
        conn.execute("INSERT INTO taken VALUES (%s, true)", (entry.no,))

    def mend(self, conn: psycopg.Connection, torn: JournalTorn) -> None:
        self.torn.append(torn)


@pytest.fixture(autouse=True)
def table(conn: psycopg.Connection) -> None:
    conn.execute("DROP TABLE IF EXISTS taken")
    conn.execute("CREATE TABLE taken (no bigint, flagged bool)")


def following(conn: psycopg.Connection, follower: Collecting) -> Following:
    return Following(conn, follower, C, transaction=lambda conn: conn.transaction())


def taken(conn: psycopg.Connection, *, flagged: bool = False) -> list[int]:
    found = conn.execute("SELECT no FROM taken WHERE flagged = %s ORDER BY no", (flagged,))
    return [no for (no,) in found]


def write_orders(conn: psycopg.Connection, *ids: str, first_no: int = 1) -> None:
    write_turn(conn, C, entries([added(i) for i in ids], first_no=first_no))


def test_a_follower_takes_each_entry_once_and_goes_on_where_it_stopped(
    conn: psycopg.Connection,
) -> None:
    write_orders(conn, "a", "b")
    first = following(conn, Collecting())
    assert (first.step(), first.step()) == (2, 0)
    write_orders(conn, "c", first_no=3)
    assert following(conn, Collecting()).step() == 1
    assert taken(conn) == [1, 2, 3]


def test_a_poisoned_entry_is_flagged_and_the_others_are_taken(conn: psycopg.Connection) -> None:
    write_orders(conn, "a", "b", "bad", "c", "d", "worse", "e")
    one = following(conn, Collecting("bad", "worse"))
    assert one.step() == 7
    assert taken(conn) == [1, 2, 4, 5, 7]
    assert taken(conn, flagged=True) == [3, 6]
    assert one.step() == 0


def test_a_follower_that_fails_at_everything_passes_nothing_by(conn: psycopg.Connection) -> None:
    ids = [f"o{n}" for n in range(64)]
    write_orders(conn, *ids)
    one = following(conn, Collecting(*ids))
    with pytest.raises(FollowerBroken):
        one.step()
    assert len(taken(conn, flagged=True)) == 20


def test_a_missing_table_is_no_fault_of_an_entry(conn: psycopg.Connection) -> None:
    write_orders(conn, "a", "b")
    one = following(conn, Collecting())
    conn.execute("DROP TABLE taken")
    with pytest.raises(psycopg.errors.UndefinedTable):
        one.step()
    assert one.no == 0


def test_a_second_instance_cannot_double_anything(dsn: str, conn: psycopg.Connection) -> None:
    write_orders(conn, "a", "b")
    with psycopg.connect(dsn, autocommit=True) as other_conn:
        first, second = following(conn, Collecting()), following(other_conn, Collecting())
        assert first.step() == 2
        with pytest.raises(PositionMoved):
            second.step()
        assert following(other_conn, Collecting()).step() == 0
    assert taken(conn) == [1, 2]


def test_without_the_guard_the_second_instance_doubles(
    dsn: str, conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    monkeypatch.setattr(Following, "_move", lambda self, no: None)
    write_orders(conn, "a", "b")
    with psycopg.connect(dsn, autocommit=True) as other_conn:
        first, second = following(conn, Collecting()), following(other_conn, Collecting())
        first.step()
        second.step()
    assert taken(conn) == [1, 1, 2, 2]


def test_a_failed_transaction_leaves_neither_rows_nor_position(conn: psycopg.Connection) -> None:
    write_orders(conn, "a", "b")
    one = following(conn, Collecting())
    conn.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                 " 'BEGIN RAISE SQLSTATE ''57014''; END'")  # fmt: skip
    conn.execute("CREATE TRIGGER refuse BEFORE INSERT ON taken EXECUTE FUNCTION refuse()")
    with pytest.raises(psycopg.OperationalError):
        one.step()
    conn.execute("DROP FUNCTION refuse CASCADE")
    assert taken(conn) == []
    assert one.step() == 2
    assert taken(conn) == [1, 2]


def test_a_follower_behind_the_purge_limit_is_torn_mended_and_goes_on(
    conn: psycopg.Connection,
) -> None:
    write_orders(conn, "a", "b", first_no=1)
    write_orders(conn, "c", first_no=3)
    conn.execute("DELETE FROM controller_journalbatch WHERE first_no = 1")
    follower = Collecting()
    one = following(conn, follower)
    one.step()
    assert [(t.after_no, t.first_no) for t in follower.torn] == [(0, 3)]
    assert one.step() == 1
    assert taken(conn) == [3]


def test_a_running_follower_hears_of_a_turn_and_ends_when_told(
    dsn: str, conn: psycopg.Connection
) -> None:
    stop = threading.Event()
    thread = threading.Thread(
        target=run_follower,
        args=(dsn, Collecting(), stop),
        kwargs={"controller": C, "poll_s": 30.0},
    )
    thread.start()
    try:
        for no in (1, 2, 3):
            write_orders(conn, f"o{no}", first_no=no)
            wait_until(lambda: len(taken(conn)) == no)  # noqa: B023  # called at once
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def test_a_follower_comes_back_when_its_session_is_ended(
    dsn: str, conn: psycopg.Connection
) -> None:
    stop = threading.Event()
    named = f"{dsn} application_name=followed"
    thread = threading.Thread(
        target=run_follower, args=(named, Collecting(), stop), kwargs={"controller": C}
    )
    thread.start()
    try:
        write_orders(conn, "a")
        wait_until(lambda: taken(conn) == [1])
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'followed'"
        )
        write_orders(conn, "b", first_no=2)
        wait_until(lambda: taken(conn) == [1, 2])
    finally:
        stop.set()
        thread.join(10)


class Impatient(threading.Event):
    """Never waits, keeps how long it was to wait, and is set after the sixth time."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        if len(self.waits) == 6:
            self.set()
        return self.is_set()


def test_a_follower_that_may_connect_but_not_write_asks_less_and_less_often(
    dsn: str, conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise psycopg.errors.DiskFull("no space left on device")

    follower, stop = Collecting(), Impatient()
    monkeypatch.setattr(follower, "take", full)
    write_orders(conn, "a")
    run_follower(dsn, follower, stop, controller=C)
    assert stop.waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2]


def test_events_the_journal_holds_come_back_as_they_were(conn: psycopg.Connection) -> None:
    seen: list[Entry] = []

    class Seeing(Collecting):
        def take(self, conn: psycopg.Connection, entries: Sequence[Entry]) -> None:
            seen.extend(entries)

    turn = entries([added("a"), ("a", e.OrderStarted(5))])
    write_turn(conn, C, turn)
    following(conn, Seeing()).step()
    assert seen == turn
