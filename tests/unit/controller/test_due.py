"""The window over what is due: everything comes once, in time, however much falls together."""

import pytest

from controller import due as module
from controller.due import SPAN_US, Due


class Table:
    """Rows of what is due; a row leaves when a turn has looked at its order."""

    def __init__(self, rows: list[tuple[int, str]]) -> None:
        self.rows, self.reads = sorted(rows), 0

    def read(self, above_us: int, upto_us: int, limit: int) -> list[tuple[int, str]]:
        self.reads += 1
        return [row for row in self.rows if above_us < row[0] <= upto_us][:limit]

    def looked_at(self, order_ids: list[str]) -> None:
        self.rows = [row for row in self.rows if row[1] not in set(order_ids)]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and turns of a few rows."""
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 20)
    monkeypatch.setattr(module, "AT_ONCE", 5)


def all_due(due: Due, table: Table, now_us: int) -> list[str]:
    """Take until nothing is due, as turns would."""
    found: list[str] = []
    for _ in range(1_000):
        taken = due.take(now_us)
        table.looked_at(taken)
        found += taken
        if not taken:
            return found
    raise AssertionError("there is always something due")


def test_more_orders_than_a_page_at_one_moment_come_once_each() -> None:
    table = Table([(50, f"o{n}") for n in range(90)])
    due = Due(table.read, horizon_us=0)
    found = all_due(due, table, 100)
    assert sorted(found) == sorted(f"o{n}" for n in range(90))
    assert table.reads <= 90 // 20 + 2


def test_what_lies_behind_a_full_page_is_not_forgotten() -> None:
    table = Table([(n, f"o{n:03d}") for n in range(60)])
    due = Due(table.read, horizon_us=0)
    assert all_due(due, table, 100) == [f"o{n:03d}" for n in range(60)]


def test_what_a_turn_had_no_time_for_comes_again_also_behind_a_full_page() -> None:
    table = Table([(50, f"o{n:02d}") for n in range(45)])
    due = Due(table.read, horizon_us=0)
    taken = due.take(100)
    due.again(taken[2:], 100)
    table.looked_at(taken[:2])
    assert sorted([*taken[:2], *all_due(due, table, 100)]) == [f"o{n:02d}" for n in range(45)]


def test_what_is_written_below_the_window_is_taken_without_reading() -> None:
    table = Table([])
    due = Due(table.read, horizon_us=0)
    assert due.take(0) == []
    due.put([(10, "near"), (SPAN_US * 2, "far"), (None, "never")])
    assert due.is_far(SPAN_US * 2)
    assert due.take(10) == ["near"]
    assert due.take(20) == []
    assert table.reads == 1
