"""Random workflows, commands, failures and restarts: what must hold whatever happens.

Every step is done on three systems at once that differ only in how much the controller remembers.
Each protection is taken away once, and then the machine must find it.
"""

from collections import deque
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from agents import protocol as pr
from agents.worker.hold import Hold
from cluster.lease import Token
from controller.changes import Changes
from controller.turn import Turn
from engine.errors import NotLoaded
from engine.order import events as e
from engine.order import model as m
from engine.order import requests as rq
from simulation.agent import decoded
from simulation.clock import SECOND_US
from simulation.jobs import Behaviour, OnSigterm
from simulation.store import MemoryStore
from simulation.system import Parts, System
from tests.property.simulation.walkable import AGENTS, documents

pytestmark = pytest.mark.timeout(300)

IDS = tuple("abc")
ROUNDS = 40
LONG_S = 3_600

behaviours = st.builds(
    Behaviour,
    seconds=st.sampled_from([0, 1, 2.5]),
    returncode=st.sampled_from([0, 0, 0, 1]),
    returns=st.sampled_from([{}, {"a": "x"}, {"b": "1"}]),
    on_sigterm=st.sampled_from([None, "ignore", OnSigterm(1, 0)]),
)


class Recorder(MemoryStore):
    """A store that remembers what agents were sent, beyond its acknowledgement."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[str, int, bytes]] = []

    def commit(self, changes: Changes, token: Token, batch: UUID | None = None) -> None:
        """Write, and remember."""
        super().commit(changes, token, batch)
        self.said.extend(changes.outbox)


class Orders(RuleBasedStateMachine):
    """Three systems that get the same commands and have the same accidents."""

    parts: ClassVar[Parts] = Parts(store=Recorder)
    memories: ClassVar[tuple[Any, ...]] = ("term", "turn", "whole")

    @initialize(document=documents(), does=st.lists(behaviours, min_size=1, max_size=3))
    def begin(self, document: dict[str, Any], does: list[Behaviour]) -> None:
        by_job = dict.fromkeys(document.get("jobs", {}), does)
        self.systems = [
            System(dict.fromkeys(AGENTS, 2), by_job, memory=memory, parts=self.parts)
            for memory in self.memories
        ]
        answers = [system.deploy({"flow": document}) for system in self.systems]
        assert all(a.ok for a in answers), answers[0]

    @property
    def first(self) -> System:
        """The system that stands for the others."""
        return self.systems[0]

    def ask(self, request: rq.Request) -> None:
        answers = [s.ask(request) for s in self.systems if s.controller.leads]
        assert all(a == answers[0] for a in answers)

    # -- commands ---------------------------------------------------------------------------

    @rule(
        order_id=st.sampled_from(IDS),
        after_s=st.none() | st.integers(0, 5),
        priority=st.integers(0, 2),
    )
    def add(self, order_id: str, after_s: int | None, priority: int) -> None:
        scheduled = None if after_s is None else self.first.clock.now_us + after_s * SECOND_US
        new = rq.NewOrder(
            order_id, "flow", arguments={"a": "x"}, scheduled_us=scheduled, priority=priority
        )
        self.ask(rq.AddOrders((new,)))

    @rule(data=st.data(), kill=st.booleans(), deep=st.booleans())
    def cancel(self, data: st.DataObject, kill: bool, deep: bool) -> None:
        self.ask(rq.CancelOrders((self._one(data),), kill=kill, deep=deep))

    @rule(data=st.data(), kill=st.booleans(), reset=st.booleans(), deep=st.booleans())
    def suspend(self, data: st.DataObject, kill: bool, reset: bool, deep: bool) -> None:
        self.ask(rq.SuspendOrders((self._one(data),), kill=kill, reset=reset, deep=deep))

    @rule(data=st.data(), position=st.sampled_from([None, None, "0", "1"]), force=st.booleans())
    def resume(self, data: st.DataObject, position: str | None, force: bool) -> None:
        variables = data.draw(st.sampled_from([None, {"a": "y"}, {"b": "2", "new": 1}]))
        request = rq.ResumeOrders(
            (self._one(data),), position=position, variables=variables, force=force
        )
        self.ask(request)

    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        self.ask(rq.ContinueOrders((self._one(data),)))

    @rule(data=st.data(), priority=st.integers(0, 3))
    def change_priority(self, data: st.DataObject, priority: int) -> None:
        self.ask(rq.ChangePriority((self._one(data),), priority))

    def _one(self, data: st.DataObject) -> str:
        known = sorted(self.first.watch.world.orders) or ["nobody"]
        return data.draw(st.sampled_from(known))

    # -- time and accidents -----------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.5, 1, 3, 10]))
    def wait(self, seconds: float) -> None:
        for system in self.systems:
            system.run_to(system.clock.now_us + round(seconds * SECOND_US))

    @rule()
    def restart_controller(self) -> None:
        for system in self.systems:
            system.controller.down()
            system.controller.up()
            system.settle()

    @rule(agent=st.sampled_from(AGENTS))
    def restart_agent(self, agent: str) -> None:
        for system in self.systems:
            system.agents[agent].down()
            system.agents[agent].up()
            system.settle()

    @rule(agent=st.sampled_from(AGENTS), seconds=st.sampled_from([0.5, 3]), machine=st.booleans())
    def agent_away(self, agent: str, seconds: float, machine: bool) -> None:
        for system in self.systems:
            one = system.agents[agent]
            one.lose_machine() if machine else one.down()
            system.run_to(system.clock.now_us + round(seconds * SECOND_US))
            one.up()
            system.settle()

    @rule(seconds=st.sampled_from([0.5, 3]))
    def controller_away(self, seconds: float) -> None:
        for system in self.systems:
            system.controller.down()
            system.run_to(system.clock.now_us + round(seconds * SECOND_US))
            system.controller.up()
            system.settle()

    @rule(data=st.data())
    def say_an_old_attach_again(self, data: st.DataObject) -> None:
        count = len(attaches(self.first))
        if count:
            n = data.draw(st.integers(0, count - 1))
            for system in self.systems:
                agent, message = attaches(system)[n]
                one = system.agents[agent]
                one.take([message], one.taken)
                system.settle()

    # -- what must hold ---------------------------------------------------------------------

    @invariant()
    def rows_are_a_replay_of_the_journal(self) -> None:
        for system in self.systems:
            assert system.watch.differences(system.store) == []
            numbers = [entry.no for entry in system.store.journal]
            assert numbers == list(range(1, len(numbers) + 1))

    @invariant()
    def memory_makes_no_difference(self) -> None:
        for other in self.systems[1:]:
            assert other.store.journal == self.first.store.journal

    @invariant()
    def an_agent_holds_what_is_attached_to_it(self) -> None:
        for system in self.systems:
            for name, agent in system.agents.items():
                rows = {i for i, r in system.store.rows.items() if r.order.attached_to == name}
                assert agent.hold is not None
                assert agent.hold.world.orders.keys() == rows
                for order_id in rows:
                    mine, row = agent.hold.world.orders[order_id], system.store.rows[order_id].order
                    assert (mine.state, mine.position, mine.mark) == (
                        row.state,
                        row.position,
                        row.mark,
                    )

    @invariant()
    def nothing_is_broken_or_had_to_be_brought_back(self) -> None:
        for system in self.systems:
            broken = [
                r.order for r in system.store.rows.values() if isinstance(r.order.state, m.Broken)
            ]
            assert broken == []
            events = [entry.event for entry in system.store.journal]
            assert not any(isinstance(event, e.OrderRestored) for event in events)

    @invariant()
    def every_job_run_has_one_process_and_one_end(self) -> None:
        for system in self.systems:
            told = [
                entry.event.attempt
                for entry in system.store.journal
                if isinstance(entry.event, e.OrderProcessingStarted)
            ]
            ends = [
                entry.event.attempt
                for entry in system.store.journal
                if isinstance(entry.event, e.OrderProcessed)
            ]
            started = [p.start.attempt for a in system.agents.values() for p in a.machine.past]
            for attempts in (told, ends, started):
                assert len(attempts) == len(set(attempts))
            assert set(started) <= set(told)
            assert set(ends) <= set(told)

    def teardown(self) -> None:
        if not hasattr(self, "systems"):
            return
        for _ in range(ROUNDS):
            known = tuple(sorted(self.first.store.rows))
            if not known:
                break
            self.ask(rq.CancelOrders(known, kill=True, deep=True))
            for system in self.systems:
                system.run_out(limit_us=system.clock.now_us + LONG_S * SECOND_US)
        assert not self.first.store.rows, "cancelling everything did not end everything"
        self.rows_are_a_replay_of_the_journal()
        self.memory_makes_no_difference()


def attaches(system: System) -> list[tuple[str, pr.Attach]]:
    """Return every attach that was ever said, with its agent."""
    assert isinstance(system.store, Recorder)
    messages = [(agent, decoded([(n, body)])[0]) for agent, n, body in system.store.said]
    return [(agent, message) for agent, message in messages if isinstance(message, pr.Attach)]


COMMON: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "stateful_step_count": 15,
}


TestOrders = Orders.TestCase
TestOrders.settings = settings(max_examples=60, **COMMON)


# -- negative controls: without a protection, the machine finds what it protects from ----------


class AttachesAgain(Hold):
    """Takes an order whatever number of ownership it has."""

    def _known(self, order_id: str) -> tuple[m.Order, bool] | None:
        return None


class Unmarked(Hold):
    """Does not hear what people ask for."""

    def _mark(self, order_id: str, own_no: int, mark: m.Mark | None, now_us: int) -> None:
        return


class Forgetful(Turn):
    """Forgets the orders that wait for their turn when one of them needs something loaded."""

    def _run(self, waiting: deque[str]) -> None:
        first = waiting[0]
        try:
            super()._run(waiting)
        except NotLoaded:
            waiting.clear()
            waiting.append(first)
            raise


WITHOUT = {
    "the number of ownership": Parts(hold=AttachesAgain, store=Recorder),
    "marks at agents": Parts(hold=Unmarked, store=Recorder),
    "the list of who waits": Parts(turn=Forgetful, store=Recorder),
}


@pytest.mark.parametrize("protection", WITHOUT)
def test_the_machine_finds_a_missing_protection(protection: str) -> None:
    class Unprotected(Orders):
        parts = WITHOUT[protection]

    searching = settings(
        max_examples=3_000,
        derandomize=True,  # found or not found, it is the same every time
        database=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        **COMMON,
    )
    with pytest.raises((AssertionError, ExceptionGroup)):
        run_machine(Unprotected, settings=searching)
