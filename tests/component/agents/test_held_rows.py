"""How an agent's journal keeps orders with many results."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from agents.worker import held_rows
from agents.worker.held_rows import CHUNK
from agents.worker.journal import Journal
from engine.order.model import Order, Result

LONG = 3 * CHUNK + 5
ORDER = Order(id="a", workflow="flow", version="v1")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(file: Path) -> Iterator[Journal]:
    made = Journal(file)
    yield made
    made.close()


def after(steps: int, order: Order = ORDER, value: str = "ok") -> Order:
    """Return the order after so many more jobs."""
    results = (Result((n,), None, "job", {"is": value}) for n in range(steps))
    return replace(order, results=(*order.results, *results))


def step_by_step(journal: Journal, steps: int) -> Order:
    """Return an order that was written now and then on its way."""
    order = ORDER
    while len(order.results) < steps:
        order = after(min(25, steps - len(order.results)), order)
        journal.save(order)
        journal.commit()
    return order


def largest_row(file: Path) -> int:
    with sqlite3.connect(file) as db:
        return int(db.execute("SELECT max(length(body)) FROM held").fetchone()[0])


@pytest.mark.parametrize("steps", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, LONG])
def test_all_results_come_back_however_many_there_are(
    journal: Journal, file: Path, steps: int
) -> None:
    order = step_by_step(journal, steps)
    journal.save(order)
    journal.commit()
    assert list(Journal(file).held()) == [order]
    assert journal.known("a") == (order, True)


def test_the_row_of_an_order_does_not_grow_with_its_steps(journal: Journal, file: Path) -> None:
    step_by_step(journal, CHUNK - 1)
    bound = 1.2 * largest_row(file)
    step_by_step(journal, LONG)
    assert largest_row(file) < bound


def test_the_row_of_an_order_grows_where_nothing_is_chunked(
    journal: Journal, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step_by_step(journal, CHUNK - 1)
    bound = 1.2 * largest_row(file)
    monkeypatch.setattr(held_rows, "CHUNK", 1_000_000)
    step_by_step(journal, LONG)
    assert largest_row(file) > bound


def test_an_order_goes_on_after_a_restart(journal: Journal, file: Path) -> None:
    step_by_step(journal, LONG)
    again = Journal(file)
    (order,) = again.held()
    later = after(CHUNK, order)
    again.save(later)
    again.commit()
    assert list(Journal(file).held()) == [later]


@pytest.mark.parametrize("kept", [0, 3, CHUNK, 2 * CHUNK, LONG])
def test_an_order_that_comes_again_has_only_its_own_results(
    journal: Journal, file: Path, kept: int
) -> None:
    journal.save(step_by_step(journal, LONG), gone_us=1)
    journal.commit()
    anew = after(kept, value="of its second life")
    journal.save(anew)
    journal.commit()
    assert list(Journal(file).held()) == [anew]
    later = after(CHUNK, anew)
    journal.save(later)
    journal.commit()
    assert list(Journal(file).held()) == [later]


def test_a_journal_of_before_chunks_is_read_and_goes_on(file: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held_rows, "CHUNK", 1_000_000)
        step_by_step(Journal(file), LONG)
    journal = Journal(file)
    (order,) = journal.held()
    assert len(order.results) == LONG
    later = after(1, order)
    journal.save(later)
    journal.commit()
    assert list(Journal(file).held()) == [later]


def test_nothing_is_left_of_an_order_that_was_given_back_long_ago(
    journal: Journal, file: Path
) -> None:
    journal.save(step_by_step(journal, LONG), gone_us=1)
    journal.commit()
    journal.release(0, gone_before_us=2)
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT count(*) FROM chunk").fetchone() == (0,)
    assert journal.known("a") is None


def test_a_new_run_begins_without_any_order(journal: Journal, file: Path) -> None:
    step_by_step(journal, LONG)
    journal.forget([("run", b"r")])
    fresh = after(CHUNK)
    journal.save(fresh)
    journal.commit()
    assert list(Journal(file).held()) == [fresh]
