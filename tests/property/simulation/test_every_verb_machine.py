"""Every verb at any moment: no order is ever left in a state that nobody can explain.

After each step, `why` must name what really keeps each order, and a person must have a verb for it.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.order import model as m
from engine.order import requests as rq
from engine.order.guards import may
from engine.order.why import Around, Wait, why
from engine.steps import wake
from engine.workflow.model import ConsumeNotices, Lock
from simulation.clock import SECOND_US
from simulation.jobs import Behaviour, OnSigterm
from simulation.system import System
from tests.simulation.scenes import AGENT, OBJECTS, OTHER, block, job

pytestmark = pytest.mark.timeout(300)

IDS = tuple(f"#2026-01-01#T{n}-{name}" for n, name in enumerate("abcde"))
LABELS = ("l0", "l1", "l2")
JOBS = {"load": job(parallelism=1, graceTimeout=1), "far": job(OTHER, parallelism=2)}
PLAN = "DailyPlan|2026-01-01"
ROUNDS, LONG_S = 60, 7_200
PAUSE = {"TYPE": "Sleep", "duration": "1"}

behaviours = st.builds(
    Behaviour,
    seconds=st.sampled_from([0, 1, 2.5]),
    returncode=st.sampled_from([0, 0, 0, 1]),
    on_sigterm=st.sampled_from([None, "ignore", OnSigterm(1, 0)]),
)
plain: st.SearchStrategy[dict[str, Any]] = st.sampled_from([
    {"TYPE": "Execute.Named", "jobName": "load"},
    {"TYPE": "Execute.Named", "jobName": "far"},
    {"TYPE": "Prompt", "question": "'Go on?'"},
    {"TYPE": "Sleep", "duration": "2"},
    {"TYPE": "Fail", "message": "'no'"},
    {"TYPE": "Stop"},
    {"TYPE": "ExpectNotices", "noticeBoardNames": "'eod'"},
    {"TYPE": "PostNotices", "noticeBoardNames": ["eod"]},
])  # fmt: skip


_TAPE = {"TYPE": "Lock", "demands": [{"lockName": "tape"}]}


def _around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return instructions that have blocks around others."""
    found = st.lists(inner, min_size=1, max_size=2).map(lambda some: block(*some))
    return st.one_of(
        found.map(lambda b: {**_TAPE, "lockedWorkflow": b}),
        found.map(lambda b: {"TYPE": "Options", "stopOnFailure": True, "block": b}),
        found.map(lambda b: {**_TAPE, "lockedWorkflow": b}),
        found.map(
            lambda b: {"TYPE": "ConsumeNotices", "noticeBoardNames": "'eod'", "subworkflow": b}
        ),
        found.map(
            lambda b: {
                "TYPE": "Try", "try": b, "catch": block({"TYPE": "Retry"}),
                "maxTries": 2, "retryDelays": [3],
            }
        ),
        st.tuples(found, found, st.booleans()).map(
            lambda two: {
                "TYPE": "Fork", "joinIfFailed": two[2],
                "branches": [{"id": i, "workflow": b} for i, b in zip("xy", two, strict=False)],
            }
        ),
        found.map(
            lambda b: {
                "TYPE": "Cycle", "cycleWorkflow": b,
                "schedule": {"schemes": [
                    {"repeat": {"TYPE": "Continuous", "pause": 3, "limit": 2}}
                ]},
            }
        ),
    )  # fmt: skip


instructions = st.lists(
    st.recursive(plain, _around, max_leaves=5), min_size=1, max_size=len(LABELS)
).map(lambda some: [dict(one, label=at) for one, at in zip(some, LABELS, strict=False)])


class EveryVerb(RuleBasedStateMachine):
    """One system whose workflow, orders, notices and plan people work on all the time."""

    @initialize(first=instructions, does=st.lists(behaviours, min_size=1, max_size=3))
    def begin(self, first: list[Any], does: list[Behaviour]) -> None:
        by_job = dict.fromkeys(JOBS, does)
        self.system = System({AGENT: 2, OTHER: 2}, by_job, memory="whole")
        self.deploy(first)
        self.add(IDS[0], None)
        self.add(IDS[1], None)

    def ask(self, request: rq.Request) -> rq.Answer:
        return self.system.ask(request)

    def _one(self, data: st.DataObject, verb: str) -> tuple[str, ...]:
        """Draw an order, mostly one that takes the verb."""
        orders = self.system.controller.world.orders
        fit = sorted(i for i, order in orders.items() if verb in may(order))
        return (data.draw(st.sampled_from([*fit, *fit, *sorted(orders), "nobody"])),)

    # -- verbs ------------------------------------------------------------------------------

    def deploy(self, some: list[Any]) -> None:
        self.deployed = some
        document = {**block(*some), "jobs": JOBS}
        answer = self.system.deploy({"flow": document}, OBJECTS)
        assert answer.ok, answer

    @rule(order_id=st.sampled_from(IDS), after_s=st.none() | st.integers(0, 60))
    def add(self, order_id: str, after_s: int | None) -> None:
        scheduled = None if after_s is None else self.system.clock.now_us + after_s * SECOND_US
        new = rq.NewOrder(order_id, "flow", scheduled_us=scheduled, plan=PLAN)
        self.ask(rq.AddOrders((new,)))

    @rule(data=st.data(), kill=st.booleans(), deep=st.booleans())
    def cancel(self, data: st.DataObject, kill: bool, deep: bool) -> None:
        self.ask(rq.CancelOrders(self._one(data, "cancel"), kill=kill, deep=deep))

    @rule(data=st.data(), kill=st.booleans(), reset=st.booleans(), deep=st.booleans())
    def suspend(self, data: st.DataObject, kill: bool, reset: bool, deep: bool) -> None:
        self.ask(rq.SuspendOrders(self._one(data, "suspend"), kill=kill, reset=reset, deep=deep))

    @rule(data=st.data(), label=st.none() | st.sampled_from(LABELS), deep=st.booleans())
    def resume(self, data: st.DataObject, label: str | None, deep: bool) -> None:
        one = self._one(data, "resume")
        self.ask(rq.ResumeOrders(one, label=label, force=True, deep=deep and label is None))

    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        self.ask(rq.ContinueOrders(self._one(data, "continue")))

    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        self.ask(rq.ConfirmPrompts(self._one(data, "confirm")))

    @rule(data=st.data(), after_s=st.integers(-3, 9))
    def change_start(self, data: st.DataObject, after_s: int) -> None:
        moment_us = self.system.clock.now_us + after_s * SECOND_US
        self.ask(rq.ChangeStart(self._one(data, "start"), moment_us))

    @rule(data=st.data(), priority=st.integers(0, 2))
    def change(self, data: st.DataObject, priority: int) -> None:
        self.ask(rq.ChangePriority(self._one(data, "priority"), priority))
        self.ask(rq.ChangeArguments(self._one(data, "arguments"), {"n": priority}))

    @rule(some=instructions, before=st.booleans(), only_possible=st.booleans())
    def transfer(self, some: list[Any], before: bool, only_possible: bool) -> None:
        self.deploy([PAUSE, *self.deployed][:6] if before else some)
        self.ask(rq.TransferOrders("flow", only_possible=only_possible))

    @rule(
        verb=st.sampled_from(["suspend", "resume", "resume", "skip", "unskip", "stop", "unstop"]),
        label=st.sampled_from(LABELS),
    )
    def control(self, verb: Any, label: str) -> None:
        self.ask(rq.ControlWorkflow("flow", verb, (label,)))

    @rule(delete=st.booleans(), closed=st.none() | st.booleans())
    def notice(self, delete: bool, closed: bool | None) -> None:
        self.ask(rq.DeleteNotice("eod", "day") if delete else rq.PostNotice("eod", "day"))
        if closed is not None:
            self.ask(rq.ChangePlan(PLAN, closed))

    @rule(seconds=st.sampled_from([0.5, 1, 3, 10]))
    def wait(self, seconds: float) -> None:
        self.system.run_to(self.system.clock.now_us + round(seconds * SECOND_US))

    @rule(agent=st.sampled_from([AGENT, OTHER]))
    def restart(self, agent: str) -> None:
        self.system.controller.down()
        self.system.agents[agent].down()
        self.system.agents[agent].up()
        self.system.controller.up()
        self.system.settle()

    # -- what must hold ---------------------------------------------------------------------

    @invariant()
    def everybody_can_be_explained(self) -> None:
        for order in list(self.system.controller.world.orders.values()):
            problem = self._unexplained(order)
            assert problem is None, (problem, order)

    @invariant()
    def what_an_order_holds_is_around_it(self) -> None:
        world = self.system.controller.world
        for order in list(world.orders.values()):
            ended = isinstance(order.state, (*m.TERMINATED, m.FailedInFork, m.Broken))
            held_ones: tuple[m.LockHold | m.Consumption, ...] = (*order.locks, *order.consumptions)
            for held in () if ended else held_ones:
                kind = Lock if isinstance(held, m.LockHold) else ConsumeNotices
                assert order.position[: len(held.position)] == held.position, order
                assert isinstance(world.program_of(order).instruction(held.position), kind), order

    def _unexplained(self, order: m.Order) -> str | None:
        now_us = self.system.clock.now_us
        told = why(self.system.controller.world, order, now_us, self._around(order))
        if isinstance(order.state, m.Broken):
            return "it is broken"
        if told.code in _IDLE or (told.until_us is not None and told.until_us <= now_us):
            return f"nothing keeps it: {told.sentence}"
        if told.code == "lock" and not told.for_whom:
            return "nobody holds the lock it waits for"
        if order.mark is not None and not _may_wait_marked(order, told):
            return f"its mark has no effect: {order.mark.verb}"
        ended = isinstance(order.state, (*m.TERMINATED, m.FailedInFork))
        return None if ended or may(order) else "nobody can do anything about it"

    def _around(self, order: m.Order) -> Around:
        orders = self.system.controller.world.orders.values()
        there = [o for o in orders if o.agent == order.agent and isinstance(o.state, m.Processing)]
        job_runs = [o.id for o in there if _at(self.system, o) == _at(self.system, order)]
        return Around(
            job_runs=tuple(job_runs), agent_runs=tuple(o.id for o in there), agent_limit=2
        )

    def teardown(self) -> None:
        if not hasattr(self, "system"):
            return
        self.ask(rq.ControlWorkflow("flow", "resume"))
        for _ in range(ROUNDS):
            known = tuple(sorted(self.system.store.rows))
            if not known:
                break
            self.ask(rq.CancelOrders(known, kill=True, deep=True))
            self.system.run_out(limit_us=self.system.clock.now_us + LONG_S * SECOND_US)
        assert not self.system.store.rows, "cancelling everything did not end everything"
        assert self.system.watch.differences(self.system.store) == []


_IDLE = ("moving", "attaching", "detaching", "process", "agent-away")


def _at(system: System, order: m.Order) -> object:
    program = system.controller.world.program_of(order)
    node = program.instruction(order.position)
    return order.workflow, order.version, getattr(node, "job_name", None)


def _may_wait_marked(order: m.Order, told: Wait) -> bool:
    assert order.mark
    if isinstance(order.state, m.Processing | m.Forked):
        return True
    frozen = told.code == "workflow-suspended"
    return frozen or (order.mark.verb == "suspend" and isinstance(order.state, m.WAITING))


COMMON: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "stateful_step_count": 20,
}

TestEveryVerb = EveryVerb.TestCase
TestEveryVerb.settings = settings(max_examples=80, **COMMON)


# -- negative controls --------------------------------------------------------------------------

WORK = [{"TYPE": "Execute.Named", "jobName": "far", "label": "l0"}]
HELD = [{**_TAPE, "lockedWorkflow": block({"TYPE": "Sleep", "duration": "2"}), "label": "l0"}]


def _let_the_lock_go(machine: EveryVerb) -> None:
    machine.begin(HELD, [Behaviour()])
    machine.wait(3)


def _thaw(machine: EveryVerb) -> None:
    machine.begin(WORK, [Behaviour()])
    machine.control("suspend", "l0")
    machine.add(IDS[2], None)
    machine.control("resume", "l0")


FAULTS: dict[str, tuple[str, Any, Callable[[EveryVerb], None]]] = {
    "nobody is woken for a lock": ("let_in", lambda *_: ([], True), _let_the_lock_go),
    "a workflow does not thaw": ("thawed", lambda *_: ([], []), _thaw),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_machine_sees_an_order_that_nobody_can_explain(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, without, scene = FAULTS[fault]
    sound = EveryVerb()
    scene(sound)
    sound.everybody_can_be_explained()
    monkeypatch.setattr(wake, name, without)
    faulty = EveryVerb()
    scene(faulty)
    with pytest.raises(AssertionError, match=r"nobody holds|nothing keeps"):
        faulty.everybody_can_be_explained()
