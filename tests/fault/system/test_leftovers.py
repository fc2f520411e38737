"""What nobody reads any more does not pile up in the broker."""

import pytest

from agents.protocol import queue_of_agent, queue_of_controller
from tests.system.stellwerk import System
from tests.system.waiting import wait_until
from tests.system.workflows import steps

pytestmark = pytest.mark.timeout(120)


def test_a_dead_agent_is_sent_no_more_than_it_will_be_given_later(system: System) -> None:
    system.up()
    system.deploy("quick", steps("#!/bin/sh\n:\n", "only"))
    client = system.parts.redis(system.broker_url)
    old = queue_of_agent("agent-1", system.link()["nonce"])
    system.agents["agent-1"].kill()
    assert system.answer(system.add("quick", [f"o{i}" for i in range(50)])).ok
    system.controllers["controller-1"].wait_says("link.silent")
    size = client.llen(old)
    assert isinstance(size, int)
    # Two knocks from now on, ever more seldom, and no letter with orders in it.
    wait_until(lambda: knocks(system, old) >= size + 2, within_s=15, why=system.logs)
    letters = client.lrange(old, 0, 1)
    assert isinstance(letters, list)
    assert max(len(letter) for letter in letters) < 3000
    system.agents["agent-1"].start()
    system.wait_gone()
    assert client.llen(old) == 0
    client.close()


def knocks(system: System, queue: str) -> int:
    client = system.parts.redis(system.broker_url)
    size = client.llen(queue)
    client.close()
    assert isinstance(size, int)
    return size


def test_a_new_leader_throws_the_letters_to_the_old_one_away(system: System) -> None:
    system.up()
    client = system.parts.redis(system.broker_url)
    system.controllers["controller-1"].kill()
    old = queue_of_controller("controller", 1)
    wait_until(lambda: client.llen(old), why="the agent says nothing")
    system.controllers["controller-1"].start()
    wait_until(lambda: not client.llen(old), why="the letters still lie there")
    client.close()
