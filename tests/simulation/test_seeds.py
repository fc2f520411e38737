"""Nights by seed: those that once failed, some new ones, and that nothing depends on memory.

Many more run with `python -m tests.seeds`.
"""

from pathlib import Path

import pytest

from engine.order import model as m
from simulation.accidents import MIXES
from simulation.invariants import everything
from simulation.night import Night, plan
from simulation.search import gathered, run, search

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("quiet")]

ONCE_FAILED = [
    int(line.split("\t")[0])
    for line in (Path(__file__).parent / "seeds.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
FIRST = range(1_040, 1_140)
REACHED = (
    "OrderAdded", "OrderAttachable", "OrderAttached", "OrderAwoke", "OrderBoundToAgent",
    "OrderCancelled", "OrderCaught", "OrderChildEnded", "OrderConsumptionStarted",
    "OrderCycleStarted", "OrderCyclingPrepared", "OrderDetached", "OrderFailed",
    "OrderFailedInFork", "OrderFinished", "OrderForked", "OrderJoined", "OrderLocksAcquired",
    "OrderLocksQueued", "OrderLocksReleased", "OrderMarked", "OrderMoved", "OrderNoticesConsumed",
    "OrderNoticesExpected", "OrderNoticesPosted", "OrderNoticesRead", "OrderPriorityChanged",
    "OrderProcessed", "OrderProcessingStarted", "OrderPrompted", "OrderPromptAnswered",
    "OrderReclaimed", "OrderRestored", "OrderResumed", "OrderRetrying", "OrderSleeping",
    "OrderStarted", "OrderStopped", "OrderSuspended", "NoticePosted", "NoticeDeleted",
    "NoticeReleased", "WorkflowControlled", "WorkflowThawed",
)  # fmt: skip
STATES = (
    m.Fresh, m.Ready, m.Processing, m.Forked, m.DelayingRetry, m.Sleeping, m.BetweenCycles,
    m.WaitingForAdmission, m.WaitingForLock, m.ExpectingNotices, m.Prompting, m.Stopped, m.Failed,
    m.FailedInFork, m.Finished, m.Cancelled,
)  # fmt: skip


@pytest.mark.parametrize("seed", ONCE_FAILED)
def test_a_seed_that_once_failed_holds(seed: int) -> None:
    assert run(plan(seed)).violations == ()


def test_nights_hold_and_reach_everything() -> None:
    found = gathered(search(map(plan, FIRST)))
    assert [(v.seed, v.violations[0]) for v in found.failed] == []
    assert found.covered(REACHED) == []
    assert found.covered(f"state {state.__name__}" for state in STATES) == []
    accidents = {accident.__name__ for mix in MIXES for accident in mix.accidents}
    assert found.covered(f"accident {name}" for name in accidents) == []
    assert found.hours_per_second > 0


@pytest.mark.parametrize("seed", range(10))
def test_what_a_controller_remembers_makes_no_difference(seed: int) -> None:
    journals = []
    for memory in ("turn", "term", "whole"):
        night = Night(plan(seed, memory=memory), everything())
        assert night.run().violations == ()
        journals.append(night.store.journal)
    assert journals[0] == journals[1] == journals[2]
    assert journals[0]


def test_a_seed_is_the_same_night_each_time() -> None:
    nights = [Night(plan(3), everything()) for _ in range(2)]
    first, second = [night.run() for night in nights]
    assert first == second
    assert nights[0].store.journal == nights[1].store.journal


def test_other_seeds_are_other_nights() -> None:
    nights = [Night(plan(seed), everything()) for seed in (3, 8)]
    assert [night.run() for night in nights]
    assert nights[0].store.journal != nights[1].store.journal
