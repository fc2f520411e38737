"""A notice that releases thousands of orders, over deaths of the controller in the middle of it."""

import json
import random
from collections import Counter

import pytest

from controller.verify import verify_journal
from engine.order import events as e
from engine.order.requests import PostNotice, TakeItems
from engine.seal import sealed
from tests.system.harsh import ENTRY
from tests.system.stellwerk import System
from tests.system.waiting import TooLate, wait_until

pytestmark = pytest.mark.timeout(300)

ORDERS = 5_000
KILLS = 4
BOARD = {
    "postOrderToNoticeId": "'go'",
    "expectOrderToNoticeId": "'go'",
    "endOfLife": "$js7EpochMilli + 86400000",
}
WAITING = {
    "instructions": [
        {"TYPE": "ExpectNotices", "noticeBoardNames": "'released'"},
        {"TYPE": "Prompt", "question": "'go on?'"},
    ]
}


def let_wait(system: System) -> None:
    """Have many orders wait for one notice."""
    board = sealed(system.site, "noticeboard", "released", "v1", json.dumps(BOARD).encode())
    assert system.answer(system.ask(TakeItems((board,)))).ok
    system.deploy("waiting", WAITING)
    assert system.answer(system.add("waiting", [f"o{n}" for n in range(ORDERS)]), 90).ok
    assert waiting(system) == ORDERS


def waiting(system: System) -> int:
    return int(system.rows("SELECT count(*) FROM controller_waiter")[0][0])


def wait_for_less(system: System, before: int) -> None:
    wait_until(lambda: waiting(system) < before, why=system.logs, pause_s=0.002)


def kill_in_the_middle(system: System, kills: int) -> int:
    """Kill the leader again and again while orders are released; returns how often it was so."""
    child = system.controllers["controller-1"]
    chance = random.Random(7)  # noqa: S311  # repeatable chance is the point
    done = 0
    while done < kills:
        wait_for_less(system, waiting(system))
        # Anywhere in one of the next turns, also between a commit and what is told after it.
        wait_until(lambda: chance.random() < 0.3, pause_s=0.01)
        child.kill()
        if not waiting(system):
            break
        done += 1
        child.start().wait_says("controller.leads", times=done + 1)
    return done


def released(system: System) -> Counter[str]:
    return Counter(
        entry.order for entry in system.entries() if isinstance(entry.event, e.OrderNoticesRead)
    )


def test_each_order_is_released_once_over_deaths_of_the_controller(system: System) -> None:
    system.register()
    system.controller().wait_says("controller.leads")
    let_wait(system)
    system.ask(PostNotice("released", "go"))
    done = kill_in_the_middle(system, KILLS)
    wait_until(lambda: not waiting(system), within_s=60, why=system.logs)
    assert done, "the release was over before the first death"
    assert released(system) == Counter(f"o{n}" for n in range(ORDERS))
    assert set(system.orders().values()) == {"Prompting"}
    verdict = verify_journal(system.parts.database_url(system.database), "controller")
    assert verdict.ok, verdict.differences


def test_a_controller_that_forgets_a_release_would_be_noticed(system: System) -> None:
    system.register()
    forgets = {"STELLWERK_TEST_FORGET": "1"}
    system.controller(entry=(ENTRY,), more=forgets).wait_says("controller.leads")
    let_wait(system)
    system.ask(PostNotice("released", "go"))
    assert kill_in_the_middle(system, 1) == 1
    with pytest.raises(TooLate):
        wait_until(lambda: not waiting(system), within_s=5)
