"""Random orders at two locks: never over the limit, nobody overtaken, nobody forgotten.

Two worlds do the same: one remembers everything, one forgets everything after each turn. Each
protection is taken away once, and then the machine must find it.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from engine import effects
from engine.facts import LockState
from engine.steps import lock as lock_rules
from tests.property.locks.ledger import Ledger
from tests.unit.engine.stage import Stage, lock

pytestmark = pytest.mark.timeout(300)

IDS = tuple("abcdef")
FLOWS = {
    "all": [lock(("tape", None))],
    "one": [lock(("tape", 1))],
    "two": [lock(("tape", 2))],
    "disk": [lock(("disk", 1))],
    "both": [lock(("tape", 1), ("disk", None))],
    "crossed": [lock(("disk", 1), ("tape", 2))],
}
STATES = {"holds": "Prompting", "waits": "WaitingForLock", "failed": "Failed"}


class Locks(RuleBasedStateMachine):
    """Orders come, leave, fail, are cancelled and moved; limits change."""

    @initialize(tape=st.integers(1, 3), looks=st.sampled_from([1, 2, 1_000]))
    def begin(self, tape: int, looks: int) -> None:
        limits = {"tape": tape, "disk": 1}
        self.stages = [Stage(FLOWS, locks=limits, forgets=forgets) for forgets in (False, True)]
        self.ledger = Ledger({f"/{name}": limit for name, limit in limits.items()})
        self.known = 0
        for stage in self.stages:
            stage.looks = looks

    @property
    def first(self) -> Stage:
        """The stage that stands for both."""
        return self.stages[0]

    def ids(self, what: str) -> list[str]:
        """Return the orders in a state."""
        return [i for i in IDS if self.first.state(i) == STATES[what]]

    def do(self, act: Callable[[Stage], object]) -> None:
        """Do the same on both stages."""
        for stage in self.stages:
            act(stage)

    @rule(
        i=st.sampled_from(IDS),
        flow=st.sampled_from(sorted(FLOWS)),
        priority=st.sampled_from([0, 0, 0, 1]),
    )
    def add(self, i: str, flow: str, priority: int) -> None:
        if self.first.find(i) is None:
            self.do(lambda s: s.add(i, flow, priority=priority))

    @precondition(lambda self: self.ids("holds"))
    @rule(data=st.data(), fails=st.sampled_from(["no", "no", "yes"]))
    def leave(self, data: st.DataObject, fails: str) -> None:
        i = data.draw(st.sampled_from(self.ids("holds")))
        self.do(lambda s: s.leave(i, fails=fails))

    @precondition(lambda self: self.ids("waits"))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        i = data.draw(st.sampled_from(self.ids("waits")))
        self.do(lambda s: s.cancel(i))

    @precondition(lambda self: self.ids("failed"))
    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        i = data.draw(st.sampled_from(self.ids("failed")))
        self.do(lambda s: s.resume(i))

    @precondition(lambda self: self.ids("waits"))
    @rule(data=st.data(), priority=st.integers(-1, 2))
    def move(self, data: st.DataObject, priority: int) -> None:
        i = data.draw(st.sampled_from(self.ids("waits")))
        self.do(lambda s: s.priority(i, priority))

    @rule(limit=st.integers(0, 3))
    def change_limit(self, limit: int) -> None:
        self.ledger.limits["/tape"] = limit
        self.do(lambda s: s.limit("tape", limit))

    @invariant()
    def all_is_well(self) -> None:
        for order_id, event in self.first.past[self.known :]:
            self.ledger.follow(order_id, event)
        self.known = len(self.first.past)
        assert not self.ledger.wrong
        assert not self.ledger.in_vain()
        for name in ("tape", "disk"):
            assert self.first.lock(name) == self.ledger.held(f"/{name}")
            assert self.first.queue(name) == self.ledger.waiting(f"/{name}")

    @invariant()
    def who_forgets_does_the_same(self) -> None:
        assert self.stages[0].past == self.stages[1].past


RUN = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
FIND = settings(RUN, max_examples=300, phases=[Phase.generate], derandomize=True, database=None)


def test_locks_are_never_held_over_their_limit_and_nobody_is_forgotten() -> None:
    run_machine(Locks, settings=RUN)


def no_limit(patch: pytest.MonkeyPatch) -> None:
    """Let everybody in where something is free at all."""
    patch.setattr(LockState, "fits", lambda self, limit, _count: len(self.holders) <= limit)


def no_line(patch: pytest.MonkeyPatch) -> None:
    """Let the small ones overtake."""
    patch.setattr(lock_rules, "_lets_pass", lambda *_: True)


def no_wake(patch: pytest.MonkeyPatch) -> None:
    """Forget those who wait when a lock is given back."""
    patch.setattr(effects, "_locks", _without_wakes(effects._locks))


def _without_wakes(locks: Callable[..., None]) -> Callable[..., None]:
    def changed(world: Any, before: object, after: object) -> None:
        wakes = dict(world.wakes)
        locks(world, before, after)
        world.wakes.clear()
        world.wakes.update(wakes)

    return changed


def straight_in(patch: pytest.MonkeyPatch) -> None:
    """Let an order that comes now past those who wait."""
    patch.setattr(lock_rules, "_somebody_first", lambda *_: False)


@pytest.mark.parametrize("broken", [no_limit, no_line, no_wake, straight_in])
def test_each_protection_taken_away_is_found(
    broken: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    with pytest.raises(AssertionError):
        run_machine(Locks, settings=FIND)
