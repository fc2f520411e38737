"""A request bigger than a turn goes on slice by slice, over any fault, and lets others between."""

import time

import pytest

from tests.system.stellwerk import System
from tests.system.waiting import wait_until
from tests.system.workflows import steps

pytestmark = pytest.mark.timeout(180)

ORDERS = 8_000


def progress(system: System) -> int:
    """Return how far the big request has come."""
    rows = system.rows("SELECT max(cursor) FROM controller_command")
    return int(rows[0][0] or 0)


def test_a_big_request_is_carried_out_once_over_the_death_of_the_controller(system: System) -> None:
    system.up()
    system.deploy("quick", steps("#!/bin/sh\n:\n", "only"))
    later_us = (int(time.time()) + 3 * 86_400) * 1_000_000
    command = system.add("quick", [f"big{i}" for i in range(ORDERS)], scheduled_us=later_us)
    wait_until(lambda: progress(system) > 0, why=system.logs)
    child = system.controllers["controller-1"]
    child.kill()
    assert progress(system) < ORDERS
    child.start().wait_says("controller.leads", times=2)
    answer = system.answer(command, within_s=60)
    assert answer.ok
    assert [a.id for a in answer.answers] == [f"big{i}" for i in range(ORDERS)]
    assert system.rows("SELECT count(*) FROM controller_orderrow")[0][0] == ORDERS


def test_other_orders_go_between_the_slices(system: System) -> None:
    system.up()
    system.deploy("quick", steps("#!/bin/sh\n:\n", "only"))
    later_us = (int(time.time()) + 3 * 86_400) * 1_000_000
    system.add("quick", [f"big{i}" for i in range(ORDERS)], scheduled_us=later_us)
    wait_until(lambda: progress(system) > 0, why=system.logs)
    assert system.pause_of_an_order("quick") < 2.0
