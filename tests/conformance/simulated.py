"""Runs a case in the simulator: exact to the microsecond, without a process or a database."""

from typing import Any

from engine.facts import LockState, NoticeState
from engine.workflow.program import Program
from simulation.clock import SECOND_US
from simulation.system import System
from simulation.watch import Seen
from tests.conformance.case import Case, Step, microseconds
from tests.conformance.judge import (
    ObservedOrder,
    ObservedRun,
    holds,
    problems,
)
from tests.conformance.observe import observed_order, value_of
from tests.conformance.requests import answer_text, request_of

LONGEST_S = 40 * 86_400
UNLIMITED = 1_000


class Simulated:
    """One case on a system of its own."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.system = System(
            {name: agent.process_limit or UNLIMITED for name, agent in case.agents.items()},
            case.simulate,
            start_us=case.start_us,
        )

    def run(self) -> list[str]:
        """Return what differs from the expectation; empty is right."""
        answer = self.system.deploy(self.case.workflows, self.case.objects)
        if not answer.ok:
            return [f"not deployed: {[a.sentence for a in answer.answers if not a.ok]}"]
        for n, step in enumerate(self.case.steps):
            problem = self._step(step)
            if problem:
                return [f"step {n}: {problem}", *problems(self.case, self, exact_times=True)]
        longest_us = self.case.start_us + LONGEST_S * SECOND_US
        self.system.run_until(self.system.is_idle, limit_us=longest_us)
        return problems(self.case, self, exact_times=True) + self.system.watch.differences(
            self.system.store
        )

    def _step(self, step: Step) -> str | None:
        limit = self.case.start_us + LONGEST_S * SECOND_US
        if step.at_s is not None:
            self.system.run_to(self.case.start_us + round(step.at_s * SECOND_US))
        when = step.when
        if when is not None and when.order is not None:
            order_id = when.order
            if not self.system.run_until(lambda: holds(when, self.order(order_id)), limit_us=limit):
                return f"never came true: {when}; {self.order(order_id)}"
        if when is not None and when.notice is not None:
            place = (when.notice["board"], when.notice["key"])
            if not self.system.run_until(lambda: self._is_present(*place), limit_us=limit):
                return f"never came true: {when}"
        return self._do(*step.command, expected=step.answer) if step.command else None

    def _do(self, name: str, fields: dict[str, Any], *, expected: str) -> str | None:
        system = self.system
        match name:
            case "controller_down":
                system.controller.down()
            case "controller_up":
                system.controller.up()
            case "agent_down":
                system.agents[fields["agent"]].down()
            case "agent_up":
                system.agents[fields["agent"]].up()
            case "kill_agent_host":
                system.agents[fields["agent"]].lose_machine()
            case "deploy":
                found = fields.get("job_resources", {})
                resources = {("jobresource", name): value for name, value in found.items()}
                answer = system.deploy(fields.get("workflow", {}), resources)
                return self._answered(answer, expected)
            case _:
                return self._answered(
                    system.ask(request_of(name, fields, self._moment_us)), expected
                )
        system.settle()
        return None

    def _answered(self, answer: Any, expected: str) -> str | None:
        found = answer_text(answer)
        return None if found == expected else f"answered {found}, expected {expected}: {answer}"

    def _moment_us(self, text: str) -> int:
        if text.startswith("+"):
            return self.case.start_us + int(text[1:-1]) * SECOND_US
        return microseconds(text)

    # -- what is observed -------------------------------------------------------------------

    def order(self, order_id: str) -> ObservedOrder | None:
        """Return the order as it was last seen."""
        seen = self.system.watch.seen.get(order_id)
        if seen is None:
            return None
        return observed_order(seen, self._program(seen), self.case.start_us)

    def _program(self, seen: Seen) -> Program:
        program = self.system.store.program(seen.order.workflow, seen.order.version)
        assert program is not None
        return program

    def is_known(self, order_id: str) -> bool:
        """Tell whether the engine knows the order now."""
        return order_id in self.system.store.rows

    def variable(self, order_id: str, name: str) -> object:
        """Return the value of a variable at the order's end position."""
        seen = self.system.watch.seen[order_id]
        return value_of(name, seen.order, self._program(seen), self.system.clock.now_us)

    def _is_present(self, board: str, key: str) -> bool:
        return key in self.notices(board)

    def notices(self, board: str) -> list[str]:
        """Return the keys of the notices that are present."""
        return sorted(
            key
            for (kind, name, key), fact in self.system.store.fact_rows.items()
            if kind == "notice" and name == board and isinstance(fact, NoticeState) and fact.present
        )

    def lock(self, path: str) -> tuple[list[str], list[str]]:
        """Return who holds a lock, and its queue in order."""
        fact = self.system.store.fact_rows.get(("lock", path, ""), LockState())
        assert isinstance(fact, LockState)
        queue = self.system.store.queue(("lock", path, ""), None, 1_000)
        return sorted(fact.holders), [order for _, _, order in queue]

    def runs(self) -> list[ObservedRun] | None:
        """Return the processes that were started."""
        return [
            ObservedRun(
                p.order, p.job, p.began_us / 1e6, None if p.ended_us is None else p.ended_us / 1e6
            )
            for agent in self.system.agents.values()
            for p in agent.machine.past
        ]

    def ids(self) -> list[str]:
        """Return the ids of all orders that were added; children belong to their parents."""
        return [i for i in self.system.watch.seen if "|" not in i]
