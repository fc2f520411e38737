"""An order runs end to end on real parts."""

import pytest

from tests.system import reading
from tests.system.stellwerk import System, lines
from tests.system.workflows import appending, steps

pytestmark = pytest.mark.timeout(120)


def test_orders_walk_through_their_jobs_and_leave(system: System) -> None:
    system.up()
    done = system.home / "done"
    system.deploy("three", steps(appending(done), "a", "b", "c"))
    assert system.answer(system.add("three", [f"o{i}" for i in range(20)])).ok
    system.wait_gone()
    assert sorted(lines(done)) == sorted(f"o{i} {step}" for i in range(20) for step in "abc")
    assert reading.gaps(reading.batches(system.connection())) == []
    attempts = reading.processed(system.entries())
    assert len(attempts) == 60
    assert set(attempts.values()) == {1}
