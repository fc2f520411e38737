"""Facts, queues and objects: what a turn may rely on, of whatever store it works on."""

from typing import Any

import pytest

from controller.changes import Changes, Saved
from engine import facts as f
from engine.files.state import Arising, FileState, SourceState
from engine.order import model as m
from engine.order.requests import SignedItem
from engine.queue import Waiter
from tests.contract.store.conftest import Held, taken

LOCK: f.FactKey = ("lock", "folder/printer", "")
NOTICE: f.FactKey = ("notice", "boards/done", "2026-03-02")
STRANGE = [
    "ä",
    "Z",
    "a b",
    "a%b",
    "a_b",
    "a\\b",
    "a'b",
    "日本",
    "\U0001f600",
    "A",
    "z",
    "|a",
    "",
    "{}",
]
"""Names in an order that is not that of the code points, nor that of any locale."""


def notice(**changes: Any) -> f.NoticeState:
    """A notice that is present, until moment 50."""
    instance = f.Instance(1, 10, end_of_life_us=50, arguments={"t": "x\0y", "n": [1, {"a": None}]})
    return f.NoticeState(**{"instances": (instance,), "last_gen": 1, **changes})


def facts(held: Held, *found: tuple[f.FactKey, f.Fact]) -> None:
    held.commit(Changes(facts=list(found)))


def waits(held: Held, key: f.FactKey, *waiters: Waiter) -> None:
    """Let orders wait."""
    held.commit(Changes(queued={(key, order_id): (rank, no) for rank, no, order_id in waiters}))


def item(path: str, version: str = "v1", kind: str = "lock") -> SignedItem:
    return SignedItem(kind, path, version, b'{"limit": 1}', b"signed")


# -- facts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "fact"),
    [
        (LOCK, f.LockState({"a": None, "b": 2})),
        (NOTICE, notice(announced=3, scan=f.Scan(9, (-5, 8)))),
        (NOTICE, notice(scan=f.Scan(9))),
        (
            ("workflow", "flow", ""),
            f.Control(suspended=True, skipped=("x",), stops=((0, "then", 1),), thaw_after="a"),
        ),
        (("plan", "DailyPlan|2026-03-02", ""), f.PlanState(closed=True)),
        (("throttle", "flow", ""), f.Throttle(60, 3)),
        (
            ("file", "in", "strange\x1f\nname"),
            FileState(
                Arising("r-1", 5, "/in/x", "eA==", "1.2.3.4"),
                (("o", "r-0"),),
                ("r-0",),
                "no",
                2,
                70,
            ),
        ),
        (("fileordersource", "in", ""), SourceState("gone", 9, "m", "stream/1")),
    ],
)
def test_a_fact_comes_back_as_it_was_written(held: Held, key: f.FactKey, fact: f.Fact) -> None:
    facts(held, (key, fact))
    assert held.store.facts([key]) == {key: fact}


def test_only_facts_that_somebody_has_touched_are_found(held: Held) -> None:
    facts(held, (LOCK, f.LockState({"a": 1})))
    other: f.FactKey = ("lock", "folder/other", "")
    assert held.store.facts([other, LOCK]) == {LOCK: f.LockState({"a": 1})}
    assert held.store.facts([]) == {}


def test_a_fact_that_is_as_at_the_beginning_has_no_row(held: Held) -> None:
    facts(held, (LOCK, f.LockState({"a": 1})), (NOTICE, notice()))
    facts(held, (LOCK, f.LockState()), (NOTICE, notice(announced=1)))
    assert held.store.facts([LOCK, NOTICE]) == {NOTICE: notice(announced=1)}
    facts(held, (NOTICE, f.NoticeState()))
    assert held.store.facts([LOCK, NOTICE]) == {}
    assert held.store.due(-1, 1_000, 10) == []


def test_names_of_facts_are_told_apart_whatever_characters_they_have(held: Held) -> None:
    made = {("notice", name, key): n for n, name in enumerate(STRANGE) for key in ("", name, "k")}
    facts(held, *((key, notice(announced=n + 1)) for key, n in made.items()))
    found = held.store.facts(list(made))
    assert found == {key: notice(announced=n + 1) for key, n in made.items()}


def test_notices_at_the_end_of_their_life_are_due_among_orders(held: Held) -> None:
    facts(held, (NOTICE, notice()))
    held.commit(Changes(saved=[Saved(order("early"), 40, 1, 0), Saved(order("late"), 60, 1, 0)]))
    due = f.due_id(NOTICE)
    assert held.store.due(0, 100, 10) == [(40, "early"), (50, due), (60, "late")]
    assert held.store.due(40, 50, 10) == [(50, due)]
    assert held.store.due(0, 100, 2) == [(40, "early"), (50, due)]
    assert f.key_of(due) == NOTICE


def test_unfinished_facts_are_found_until_they_are_through(held: Held) -> None:
    workflow: f.FactKey = ("workflow", "flow", "")
    facts(held, (NOTICE, notice(scan=f.Scan(9))), (workflow, f.Control(thaw_after="")))
    facts(held, (LOCK, f.LockState({"a": 1})))
    assert held.store.unfinished() == [NOTICE, workflow]
    facts(held, (NOTICE, notice()), (workflow, f.Control()))
    assert held.store.unfinished() == []


# -- queues ---------------------------------------------------------------------------------


def test_a_queue_goes_by_priority_then_by_arrival(held: Held) -> None:
    waits(held, LOCK, (0, 3, "c"), (0, 1, "z"), (-5, 9, "first"), (7, 2, "last"))
    waits(held, NOTICE, (0, 1, "other"))
    expected = [(-5, 9, "first"), (0, 1, "z"), (0, 3, "c"), (7, 2, "last")]
    assert held.store.queue(LOCK, None, 10) == expected


def test_a_queue_is_read_in_slices_without_a_gap_or_a_double(held: Held) -> None:
    made = [(n % 3 - 1, n // 7, f"o{n}") for n in range(50)]
    waits(held, NOTICE, *made)
    found: list[Waiter] = []
    while more := held.store.queue(NOTICE, found[-1] if found else None, 7):
        assert len(more) <= 7
        found += more
    assert found == sorted(made)


def test_an_order_waits_in_several_queues_and_leaves_each_for_itself(held: Held) -> None:
    waits(held, LOCK, (0, 1, "a"), (0, 2, "b"))
    waits(held, NOTICE, (0, 1, "a"))
    held.commit(Changes(queued={(LOCK, "a"): None}))
    assert held.store.queue(LOCK, None, 10) == [(0, 2, "b")]
    assert held.store.queue(NOTICE, None, 10) == [(0, 1, "a")]
    held.commit(Changes(queued={(LOCK, "a"): None, (NOTICE, "a"): None}))
    assert held.store.queue(NOTICE, None, 10) == []


def test_another_priority_moves_an_order_in_its_queue(held: Held) -> None:
    waits(held, LOCK, (0, 1, "a"), (0, 2, "b"), (0, 3, "c"))
    waits(held, LOCK, (-9, 3, "c"), (4, 1, "a"))
    assert held.store.queue(LOCK, None, 10) == [(-9, 3, "c"), (0, 2, "b"), (4, 1, "a")]


def test_orders_of_one_place_stand_in_the_order_of_code_points(held: Held) -> None:
    names = [name for name in STRANGE if name]
    waits(held, LOCK, *((0, 1, name) for name in names))
    assert held.store.queue(LOCK, None, 100) == sorted((0, 1, name) for name in names)
    middle = (0, 1, sorted(names)[4])
    assert [w[2] for w in held.store.queue(LOCK, middle, 100)] == sorted(names)[5:]


# -- orders of a workflow -------------------------------------------------------------------


def order(order_id: str, workflow: str = "flow") -> m.Order:
    return m.Order(id=order_id, workflow=workflow, version="v1")


def test_orders_of_a_workflow_come_in_slices_by_id(held: Held) -> None:
    names = [name for name in STRANGE if name]
    orders = [order(name) for name in names] + [order("x", "other"), order("y", "flow/deeper")]
    held.commit(Changes(saved=[Saved(one, None, 1, 0) for one in orders]))
    first = held.store.orders_of("flow", "", 4)
    assert first == sorted(names)[:4]
    assert held.store.orders_of("flow", first[-1], 100) == sorted(names)[4:]
    assert held.store.orders_of("nothing", "", 10) == []


# -- objects --------------------------------------------------------------------------------


def test_an_object_is_found_by_its_path_before_the_last_part_of_it(held: Held) -> None:
    held.commit(taken(item("b/x"), item("a/x"), item("a/b/y"), item("y%")))
    found = held.store.current_item
    assert found("lock", "b/x") == item("b/x")
    assert found("lock", "x") == item("a/x")
    assert found("lock", "y") == item("a/b/y")
    assert found("lock", "b/y") is None
    assert found("lock", "%") is None
    assert found("noticeboard", "x") is None
    held.commit(taken(item("x")))
    assert found("lock", "x") == item("x")


def test_an_object_is_found_in_its_current_version_until_it_is_revoked(held: Held) -> None:
    held.commit(taken(item("a/x")))
    held.commit(taken(item("a/x", "v2")))
    assert held.store.current_item("lock", "x") == item("a/x", "v2")
    held.commit(taken(revoked=[("lock", "a/x")]))
    assert held.store.current_item("lock", "x") is None


# -- files ----------------------------------------------------------------------------------


def file(name: str, source: str = "in", retry_us: int | None = None) -> tuple[f.FactKey, f.Fact]:
    """A file that is there."""
    return ("file", source, name), FileState(Arising("r-1", 5, "/x"), retry_us=retry_us)


def test_names_of_files_come_in_slices_by_code_points(held: Held) -> None:
    names = sorted({*STRANGE, "x\x1fy", "\n"} - {""})
    facts(held, *(file(name) for name in names), file("other", "elsewhere"))
    found: list[str] = []
    while some := held.store.file_names("in", found[-1] if found else "", 4):
        assert len(some) <= 4
        found += some
    assert found == names


def test_a_file_that_wants_an_order_is_due_whatever_its_name(held: Held) -> None:
    facts(held, file("a\x1fb", retry_us=0), file("c", retry_us=40), file("d"))
    due = held.store.due(-1, 100, 10)
    assert [(at, f.key_of(key)) for at, key in due] == [
        (0, ("file", "in", "a\x1fb")),
        (40, ("file", "in", "c")),
    ]


def test_a_source_that_lets_go_of_its_files_is_due_at_once(held: Held) -> None:
    facts(held, (("fileordersource", "in", ""), SourceState(release_after="x")))
    assert [at for at, _ in held.store.due(-1, 100, 10)] == [0]


def test_current_items_of_a_kind_come_by_path_without_what_was_revoked(held: Held) -> None:
    held.commit(taken(item("b"), item("Z"), item("a"), item("a", kind="noticeboard")))
    held.commit(taken(item("b", "v2"), revoked=[("lock", "Z")]))
    found = held.store.current_items("lock")
    assert [(i.path, i.version) for i in found] == [("a", "v1"), ("b", "v2")]
    assert {type(i.document) for i in found} == {bytes}
