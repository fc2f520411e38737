"""Runs a case on a running system, with real shell jobs.

Each run puts its objects into a folder of its own and gives its orders ids of their own, so that
cases run beside each other and beside everything else. Cases that end processes get a system of
their own, see `tests.conformance.alone`.
"""

import json
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from engine import seal
from engine.order.events import OrderAdded
from engine.order.model import Fresh, Ready
from engine.order.object_events import OBJECT_EVENTS
from engine.order.requests import Answer, SignedItem, TakeItems
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from simulation.watch import Watch
from tests.conformance.case import Case, Step, When, microseconds
from tests.conformance.ground import Ground
from tests.conformance.judge import HALTED, ObservedOrder, ObservedRun, holds, problems
from tests.conformance.moved import moved, renamed
from tests.conformance.observe import observed_order, value_of
from tests.conformance.requests import answer_text, request_of

AT_ONCE = 8
STEP_S = 60.0
POLL_S = 0.1
QUIET_S = 1.0
HANDS_ON = ("agent_down", "agent_up", "kill_agent_host", "controller_down", "controller_up")
WAITING = (
    "Forked", "WaitingForLock", "ExpectingNotices", "Prompting", "StoppedWhileFresh",
    "FailedWhileFresh", "FailedInFork",
)  # fmt: skip

Runner = Callable[[str, Case], list[str]]


class Hands(Protocol):
    """Ends and starts processes of the system; agents by their names in the case."""

    def do(self, command: str, agent: str) -> None:
        """Carry out `agent_down`, `kill_agent_host` and so on."""


def run_all(cases: list[tuple[str, Case]]) -> Runner:
    """Return a runner that has begun all these cases and tells of each when it is asked."""
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cockpit.settings")
    django.setup()
    from agents.site_key import site_key
    from cluster.connection import dsn_from_url

    dsn = dsn_from_url(settings.DATABASE_URL, "conformance")
    ground = Ground(dsn, site_key(), [], settings.STELLWERK_CONTROLLER_ID)
    agents = coupled_agents(ground)
    if not agents:
        raise SystemExit("No agent is coupled with the controller: is the system started?")

    return begun(cases, Ground(dsn, ground.site_key, agents, ground.controller))


@contextmanager
def run_on_own(cases: list[tuple[str, Case]]) -> Iterator[Runner]:
    """Start a system of two agents for these cases; it ends with the block."""
    from tests.conformance.alone import CONTROLLER
    from tests.system.parts import Parts
    from tests.system.stellwerk import System

    with tempfile.TemporaryDirectory(prefix="stw-") as folder:
        parts = Parts(Path(folder)).start()
        try:
            with System(parts).up("agent-1", "agent-2") as system:
                dsn = parts.database_url(system.database)
                yield begun(cases, Ground(dsn, system.site, ["agent-1", "agent-2"], CONTROLLER))
        finally:
            parts.stop()


def begun(cases: list[tuple[str, Case]], ground: Ground) -> Runner:
    """Return a runner over cases that run beside each other, those with hands one by one."""
    from tests.conformance.alone import Alone

    def run(case: Case, name: str) -> list[str]:
        own = Ground(ground.dsn, ground.site_key, ground.agents, ground.controller)
        try:
            return Real(case, name, own).run()
        finally:
            own.close()

    beside, alone = ThreadPoolExecutor(AT_ONCE), Alone()
    one_by_one = ThreadPoolExecutor(1)
    run_id = secrets.token_hex(2)
    found: dict[str, Future[list[str]]] = {}
    for n, (name, case) in enumerate(cases):
        if needs_hands(case):
            found[name] = one_by_one.submit(alone.run, case, f"{run_id}{n}")
        else:
            found[name] = beside.submit(run, case, f"{run_id}{n}")
    one_by_one.submit(alone.close)
    return lambda name, _: found[name].result()


def needs_hands(case: Case) -> str | None:
    """Return why a case needs a system of its own, None if it can run beside others."""
    for step in case.steps:
        if step.command and step.command[0] in HANDS_ON:
            return f"{step.command[0]} ends processes"
    if any(agent.process_limit for agent in case.agents.values()):
        return "process_limit needs an agent of its own"
    return None


def coupled_agents(ground: Ground) -> list[str]:
    """Return the agents of the running system."""
    found = ground.rows("SELECT agent FROM controller_link WHERE state='coupled' ORDER BY agent")
    return [agent for (agent,) in found]


class Real:
    """One case on a running system."""

    def __init__(self, case: Case, run: str, ground: Ground, hands: Hands | None = None) -> None:
        self.case = moved(case, run, datetime.now(UTC).date())
        self.ground, self._hands = ground, hands
        self.folder, self._suffix = f"conformance-{run}", f"-{run}"
        self._agents = dict(zip(case.agents, _endless(ground.agents), strict=False))
        self._scratch = tempfile.mkdtemp(prefix="stc-")
        self._programs: dict[str, Program] = {}
        self._versions = 0
        self.start_us = 0
        self.watch = Watch()
        self._read_no = ground.last_no()
        self._roots: set[str] = set()
        self._news_s = 0.0

    def run(self) -> list[str]:
        """Return what differs from the expectation; empty is right."""
        answer = self._deploy(self.case.workflows, self.case.objects)
        if not answer.ok:
            return [f"not deployed: {[a.sentence for a in answer.answers if not a.ok]}"]
        self.start_us = _now_us()
        for n, step in enumerate(self.case.steps):
            problem = self._step(step)
            if problem:
                return [f"step {n}: {problem}", *problems(self.case, self, exact_times=False)]
        if not self._until(self._is_quiet, STEP_S):
            return ["it did not come to rest", *problems(self.case, self, exact_times=False)]
        # What is still to follow without a command follows at once.
        self._until(lambda: not problems(self.case, self, exact_times=False), QUIET_S)
        return problems(self.case, self, exact_times=False)

    # -- steps ------------------------------------------------------------------------------

    def _step(self, step: Step) -> str | None:
        if step.at_s is not None:
            self._until(lambda: False, step.at_s - (_now_us() - self.start_us) / 1e6)
        if step.when is not None:
            when = step.when
            if not self._until(lambda: self._holds(when), STEP_S):
                return f"never came true: {when}; {self.order(when.order or '')}"
        return self._do(*step.command, expected=step.answer) if step.command else None

    def _holds(self, when: When) -> bool:
        if when.notice and when.notice["key"] not in self.notices(when.notice["board"]):
            return False
        return when.order is None or holds(when, self.order(when.order))

    def _do(self, name: str, fields: dict[str, Any], *, expected: str) -> str | None:
        if name in HANDS_ON:
            assert self._hands is not None, "nobody owns the processes"
            self._hands.do(name, self._agents.get(fields.get("agent", ""), ""))
            return None
        answer = self._deploy_of(fields) if name == "deploy" else self._ask(name, fields)
        found = answer_text(answer)
        return None if found == expected else f"answered {found}, expected {expected}: {answer}"

    def _ask(self, name: str, fields: dict[str, Any]) -> Answer | None:
        if "workflow" in fields:
            fields = {**fields, "workflow": f"{self.folder}/{fields['workflow']}"}
        if "board" in fields:
            fields = {**fields, "board": self._path(fields["board"])}
        return self.ground.ask(request_of(name, fields, self._moment_us))

    def _moment_us(self, text: str) -> int:
        if text.startswith("+"):
            return self.start_us + int(text[1:-1]) * 1_000_000
        return microseconds(text)

    # -- deploying --------------------------------------------------------------------------

    def _deploy_of(self, fields: dict[str, Any]) -> Answer:
        found = fields.get("job_resources", {})
        resources = {("jobresource", name): document for name, document in found.items()}
        return self._deploy(fields.get("workflow", {}), resources)

    def _deploy(
        self, workflows: dict[str, Any], objects: dict[tuple[str, str], dict[str, Any]]
    ) -> Answer:
        self._versions += 1
        items = [self._object(kind, name, document) for (kind, name), document in objects.items()]
        items += [self._workflow(name, document) for name, document in workflows.items()]
        answer = self.ground.ask(TakeItems(tuple(items)))
        assert answer is not None, "no controller answers"
        return answer

    def _object(self, kind: str, name: str, document: dict[str, Any]) -> SignedItem:
        body = json.dumps(renamed(document, self._suffix, self.folder)).encode()
        return self._sealed(kind, self._path(name), body)

    def _workflow(self, name: str, document: dict[str, Any]) -> SignedItem:
        document = renamed(document, self._suffix, self.folder)
        for job in document.get("jobs", {}).values():
            job["agentName"] = self._agents[job["agentName"]]
            env = job["executable"].setdefault("env", {})
            env["CASE_DIR"] = f"'{self._scratch}'"
        document = _with_agents(document, self._agents)
        item = self._sealed("workflow", f"{self.folder}/{name}", json.dumps(document).encode())
        workflow = read_workflow(item.document).workflow
        assert workflow is not None
        self._programs[f"{item.path}:{item.version}"] = Program(item.path, item.version, workflow)
        return item

    def _sealed(self, kind: str, path: str, body: bytes) -> SignedItem:
        return seal.sealed(self.ground.site_key, kind, path, f"v{self._versions}", body)

    def _path(self, name: str) -> str:
        return f"{self.folder}/{name}{self._suffix}"

    # -- waiting ----------------------------------------------------------------------------

    def _until(self, condition: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while True:
            self._follow()
            if condition():
                return True
            if time.monotonic() >= end:
                return False
            time.sleep(min(POLL_S, max(0.0, end - time.monotonic())))

    def _follow(self) -> None:
        for entry in self.ground.entries_after(self._read_no):
            self._read_no = entry.no
            event = entry.event
            if isinstance(event, OrderAdded) and event.order.workflow.startswith(f"{self.folder}/"):
                self._roots.add(entry.order)
            mine = type(event) in OBJECT_EVENTS and self.folder in entry.order
            if mine or entry.order.split("|")[0] in self._roots:
                self.watch.take(entry)
                self._news_s = time.monotonic()

    def _is_quiet(self) -> bool:
        """Tell whether nothing more will happen without a command."""
        orders = self.watch.world.orders.values()
        resting = all(
            o.suspended or type(o.state).__name__ in (*HALTED, *WAITING) or self._is_frozen(o.id)
            for o in orders
        )
        return resting and time.monotonic() - self._news_s > QUIET_S

    def _is_frozen(self, order_id: str) -> bool:
        order = self.watch.world.orders[order_id]
        stands = isinstance(order.state, Fresh | Ready)
        return stands and self.watch.world.control(order.workflow).suspended

    # -- what is observed -------------------------------------------------------------------

    def order(self, order_id: str) -> ObservedOrder | None:
        """Return the order as it was last seen."""
        seen = self.watch.seen.get(order_id)
        if seen is None:
            return None
        program = self._programs[f"{seen.order.workflow}:{seen.order.version}"]
        return observed_order(seen, program, self.start_us)

    def is_known(self, order_id: str) -> bool:
        """Tell whether the engine knows the order now."""
        return self.ground.is_known(order_id)

    def variable(self, order_id: str, name: str) -> object:
        """Return the value of a variable, with the names of workflows as the case has them."""
        seen = self.watch.seen[order_id]
        program = self._programs[f"{seen.order.workflow}:{seen.order.version}"]
        found = value_of(name, seen.order, program, _now_us())
        return found.replace(f"{self.folder}/", "") if isinstance(found, str) else found

    def notices(self, board: str) -> list[str]:
        """Return the keys of the notices that are present, sorted."""
        return sorted(self.ground.notices(self._path(board)))

    def lock(self, path: str) -> tuple[list[str], list[str]]:
        """Return who holds a lock, sorted, and its queue in order."""
        return self.ground.lock(self._path(path))

    def runs(self) -> list[ObservedRun] | None:
        """Return the processes as the journal tells of them."""
        return [
            ObservedRun(order_id, r.job, r.began_us / 1e6, r.ended_us / 1e6)
            for order_id, seen in self.watch.seen.items()
            for r in seen.runs
        ]

    def ids(self) -> list[str]:
        """Return the ids of all orders that were added."""
        return [i for i in self.watch.seen if "|" not in i]


def _with_agents(value: Any, agents: dict[str, str]) -> Any:
    """Return a document whose blocks name agents of the running system."""
    match value:
        case dict():
            return {
                k: agents.get(v, v) if k == "agentName" else _with_agents(v, agents)
                for k, v in value.items()
            }
        case list():
            return [_with_agents(v, agents) for v in value]
        case _:
            return value


def _endless(names: list[str]) -> Iterator[str]:
    while True:
        yield from names


def _now_us() -> int:
    return time.time_ns() // 1000
