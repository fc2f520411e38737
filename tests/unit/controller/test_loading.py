"""What a turn needs is loaded, and a row that holds something else does not stop the turn."""

from typing import cast

import pytest

from controller.changes import Store
from controller.loading import Loading
from engine.errors import EventNotApplicable
from engine.order.model import Order, Ready
from engine.world import World


class _Rows:
    """A store whose row of every order is that of the order `stored`."""

    def __init__(self, stored: str) -> None:
        self.stored = stored

    def orders(self, ids: set[str]) -> dict[str, object]:
        order = Order(id=self.stored, workflow="flow", version="v1", state=Ready())
        return dict.fromkeys(ids, (order, 0))


def loading(stored: str) -> Loading:
    return Loading(World(), cast(Store, _Rows(stored)), {})


def test_an_order_is_loaded_when_it_is_asked_for() -> None:
    found = loading("o")
    assert found.until(lambda: found.world.order("o")).id == "o"


def test_a_row_that_holds_another_order_is_refused_instead_of_asked_for_ever() -> None:
    found = loading("other")
    with pytest.raises(EventNotApplicable, match="not its own"):
        found.until(lambda: found.world.order("o"))
