"""Orders that wait for the clock cost rows, not memory."""

import os
import time

import pytest

from tests.system.harsh import ENTRY
from tests.system.stellwerk import System
from tests.system.waiting import wait_until
from tests.system.workflows import steps

pytestmark = pytest.mark.timeout(3600)

WAITING = int(os.environ.get("STELLWERK_TEST_WAITING", "20000"))
AT_ONCE = 1_000
MOST_KB = 10 * 1024
"""What allocators and caches of statements take, whatever the number of orders."""


def growth_kb(system: System) -> int:
    """Add orders that wait for days; return what the controller's memory grew by."""
    system.deploy("quick", steps("#!/bin/sh\n:\n", "only"))
    later_us = (int(time.time()) + 3 * 86_400) * 1_000_000
    warm = [f"warm{i}" for i in range(AT_ONCE)]
    assert system.answer(system.add("quick", warm, scheduled_us=later_us)).ok
    before_kb = system.controllers["controller-1"].rss_kb()
    for start in range(0, WAITING, AT_ONCE):
        names = [f"wait{i}" for i in range(start, start + AT_ONCE)]
        assert system.answer(system.add("quick", names, scheduled_us=later_us)).ok
    assert system.rows("SELECT count(*) FROM controller_orderrow")[0][0] == WAITING + AT_ONCE
    return system.controllers["controller-1"].rss_kb() - before_kb


def test_waiting_orders_cost_the_controller_no_memory(system: System) -> None:
    system.up()
    assert growth_kb(system) < MOST_KB
    # Neither do they hold up a new leader or other orders.
    child = system.controllers["controller-1"]
    before_kb = child.rss_kb()
    child.kill()
    child.start().wait_says("controller.leads", times=2)
    wait_until(lambda: system.pause_of_an_order("quick") < 1.0, why=system.logs)
    assert child.rss_kb() - before_kb < MOST_KB


def test_a_controller_that_remembers_them_would_be_noticed(system: System) -> None:
    system.register()
    system.controller(entry=(ENTRY,), more={"STELLWERK_TEST_REMEMBER": "1"})
    assert growth_kb(system) > MOST_KB
