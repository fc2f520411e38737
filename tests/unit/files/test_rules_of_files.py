"""What follows from a file that comes or goes, decided over a world without rows."""

import json

import pytest

from engine.errors import EngineError, NotLoaded
from engine.files import rules
from engine.files.state import Arising, FileState
from engine.objects.model import FileOrderSource
from engine.order import events as e
from engine.order import model as m
from engine.order import object_events as o
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from engine.world import World

NOW = 1_767_225_600_000_000
SOURCE = FileOrderSource("flow", "agent-1", directory="/in", tags=("x",), priority=2)


def arising(no: int = 1, raw: str = "") -> Arising:
    return Arising(f"r-{no}", NOW + no, "/in/a", raw, "1.1.1.1")


@pytest.fixture
def world() -> World:
    made = World(complete=True)
    reading = read_workflow(
        json.dumps({
            "instructions": [{"TYPE": "Prompt", "question": "'?'"}],
            "orderPreparation": {"parameters": {
                "file": {"type": "String"}, "fileBytes": {"type": "String", "default": "''"},
                "region": {"type": "String", "default": "'eu'"},
            }},
        }).encode()
    )  # fmt: skip
    assert reading.workflow is not None, reading.problems
    made.programs["flow", "v1"] = Program("flow", "v1", reading.workflow)
    made.name("flow", "v1")
    made.objects["fileordersource", "in"] = ("in", SOURCE)
    return made


def take(world: World, steps: list[tuple[str, e.OrderEvent]]) -> list[str]:
    for subject, event in steps:
        world.take(subject, event)
    return [type(event).__name__ for _, event in steps]


def test_an_order_has_the_path_and_where_it_is_no_text_its_bytes(world: World) -> None:
    take(world, rules.arose(world, "in", "a", arising(raw="L2luL/8=")))
    ((_, event),) = rules.add(world, "in", "a", NOW)
    assert isinstance(event, e.OrderAdded)
    assert event.order.arguments == {"file": "/in/a", "fileBytes": "L2luL/8="}
    assert event.order.external == m.ExternalOrder("in", "a", "r-1")


def test_what_was_decided_once_is_decided_the_same_again(world: World) -> None:
    take(world, rules.arose(world, "in", "a", arising()))
    first = rules.add(world, "in", "a", NOW)
    assert [s for s, _ in first] == [s for s, _ in rules.add(world, "in", "a", NOW + 10**9)]
    take(world, first)
    assert rules.add(world, "in", "a", NOW) == []
    assert rules.arose(world, "in", "a", arising()) == []


def test_a_partial_world_is_asked_before_anything_changes() -> None:
    partial = World()
    with pytest.raises(NotLoaded) as missing:
        rules.arose(partial, "in", "a", arising())
    assert missing.value.key == ("fact", "file", "in", "a")
    order = m.Order(id="x", workflow="flow", version="v1", state=m.Ready(),
                    external=m.ExternalOrder("in", "a", "r-1"))  # fmt: skip
    partial.put(order)
    before = dict(partial.orders)
    with pytest.raises(NotLoaded):
        partial.take("x", e.OrderFinished(NOW))
    assert (partial.orders, partial.changed, partial.no) == (before, {}, 0)


def test_an_error_that_is_no_refusal_keeps_the_file_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise EngineError("no way")

    monkeypatch.setattr(rules, "add_order", fail)
    take(world, rules.arose(world, "in", "a", arising()))
    assert take(world, rules.add(world, "in", "a", NOW)) == ["FileOrderRefused"]
    assert world.file("in", "a").problem == "no way"
    assert world.file("in", "a").retry_us == NOW + rules.RETRY_US


def test_pauses_between_tries_grow_up_to_a_bound(world: World) -> None:
    world.name("flow", "")
    take(world, rules.arose(world, "in", "a", arising()))
    pauses = []
    for _ in range(8):
        ((_, event),) = rules.add(world, "in", "a", NOW)
        assert isinstance(event, o.FileOrderRefused)
        pauses.append((event.retry_us - NOW) // 1_000_000)
        take(world, [("|fileordersource|in", event)])
    assert pauses == [10, 20, 40, 80, 160, 300, 300, 300]


def test_a_source_of_the_same_last_name_is_another_source(world: World) -> None:
    world.objects["fileordersource", "gone/in"] = ("other/in", SOURCE)
    take(world, rules.arose(world, "gone/in", "a", arising()))
    assert rules.add(world, "gone/in", "a", NOW) == []


def test_only_the_last_arisings_of_a_name_are_remembered(world: World) -> None:
    for no in range(1, 10):
        take(world, rules.arose(world, "in", "a", arising(no)))
        take(world, rules.add(world, "in", "a", NOW))
        order_id = world.file("in", "a").order
        take(world, rules.arose(world, "in", "a", arising(no + 1)))
        take(world, [(order_id, e.OrderCancelled(NOW))])
    assert len(world.file("in", "a").served) == 3
    assert world.file("in", "a").wants_order


def test_nothing_is_left_of_a_file_that_came_and_went(world: World) -> None:
    take(world, rules.arose(world, "in", "a", arising()))
    take(world, rules.add(world, "in", "a", NOW))
    order_id = world.file("in", "a").order
    take(world, [(order_id, e.OrderCancelled(NOW))])
    assert order_id in world.orders
    assert take(world, rules.vanished(world, "in", "a", "r-1")) == ["FileVanished", "OrderRemoved"]
    assert world.file("in", "a") == FileState()
    assert world.orders == {}


def test_without_looking_at_its_file_an_order_would_leave_at_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.world.is_there", lambda _world, _order: False)
    take(world, rules.arose(world, "in", "a", arising()))
    take(world, rules.add(world, "in", "a", NOW))
    take(world, [(world.file("in", "a").order, e.OrderCancelled(NOW))])
    assert world.orders == {}
