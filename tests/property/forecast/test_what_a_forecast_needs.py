"""Without any of what it rests on, a forecast would be wrong: the equality above can fail."""

from collections.abc import Callable
from random import Random

import pytest
from msgspec.structs import replace

from engine.order.requests import AddOrders, NewOrder
from simulation.forecast.forecast import USUAL, played
from simulation.forecast.snapshot import AgentSeen, Ran, Snapshot
from simulation.jobs import Behaviour
from simulation.system import START_US, System
from tests import forecasting as f

LIMITS = {"agent-a": 1, "agent-b": 3}
SEEDS = range(25)
AFTER_S = 17


def _without_limits(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, agents=tuple(AgentSeen(name) for name in LIMITS))


def _with_other_durations(snapshot: Snapshot) -> Snapshot:
    return replace(
        snapshot, ran=tuple(Ran(r.workflow, r.job, "", (r.seconds[0] + 1,)) for r in snapshot.ran)
    )


def _without_facts(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, facts=())


def _without_running_jobs(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, orders=tuple(o for o in snapshot.orders if o.attached_to is None))


def _is_right(seed: int, changed: Callable[[Snapshot], Snapshot]) -> bool:
    chance = Random(seed)  # noqa: S311
    seconds = f.durations(chance)
    system = System(LIMITS, {job: (Behaviour(seconds=s),) for job, s in seconds.items()})
    found = f.site(chance)
    system.deploy(found.workflows, found.objects)
    system.ask(AddOrders(tuple(f.orders(chance, START_US))))
    system.run_to(START_US + AFTER_S * f.SECOND_US)
    ended, until = f.ends_of(system), START_US + 600 * f.SECOND_US
    snapshot = changed(f.snapshot_of(system, seconds, until_us=until, limits=LIMITS))
    foreseen = f.foreseen(played(snapshot, USUAL))
    system.run_to(until)
    happened = {i: at for i, at in f.ends_of(system).items() if i not in ended and at <= until}
    return f.as_planned(foreseen) == f.as_planned(happened)


def test_with_everything_it_is_right() -> None:
    assert all(_is_right(seed, lambda snapshot: snapshot) for seed in SEEDS)


@pytest.mark.parametrize(
    "changed",
    [
        _without_limits, _with_other_durations, _without_facts, _without_running_jobs,
    ],
)  # fmt: skip
def test_without_a_part_it_is_wrong_somewhere(changed: Callable[[Snapshot], Snapshot]) -> None:
    assert not all(_is_right(seed, changed) for seed in SEEDS)


def test_without_the_journals_number_who_comes_later_would_get_a_lock_first() -> None:
    lock = {
        "TYPE": "Lock",
        "demands": [{"lockName": "l"}],
        "lockedWorkflow": {"instructions": [{"TYPE": "Execute.Named", "jobName": "load"}]},
    }
    job = {"agentName": "agent-b", "executable": {"TYPE": "ShellScriptExecutable", "script": "x"}}
    flow = {"instructions": [lock], "jobs": {"load": {**job, "parallelism": 3}}}
    system = System(LIMITS, {"load": (Behaviour(seconds=30),)})
    assert system.deploy({"flow-1": flow}, {("lock", "l"): {"limit": 1}}).ok
    starts = {"first": 0, "second": 5, "third": 12}
    system.ask(
        AddOrders(
            tuple(
                NewOrder(i, "flow-1", scheduled_us=START_US + s * f.SECOND_US)
                for i, s in starts.items()
            )
        )
    )
    system.run_to(START_US + 10 * f.SECOND_US)
    until = START_US + 600 * f.SECOND_US
    snapshot = f.snapshot_of(system, {"load": 30.0}, until_us=until, limits=LIMITS)
    right = f.foreseen(played(snapshot, USUAL))
    wrong = f.foreseen(played(replace(snapshot, last_no=0), USUAL))
    assert sorted(right, key=lambda i: right[i]) == ["first", "second", "third"]
    assert sorted(wrong, key=lambda i: wrong[i]) == ["first", "third", "second"]
