"""With durations that are known, a forecast is what the product then does."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.order.requests import AddOrders
from simulation.forecast.forecast import USUAL, played
from simulation.jobs import Behaviour
from simulation.system import START_US, System
from tests import forecasting as f

HOUR_US = 3_600_000_000
LIMITS = {"agent-a": 1, "agent-b": 3}


def _system(chance: Random, seconds: dict[str, float]) -> System:
    system = System(LIMITS, {job: (Behaviour(seconds=s),) for job, s in seconds.items()})
    found = f.site(chance)
    assert system.deploy(found.workflows, found.objects).ok
    return system


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 1 << 40))
def test_what_is_to_come_ends_as_forecast(seed: int) -> None:
    chance = Random(seed)  # noqa: S311
    seconds = f.durations(chance)
    system = _system(chance, seconds)
    coming, until = f.orders(chance, START_US), START_US + HOUR_US
    snapshot = f.snapshot_of(system, seconds, until_us=until, limits=LIMITS, coming=coming)
    foreseen = f.foreseen(played(snapshot, USUAL))
    system.ask(AddOrders(tuple(coming)))
    system.run_to(until)
    happened = {i: at for i, at in f.ends_of(system).items() if at <= until}
    assert f.as_planned(foreseen) == f.as_planned(happened)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 1 << 40), after_s=st.integers(1, 45))
def test_what_is_under_way_ends_as_forecast(seed: int, after_s: int) -> None:
    chance = Random(seed)  # noqa: S311
    seconds = f.durations(chance)
    system = _system(chance, seconds)
    system.ask(AddOrders(tuple(f.orders(chance, START_US))))
    system.run_to(START_US + after_s * f.SECOND_US)
    ended, until = f.ends_of(system), START_US + HOUR_US
    snapshot = f.snapshot_of(system, seconds, until_us=until, limits=LIMITS)
    foreseen = f.foreseen(played(snapshot, USUAL))
    system.run_to(until)
    happened = {i: at for i, at in f.ends_of(system).items() if i not in ended and at <= until}
    assert f.as_planned(foreseen) == f.as_planned(happened)
