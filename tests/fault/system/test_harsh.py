"""Every execution happens once, whatever is killed meanwhile."""

import msgspec
import pytest

from tests.system.harsh import Harsh, Plan
from tests.system.stellwerk import System

pytestmark = pytest.mark.timeout(180)


def test_every_job_runs_once_under_kills_of_every_part(system: System) -> None:
    assert Harsh(system, Plan()).run() == []


def test_every_job_runs_once_over_a_carrier_that_loses_doubles_and_delays(system: System) -> None:
    plan = Plan(orders=100, agent_kills=2, controller_kills=1, database_stops=0, rough=20)
    assert Harsh(system, plan).run() == []


def test_the_harsh_test_notices_when_numbering_is_off(system: System) -> None:
    plan = Plan(orders=100, agent_kills=2, controller_kills=1, database_stops=0, rough=20)
    plan = msgspec.structs.replace(plan, numbered=False, within_s=15)
    assert Harsh(system, plan).run() != []
