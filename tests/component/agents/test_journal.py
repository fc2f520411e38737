"""What an agent tells of orders out of its journal: what was gathered counts too."""

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
