"""Two controllers: the next one leads within the promise, the old one writes nothing any more."""

import pytest

from controller.journal import Entry
from engine.order import events as e
from tests.pace import Others
from tests.system import reading
from tests.system.failover import freeze_leader, kill_leader, quantile, wait_stands_by
from tests.system.stellwerk import System, lines
from tests.system.waiting import wait_until
from tests.system.workflows import appending, steps

pytestmark = pytest.mark.timeout(150)

PROMISE_S = 5.0


def test_the_next_controller_leads_within_the_promise_and_old_terms_write_nothing(
    system: System, others: Others
) -> None:
    system.up(controllers=2)
    done = system.home / "done"
    system.deploy("quick", steps(appending(done), "only"))
    faults = [kill_leader, freeze_leader, kill_leader, freeze_leader, kill_leader]
    taken = [fault(system, number) for number, fault in enumerate(faults)]
    system.wait_gone()
    assert quantile(taken, 0.99) < others.stretched(PROMISE_S), taken
    assert sorted(lines(done)) == [f"after-fault-{n} only" for n in range(len(faults))]
    assert reading.gaps(reading.batches(system.connection())) == []


def test_terms_that_fell_would_be_noticed() -> None:
    batch = reading.Batch(1, 1, 2, [Entry(1, 0, "o", e.OrderSuspended())])
    late = reading.Batch(2, 2, 1, [Entry(2, 0, "o", e.OrderSuspended())])
    assert reading.gaps([batch, late]) == ["term 1 behind term 2 at 2"]


def test_a_second_process_with_the_same_node_name_waits_and_then_takes_its_place(
    system: System,
) -> None:
    system.up()
    system.deploy("quick", steps("#!/bin/sh\n:\n", "only"))
    first = system.controllers["controller-1"]
    second = system.controller("controller-1", name="twin")
    wait_until(lambda: second.says("lease.name") or second.alive, why=second.tail)
    for number in range(20):
        assert system.answer(system.add("quick", [f"beside-{number}"])).ok
    assert second.says("controller.leads") == 0
    assert first.says("controller.leads") == 1
    first.kill()
    second.wait_says("controller.leads", within_s=20)
    system.wait_gone()
    assert reading.gaps(reading.batches(system.connection())) == []


def test_a_deposed_leader_stands_by_and_leads_again(system: System, others: Others) -> None:
    system.up(controllers=2)
    system.deploy("quick", steps("#!/bin/sh\n:\n", "only"))
    deposed = system.leader()
    freeze_leader(system, 1)
    other = system.leader()
    assert other is not deposed
    wait_stands_by(system, deposed)
    led = deposed.says("controller.leads")
    other.kill()
    deposed.wait_says("controller.leads", times=led + 1)
    assert system.pause_of_an_order("quick") < others.stretched(PROMISE_S)


def test_a_controller_that_is_asked_to_end_hands_over_at_once(
    system: System, others: Others
) -> None:
    system.up(controllers=2)
    system.deploy("quick", steps("#!/bin/sh\n:\n", "only"))
    leader = system.leader()
    other = next(child for child in system.controllers.values() if child is not leader)
    wait_stands_by(system, other)
    assert leader.stop() == 0
    other.wait_says("controller.leads", within_s=others.stretched(PROMISE_S))
    assert system.pause_of_an_order("quick") < others.stretched(PROMISE_S)
