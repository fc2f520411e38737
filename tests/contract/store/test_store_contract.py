"""What a turn may rely on, of whatever store it works on."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from msgspec.structs import replace

from cluster.failures import LeadershipLost
from cluster.lease import Token
from controller.changes import Changes, LinkState, Saved
from controller.journal import Entry
from engine.order import events as e
from engine.order import model as m
from engine.order.requests import SignedItem
from simulation.store import NumberTaken
from tests.contract.store.conftest import TERM, Held, taken

DOCUMENT = b'{"instructions": []}'
STREAM = "8d3f8a52-7df6-4f0e-9d3b-000000000001"


def order(order_id: str = "a", **changes: Any) -> m.Order:
    return m.Order(id=order_id, workflow="flow", version="v1", **changes)


def result(name: str) -> m.Result:
    return m.Result((0,), "label", "job", {name: 1})


def saved(one: m.Order, *, due_us: int | None = None, stored: int = 0) -> Changes:
    return Changes(saved=[Saved(one, due_us, 1, stored)])


def entries(*numbers: int) -> Changes:
    return Changes(entries=[Entry(n, 1_000, "a", e.OrderAdded(order())) for n in numbers])


def item(version: str) -> SignedItem:
    return SignedItem("workflow", "flow", version, DOCUMENT, b"signed")


def test_an_order_comes_back_as_it_was_saved(held: Held) -> None:
    one = order(arguments={"n": 1, "t": "x\0y"}, priority=3, stop_positions=((0, "then", 1),))
    held.commit(saved(one))
    assert held.store.orders(["a", "unknown"]) == {"a": (one, 0)}


def test_results_are_appended_behind_those_that_are_stored(held: Held) -> None:
    held.commit(saved(order(results=(result("x"),))))
    grown = order(results=(result("x"), result("y")))
    held.commit(saved(grown, stored=1))
    assert held.store.orders(["a"]) == {"a": (grown, 2)}


def test_results_are_written_anew_where_the_turn_says_so(held: Held) -> None:
    held.commit(saved(order(results=(result("x"), result("y")))))
    cut = order(results=(result("z"),))
    held.commit(saved(cut, stored=-1))
    assert held.store.orders(["a"]) == {"a": (cut, 1)}


def test_a_removed_order_leaves_nothing_behind(held: Held) -> None:
    held.commit(saved(order(results=(result("x"),))))
    held.commit(Changes(removed=["a"]))
    assert held.store.orders(["a"]) == {}
    held.commit(saved(order()))
    assert held.store.orders(["a"]) == {"a": (order(), 0)}


def test_due_orders_come_soonest_first_above_and_up_to_a_moment(held: Held) -> None:
    for order_id, due_us in (("c", 30), ("a", 10), ("b", 20), ("n", None)):
        held.commit(saved(order(order_id), due_us=due_us))
    assert held.store.due(10, 30, 10) == [(20, "b"), (30, "c")]
    assert held.store.due(-1, 100, 2) == [(10, "a"), (20, "b")]


def test_orders_are_found_by_the_agent_that_holds_them(held: Held) -> None:
    held.commit(saved(order(held=m.Held("agent-a", "attaching"))))
    held.commit(saved(order("b")))
    assert held.store.held_by("agent-a") == ["a"]
    held.commit(saved(order()))
    assert held.store.held_by("agent-a") == []


def test_the_last_number_is_that_of_the_last_entry(held: Held) -> None:
    assert held.store.last_no() == 0
    held.commit(entries(1, 2, 3))
    held.commit(entries(4))
    assert held.store.last_no() == 4


def test_a_number_that_is_taken_is_refused(held: Held) -> None:
    held.commit(entries(1, 2))
    second = replace_saved(entries(1, 2), order("late"))
    with pytest.raises((NumberTaken, psycopg.errors.UniqueViolation)):
        held.commit(second)
    assert held.store.last_no() == 2
    assert held.store.orders(["late"]) == {}


def replace_saved(changes: Changes, one: m.Order) -> Changes:
    changes.saved = [Saved(one, None, 1, 0)]
    return changes


def test_the_beginning_of_a_run_is_found_in_the_journal(held: Held) -> None:
    begun, brought = order(run=1), order("b", run=9)
    restored = e.OrderRestored(brought, "the agent knows better")
    held.commit(Changes(entries=[Entry(1, 1_000, "a", e.OrderAdded(begun))]))
    held.commit(Changes(entries=[Entry(2, 1_000, "b", restored)]))
    assert held.store.was_added("a", 1)
    assert held.store.was_added("b", 9)
    assert not held.store.was_added("a", 2)
    assert not held.store.was_added("b", 1)


def test_a_batch_is_known_once_it_is_committed(held: Held) -> None:
    batch = uuid4()
    assert not held.store.knows_batch(batch)
    held.commit(entries(1), batch)
    assert held.store.knows_batch(batch)


@pytest.mark.parametrize("term", [TERM - 1, TERM + 1])
def test_another_term_writes_nothing(held: Held, term: int) -> None:
    held.token = Token(held.token.role, term, "two/b")
    with pytest.raises(LeadershipLost):
        held.commit(replace_saved(entries(1), order()))
    assert held.store.last_no() == 0
    assert held.store.orders(["a"]) == {}


def test_the_newest_version_is_the_current_one(held: Held) -> None:
    assert held.store.current_version("flow") == ""
    held.commit(taken(item("v1")))
    held.commit(taken(item("v2")))
    assert held.store.current_version("flow") == "v2"
    held.commit(taken(item("v1")))
    assert held.store.current_version("flow") == "v1"


def test_a_version_is_given_back_as_program_and_as_it_was_signed(held: Held) -> None:
    held.commit(taken(item("v1")))
    program = held.store.program("flow", "v1")
    assert program is not None
    assert (program.path, program.version) == ("flow", "v1")
    assert held.store.program("flow", "v2") is None
    kind, path, version, document, signature = held.store.item("workflow", "flow", "v1")
    assert (kind, path, version) == ("workflow", "flow", "v1")
    assert (bytes(document), bytes(signature)) == (DOCUMENT, b"signed")


def test_a_revoked_path_keeps_its_versions_for_running_orders(held: Held) -> None:
    held.commit(taken(item("v1")))
    held.commit(taken(item("v1"), revoked=[("workflow", "other")]))
    held.commit(taken(revoked=[("workflow", "flow")]))
    assert held.store.current_version("flow") == ""
    assert held.store.program("flow", "v1") is not None


def test_of_several_words_on_an_object_in_one_turn_the_last_counts(held: Held) -> None:
    changes = taken(item("v1"))
    changes.take([item("v2")])
    changes.take([], [("workflow", "flow")])
    held.commit(changes)
    assert held.store.current_version("flow") == ""
    held.commit(taken(item("v1"), item("v2")))
    assert held.store.current_version("flow") == "v2"
    assert held.store.program("flow", "v1") is not None


def test_a_link_comes_back_without_what_is_of_one_term_only(held: Held) -> None:
    link = LinkState("agent-a", STREAM, "run", "nonce", next_n=4, taken_n=9, state="coupled")
    link.host, link.version, link.processes, link.ahead_us = "m7", "0.1.0", 16, -7
    link.known.add(("workflow", "flow", "v1"))
    held.commit(Changes(links=[link]))
    link.next_n = 5
    (found,) = held.store.links().values()
    assert (found.stream, found.run, found.nonce) == (STREAM, "run", "nonce")
    assert (found.next_n, found.taken_n, found.state, found.known) == (4, 9, "coupled", set())
    assert (found.host, found.version, found.processes) == ("m7", "0.1.0", 16)
    assert found.ahead_us == -7


def test_a_link_comes_back_with_how_many_orders_its_agent_has(held: Held) -> None:
    """Also those of an earlier term: of a cluster the agent with the fewest is next."""
    held.commit(Changes(links=[LinkState("agent-a", STREAM), LinkState("agent-b", STREAM)]))
    for name, agent in (("a", "agent-a"), ("b", "agent-a"), ("c", None)):
        place = m.Held(agent, "attached") if agent else None
        held.commit(saved(order(name, held=place)))
    assert {a: link.held for a, link in held.store.links().items()} == {"agent-a": 2, "agent-b": 0}


def test_the_outbox_holds_what_is_not_acknowledged(held: Held) -> None:
    rows = [("agent-a", n, b"%d" % n) for n in (1, 2, 3, 4)] + [("agent-b", 1, b"other")]
    held.commit(Changes(outbox=rows))
    assert held.store.outbox("agent-a", 1, 2) == [(2, b"2"), (3, b"3")]
    held.commit(Changes(acknowledged={"agent-a": 3}))
    assert held.store.outbox("agent-a", 0, 10) == [(4, b"4")]
    assert held.store.outbox("agent-b", 0, 10) == [(1, b"other")]


def test_a_stream_that_begins_anew_drops_what_waited(held: Held) -> None:
    held.commit(Changes(outbox=[("agent-a", 1, b"old"), ("agent-a", 2, b"old")]))
    held.commit(Changes(restreamed=["agent-a"], outbox=[("agent-a", 1, b"new")]))
    assert held.store.outbox("agent-a", 0, 10) == [(1, b"new")]


def test_saving_again_replaces_the_whole_order(held: Held) -> None:
    held.commit(saved(order(priority=1), due_us=5))
    later = replace(order(), state=m.Ready(), position=(1,))
    held.commit(saved(later))
    assert held.store.orders(["a"]) == {"a": (later, 0)}
    assert held.store.due(-1, 100, 10) == []
