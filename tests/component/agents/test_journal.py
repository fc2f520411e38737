"""What an agent tells of orders out of its journal: what was gathered counts too."""

import sqlite3
from pathlib import Path

import pytest

from agents.worker.journal import Journal
from engine.order.model import Held, Order

HERE = Order(id="a", workflow="flow", version="v1", held=Held("agent-1", "attached"), own_no=1)
GONE = Order(id="a", workflow="flow", version="v1", own_no=2)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journal(tmp_path / "journal.sqlite")
    made.save(HERE)
    made.commit()
    return made


def test_an_order_that_was_given_back_in_this_turn_is_not_told_as_held(journal: Journal) -> None:
    journal.save(GONE, gone_us=1)
    assert journal.known("a") == (GONE, False)
    assert list(journal.all_known()) == [(GONE, False)]


def test_all_orders_are_told_once_and_in_order(journal: Journal) -> None:
    journal.save(Order(id="b", workflow="flow", version="v1"))
    journal.save(HERE)
    assert [order.id for order, _ in journal.all_known()] == ["a", "b"]
    journal.commit()
    assert [order.id for order, _ in journal.all_known()] == ["a", "b"]


def fill(journal: Journal) -> None:
    """Let the journal's disk be full."""
    db = journal._db
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count={pages}")


def test_a_full_disk_is_told_as_such_and_the_journal_goes_on_once_there_is_room(
    journal: Journal,
) -> None:
    fill(journal)
    for n in range(200):
        journal.save(Order(id=f"o{n}", workflow="flow" * 50, version="v1"))
    with pytest.raises(sqlite3.OperationalError, match="disk is full") as told:
        journal.commit()
    assert told.value.__context__ is None
    journal._db.execute("PRAGMA max_page_count=100000")
    journal.commit()
    assert len(list(journal.held())) == 201


def test_a_refused_statement_leaves_nothing_of_its_transaction(journal: Journal) -> None:
    journal._db.execute(
        "CREATE TEMP TRIGGER no BEFORE DELETE ON event BEGIN SELECT raise(abort, 'x'); END"
    )
    journal._db.execute("INSERT INTO event VALUES (1, x'90')")
    with pytest.raises(sqlite3.Error, match="x"):
        journal.release(1, gone_before_us=0)
    assert not journal._db.in_transaction
