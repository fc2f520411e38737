"""Random postings, consumers, failures and deletions at three boards.

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

from engine import boards, instances
from engine.facts import Instance, NoticeState
from engine.order import notice_users
from engine.order.model import ExpectingNotices
from engine.steps.advance import decide
from engine.steps.site import Site
from tests.property.notices.ledger import Ledger
from tests.property.notices.search import POLICIES, _last_finisher
from tests.unit.engine import stage as hands
from tests.unit.engine.stage import SECOND, Stage, board, consume, expect, planned, post

pytestmark = pytest.mark.timeout(300)

IDS = tuple("abcdef")
PLAN = "DailyPlan|2026-03-02"
END = {"TYPE": "Prompt", "question": "'end'"}
FLOWS: dict[str, list[dict[str, Any]]] = {
    "left": [consume("'x'")],
    "right": [consume("'x'")],
    "both": [consume("'x' && 'y'")],
    "either": [consume("'x' || 'y'")],
    "quick": [consume("'x'", inside=[])],
    "reads": [expect("'x' && 'y'"), END],
    "skips": [expect("'day' || 'x'", whenNotAnnounced="SkipWhenNoNotice"), END],
    "takes": [consume("'day'", whenNotAnnounced="DontWait")],
    "posts": [END, post("day", "y")],
}
PLACES = (("x", "k"), ("y", "k"), ("day", f"{PLAN}/k"))


class Notices(RuleBasedStateMachine):
    """Notices come and go; orders come, wait, leave, fail and are cancelled."""

    policy = "any_success"
    longest: int | None = None

    @initialize(looks=st.sampled_from([1, 2, 1_000]))
    def begin(self, looks: int) -> None:
        x = board(consumption_policy=self.policy, max_block_duration=self.longest)
        known = {"x": x, "y": board(), "day": planned()}
        self.stages = [Stage(FLOWS, boards=known, forgets=forgets) for forgets in (False, True)]
        self.ledger = Ledger({"/x": self.policy})
        self.known = 0
        for stage in self.stages:
            stage.looks = looks

    @property
    def first(self) -> Stage:
        """The stage that stands for both."""
        return self.stages[0]

    def ids(self, *states: str) -> list[str]:
        """Return the orders in one of these states."""
        return [i for i in IDS if self.first.state(i) in states]

    def do(self, act: Callable[[Stage], object]) -> None:
        """Do the same on both stages."""
        for stage in self.stages:
            act(stage)

    @rule(i=st.sampled_from(IDS), flow=st.sampled_from(sorted(FLOWS)))
    def add(self, i: str, flow: str) -> None:
        if self.first.find(i) is None:
            self.do(lambda s: s.add(i, flow, plan=PLAN))

    @rule(name=st.sampled_from(["x", "x", "y", "day"]), looked=st.booleans())
    def post(self, name: str, looked: bool) -> None:
        plan = {"plan": PLAN} if name == "day" else {}
        self.do(lambda s: s.post_only(name, **plan))
        self.do(lambda s: s.settle() if looked else s.turn())

    @rule()
    def look(self) -> None:
        self.do(lambda s: s.turn())

    @rule(at=st.sampled_from(PLACES))
    def delete(self, at: tuple[str, str]) -> None:
        if self.first.notice(*at).present:
            more = {"plan": PLAN} if at[0] == "day" else {}
            self.do(lambda s: s.delete_only(at[0], "k", **more))

    @precondition(lambda self: self.ids("Prompting"))
    @rule(data=st.data(), fails=st.sampled_from(["no", "yes"]))
    def leave(self, data: st.DataObject, fails: str) -> None:
        i = data.draw(st.sampled_from(self.ids("Prompting")))
        self.do(lambda s: s.leave(i, fails=fails))

    @precondition(lambda self: self.ids("ExpectingNotices", "Failed", "Prompting"))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        i = data.draw(st.sampled_from(self.ids("ExpectingNotices", "Failed", "Prompting")))
        self.do(lambda s: s.cancel(i))

    @precondition(lambda self: self.ids("Failed"))
    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        i = data.draw(st.sampled_from(self.ids("Failed")))
        self.do(lambda s: s.resume(i))

    @invariant()
    def all_is_well(self) -> None:
        for order_id, event in self.first.past[self.known :]:
            self.ledger.follow(order_id, event)
        self.known = len(self.first.past)
        assert not self.ledger.wrong
        there = {(f"/{name}", key) for name, key in PLACES if self.first.notice(name, key).present}
        assert there == set(self.ledger.present())

    @invariant()
    def nobody_waits_in_vain(self) -> None:
        world = self.first.world
        if world.wakes:
            return
        for order in world.orders.values():
            if isinstance(order.state, ExpectingNotices):
                assert not decide(world, order, Site(now_us=0)), order.id

    @invariant()
    def nothing_is_left_that_nobody_uses(self) -> None:
        for name, key in PLACES:
            state = self.first.notice(name, key)
            if state.scan is None:
                assert all(i.in_use or i.open for i in state.instances)
            users = {i for x in state.instances for i in (*x.holders, *x.granted)}
            assert users <= set(self.first.rows)
            posters = [o for o in self.first.rows.values() if (f"/{name}", key) in o.announces]
            assert state.announced == len(posters)

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


def test_notices_are_consumed_once_and_nobody_is_forgotten() -> None:
    run_machine(Notices, settings=RUN)


class Forced(Notices):
    """The same where people delete by force and time passes; `policy` and `longest` are other."""

    longest = 3

    @rule(at=st.sampled_from(PLACES[:2]))
    def force(self, at: tuple[str, str]) -> None:
        if self.first.notice(*at).present:
            users = list(self.first.notice(*at).instances[-1].holders)
            self.do(lambda s: s.force(at[0]))
            assert all(self.first.state(i) == "Failed" for i in users)

    @rule(seconds=st.integers(1, 4))
    def pass_time(self, seconds: int) -> None:
        self.do(lambda s: s.pass_time(seconds))

    @invariant()
    def who_holds_long_was_told(self) -> None:
        """Hold the warnings against the orders' own memory of when they began."""
        now_us = self.first.now_us
        for instance in self.first.notice("x").instances:
            for i in instance.holders:
                uses = self.first.rows[i].consumptions
                (since_us,) = {c.since_us for c in uses if ("/x", "k", instance.gen) in c.notices}
                late = since_us > 0 and now_us >= since_us + 3 * SECOND
                assert (i in instance.held_long) == late
                assert (i in instance.warn_us) == (since_us > 0 and not late)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_policies_of_boards_hold_whatever_people_do(policy: str) -> None:
    machine = type("Machine", (Forced,), {"policy": policy})
    run_machine(machine, settings=settings(RUN, max_examples=30, phases=[Phase.generate]))


def no_warning(patch: pytest.MonkeyPatch) -> None:
    """Look at no notice when its moment has come."""
    patch.setattr(hands, "expire", lambda *_: [])


def half_forced(patch: pytest.MonkeyPatch) -> None:
    """Let orders that delete by force would fail be caught like others."""
    patch.setattr(notice_users, "_failing", lambda *_: [])


@pytest.mark.parametrize("broken", [no_warning, half_forced])
def test_force_and_warnings_taken_away_are_found(
    broken: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    with pytest.raises(AssertionError):
        run_machine(Forced, settings=FIND)


def no_join_rule(patch: pytest.MonkeyPatch) -> None:
    """Let a workflow consume an instance as often as it likes."""
    patch.setattr(Instance, "serves", lambda *_: True)


def last_finisher(patch: pytest.MonkeyPatch) -> None:
    """Let the last block alone decide whether the notice goes."""
    patch.setattr(instances, "after_block", _last_finisher)


def no_look(patch: pytest.MonkeyPatch) -> None:
    """Forget those who wait when a block has failed."""
    look_again = boards.look_again
    patch.setattr(
        boards,
        "look_again",
        lambda world, at, *, anew=False: look_again(world, at, anew=True) if anew else None,
    )


def no_grant_end(patch: pytest.MonkeyPatch) -> None:
    """Keep what a failed order may enter again after the order has gone."""
    patch.setattr(boards, "_grants", lambda order: order.grants if order else ())


def once_swept(patch: pytest.MonkeyPatch) -> None:
    """Never let anything vanish."""
    patch.setattr(NoticeState, "swept", lambda self: self)


@pytest.mark.parametrize("broken", [no_join_rule, last_finisher, no_look, no_grant_end, once_swept])
def test_each_protection_taken_away_is_found(
    broken: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    with pytest.raises(AssertionError):
        run_machine(Notices, settings=FIND)
