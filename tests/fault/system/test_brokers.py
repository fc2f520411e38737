"""The same on both kinds of broker: Redis-like (as everywhere here) and RabbitMQ."""

import os
from collections.abc import Iterator

import pytest

from tests.system import rabbit, reading
from tests.system.parts import Parts
from tests.system.stellwerk import System, lines, until_lines
from tests.system.workflows import appending, steps

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def rabbit_url() -> Iterator[str]:
    if rabbit.program() is None:
        if os.environ.get("STELLWERK_REQUIRE_PARTS"):
            pytest.fail("rabbitmq-server is not installed, and STELLWERK_REQUIRE_PARTS asks for it")
        pytest.skip("rabbitmq-server is not installed")
    with rabbit.running_rabbit() as url:
        yield url


@pytest.fixture(params=["redis-like", "rabbitmq"])
def over_broker(request: pytest.FixtureRequest, servers: Parts) -> Iterator[System]:
    url = request.getfixturevalue("rabbit_url") if request.param == "rabbitmq" else ""
    with System(servers, broker_url=url) as made:
        yield made


def test_orders_run_once_while_agent_and_controller_are_killed(over_broker: System) -> None:
    system = over_broker.up()
    done = system.home / "done"
    system.deploy("slow", steps(appending(done, "sleep 0.2\n"), "a", "b", "c"))
    names = [f"o{i}" for i in range(40)]
    assert system.answer(system.add("slow", names)).ok
    until_lines(done, 30, why=system.logs)
    system.agents["agent-1"].kill()
    system.agents["agent-1"].start()
    until_lines(done, 60, why=system.logs)
    system.controllers["controller-1"].kill()
    system.controllers["controller-1"].start()
    system.wait_gone()
    assert sorted(lines(done)) == sorted(f"{name} {step}" for name in names for step in "abc")
    assert reading.gaps(reading.batches(system.connection())) == []
