"""The harsh test: many orders under kills of every part, then a verdict over files and journals."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec

from controller.journal import Entry
from engine.order import events as e
from tests.system import reading
from tests.system.stellwerk import System, lines, until_lines
from tests.system.waiting import TooLate, wait_until
from tests.system.workflows import appending, steps

STEPS = ("first", "second", "third")
ENTRY = str(Path(__file__).with_name("entry.py"))


class Plan(msgspec.Struct, frozen=True):
    """How harsh: orders, seconds of each job, and how often each fault comes.

    `rough` is the seed of a carrier that loses, doubles and delays letters, 0 for the real one.
    """

    orders: int = 300
    job_s: float = 0.1
    agent_kills: int = 4
    broker_kills: int = 1
    controller_kills: int = 2
    database_stops: int = 1
    long_job_s: int = 8
    within_s: float = 90.0
    rough: int = 0
    numbered: bool = True


class Harsh:
    """One run. `problems` is what the verdict found; a sound system leaves it empty."""

    def __init__(self, system: System, plan: Plan) -> None:
        self.system, self.plan = system, plan
        self.done = system.home / "done"
        self.problems: list[str] = []
        self._leads = 0

    def run(self) -> list[str]:
        """Do everything and return what is wrong afterwards."""
        self._begin()
        try:
            self._orders_under_faults()
            self._wait_for_the_end()
        except TooLate as late:
            self.problems.append(str(late))
        self._judge_files()
        self._judge_journals()
        return self.problems

    def _begin(self) -> None:
        system = self.system
        system.register()
        self._start_controller()
        self._start_agent()
        system.wait_coupled()
        reading.keep_events(system.folder_of("agent-1") / "journal.sqlite")
        script = appending(self.done, f"sleep {self.plan.job_s}\n")
        system.deploy("harsh", steps(script, *STEPS))
        system.deploy("long", steps(self._long_script(), "long"))

    def _long_script(self) -> str:
        home, seconds = self.system.home, self.plan.long_job_s
        return (
            f"#!/bin/sh\necho begun >> {home}/long\nsleep {seconds}\necho ended >> {home}/long\n"
            "echo result=42 >> $JS7_RETURN_VALUES\n"
        )

    def _start_agent(self) -> None:
        entry = (ENTRY, "agent") if self.plan.rough else ("-m", "agents.worker")
        self.system.agent(entry=entry, more={"STELLWERK_AGENT_PROCESSES": "12", **self._hooks()})

    def _start_controller(self) -> None:
        entry = (ENTRY,) if self.plan.rough else ("manage.py",)
        self.system.controller(entry=entry, more=self._hooks())

    def _hooks(self) -> dict[str, str]:
        rough = {"STELLWERK_TEST_ROUGH": str(self.plan.rough)} if self.plan.rough else {}
        return rough if self.plan.numbered else {**rough, "STELLWERK_TEST_UNNUMBERED": "1"}

    # -- faults -----------------------------------------------------------------------------

    def _orders_under_faults(self) -> None:
        system, plan = self.system, self.plan
        assert system.answer(system.add("long", ["long"])).ok
        until_lines(system.home / "long", 1, why=system.logs)
        answer = system.answer(system.add("harsh", [f"o{i}" for i in range(plan.orders)]))
        assert answer.ok, answer
        faults = self._faults()
        for number, fault in enumerate(faults, 1):
            share = plan.orders * len(STEPS) * number // (len(faults) + 1)
            until_lines(self.done, share, within_s=plan.within_s, why=system.logs)
            fault()

    def _faults(self) -> list[Callable[[], None]]:
        plan = self.plan
        kinds: list[list[Callable[[], None]]] = [
            [self._kill_agent] * plan.agent_kills,
            [self.system.parts.kill_broker] * plan.broker_kills,
            [self._kill_controller] * plan.controller_kills,
            [self.system.parts.stop_database_immediately] * plan.database_stops,
        ]
        mixed: list[Callable[[], None]] = []
        while any(kinds):
            mixed.extend(kind.pop() for kind in kinds if kind)
        return mixed

    def _kill_agent(self) -> None:
        self.system.agents["agent-1"].kill()
        self.system.agents["agent-1"].start()

    def _kill_controller(self) -> None:
        """Kill a controller that leads and has met its agent, in the midst of its work."""
        for child in self.system.controllers.values():
            child.wait_says("controller.leads", times=self._leads + 1)
            self._leads = child.says("controller.leads")
            child.kill()
            child.start()

    def _wait_for_the_end(self) -> None:
        within_s = self.plan.within_s + self.plan.long_job_s
        left = self.system.wait_settled(within_s)
        if left:
            self.problems.append(f"orders stand still: {dict(list(left.items())[:5])}")
        if not left:
            wait_until(
                self._all_is_released, within_s=20, why="the agent still has events to report"
            )

    def _all_is_released(self) -> bool:
        taken = self.system.link()["taken_n"]
        events = reading.agent_numbers(self.system.folder_of("agent-1") / "journal.sqlite")
        return bool(events) and taken >= max(events)

    # -- verdict ----------------------------------------------------------------------------

    def _judge_files(self) -> None:
        expected = {f"o{i} {step}" for i in range(self.plan.orders) for step in STEPS}
        found = Counter(lines(self.done))
        missing, twice = expected - found.keys(), [line for line, n in found.items() if n > 1]
        if missing:
            self.problems.append(f"{len(missing)} executions are missing: {sorted(missing)[:5]}")
        if twice:
            self.problems.append(f"{len(twice)} executions happened twice: {twice[:5]}")
        if lines(self.system.home / "long") != ["begun", "ended"]:
            self.problems.append(f"the long job ran so: {lines(self.system.home / 'long')}")

    def _judge_journals(self) -> None:
        self.problems += reading.gaps(reading.batches(self.system.connection()))
        entries = self.system.entries()
        known = reading.processed(entries)
        told = reading.processed(
            reading.agent_events(self.system.folder_of("agent-1") / "journal.sqlite")
        )
        if known != told:
            self.problems.append(
                f"the journals differ about {sorted((known - told) + (told - known))[:5]}"
            )
        if len(known) != self.plan.orders * len(STEPS) + 1 or set(known.values()) != {1}:
            self.problems.append(
                f"the controller knows of {sum(known.values())} ends of {len(known)} job runs"
            )
        self._judge_long_job(entries)

    def _judge_long_job(self, entries: list[Entry]) -> None:
        ends = [
            x.event for x in entries if x.order == "long" and isinstance(x.event, e.OrderProcessed)
        ]
        values = [end.outcome.values.get("result") for end in ends]
        if values != ["42"]:
            self.problems.append(f"the long job reported {values}")
