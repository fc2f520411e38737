"""Runs a case on the started system, with real shell jobs.

Needs a running controller and agents, and Django's settings as `manage.py` has them. Each run puts
its workflows into a folder of its own and gives its orders ids of their own, so that cases run
beside each other and beside everything else.
"""

import json
import re
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from controller.journal import Entry, decode
from engine import seal
from engine.order.requests import Answer, SignedItem, TakeItems
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from simulation.watch import Watch
from tests.conformance.case import Case, Step, microseconds
from tests.conformance.judge import HALTED, ObservedOrder, ObservedRun, holds, problems
from tests.conformance.observe import observed_order, value_of
from tests.conformance.requests import answer_text, request_of

AT_ONCE = 8
STEP_S = 60.0
POLL_S = 0.1
QUIET_S = 1.0
HANDS_ON = ("agent_down", "agent_up", "kill_agent_host", "controller_down", "controller_up")
_DATE = re.compile(r"20\d\d-\d\d-\d\d")

Runner = Callable[[str, Case], list[str]]


def run_all(cases: list[tuple[str, Case]]) -> Runner:
    """Return a runner that has begun all these cases and tells of each when it is asked."""
    import django

    django.setup()
    agents = coupled_agents()
    if not agents:
        raise SystemExit("No agent is coupled with the controller: is the system started?")
    pool = ThreadPoolExecutor(AT_ONCE)
    run = secrets.token_hex(2)
    begun: dict[str, Future[list[str]]] = {
        name: pool.submit(lambda n=n, c=case: Real(c, f"{run}{n}", agents).run())  # type: ignore[misc]
        for n, (name, case) in enumerate(cases)
    }
    return lambda name, _: begun[name].result()


def needs_hands(case: Case) -> str | None:
    """Return why nobody but a harness that owns the processes can run a case, None if all can."""
    for step in case.steps:
        if step.command and step.command[0] in HANDS_ON:
            return f"{step.command[0]} needs a harness that owns the processes"
    if any(agent.process_limit for agent in case.agents.values()):
        return "process_limit needs an agent of its own"
    return None


def coupled_agents() -> list[str]:
    """Return the agents of the running system."""
    from controller.models import Link

    return sorted(Link.objects.filter(state="coupled").values_list("agent", flat=True))


def moved(case: Case, run: str, today: date) -> Case:
    """Return the case as of today, with order ids of its own."""
    begin = date.fromisoformat(case.start[:10])
    text = msgspec.json.encode(case).decode()
    text = _DATE.sub(lambda m: str(today + (date.fromisoformat(m[0]) - begin)), text)
    for root in sorted({i.split("|")[0] for i in _ids(msgspec.json.decode(text))}, key=len)[::-1]:
        text = re.sub(rf"{re.escape(root)}(?![\w.-])", f"{root}.{run}", text)
    return msgspec.json.decode(text, type=Case)


def _ids(case: dict[str, Any]) -> Iterator[str]:
    yield from case["expect"].get("orders", {})
    for step in case["steps"]:
        if "add_order" in step.get("do", {}):
            yield step["do"]["add_order"]["id"]


class Real:
    """One case on the running system."""

    def __init__(self, case: Case, run: str, agents: list[str]) -> None:
        self.case = moved(case, run, datetime.now(UTC).date())
        self.folder = f"conformance-{run}"
        self._agents = dict(zip(case.agents, _endless(agents), strict=False))
        self._scratch = tempfile.mkdtemp(prefix="stc-")
        self._programs: dict[str, Program] = {}
        self._versions = 0
        self.start_us = 0
        self.watch = Watch()
        self._read_no = _last_no()

    def run(self) -> list[str]:
        """Return what differs from the expectation; empty is right."""
        answer = self._deploy(self.case.workflows)
        if not answer.ok:
            return [f"not deployed: {[a.sentence for a in answer.answers if not a.ok]}"]
        self.start_us = _now_us()
        for n, step in enumerate(self.case.steps):
            problem = self._step(step)
            if problem:
                return [f"step {n}: {problem}", *problems(self.case, self, exact_times=False)]
        if not self._until(self._is_quiet, STEP_S):
            return ["it did not come to rest", *problems(self.case, self, exact_times=False)]
        return problems(self.case, self, exact_times=False)

    # -- steps ------------------------------------------------------------------------------

    def _step(self, step: Step) -> str | None:
        if step.at_s is not None:
            self._until(lambda: False, step.at_s - (_now_us() - self.start_us) / 1e6)
        when = step.when
        if when is not None and when.order is not None:
            order_id = when.order
            if not self._until(lambda: holds(when, self.order(order_id)), STEP_S):
                return f"never came true: {when}; {self.order(order_id)}"
        if not step.command:
            return None
        name, fields = step.command
        answer = self._deploy(fields["workflow"]) if name == "deploy" else self._ask(name, fields)
        found = answer_text(answer)
        return (
            None if found == step.answer else f"answered {found}, expected {step.answer}: {answer}"
        )

    def _ask(self, name: str, fields: dict[str, Any]) -> Answer | None:
        from controller.commands import ask, wait_for

        if "workflow" in fields:
            fields = {**fields, "workflow": f"{self.folder}/{fields['workflow']}"}
        request = request_of(name, fields, self._moment_us)
        return wait_for(ask(request, account="conformance"), timeout_s=STEP_S)

    def _moment_us(self, text: str) -> int:
        if text.startswith("+"):
            return self.start_us + int(text[1:-1]) * 1_000_000
        return microseconds(text)

    def _deploy(self, workflows: dict[str, dict[str, Any]]) -> Answer:
        from controller.commands import ask, wait_for

        self._versions += 1
        items = tuple(self._item(name, document) for name, document in workflows.items())
        answer = wait_for(ask(TakeItems(items), account="conformance"), timeout_s=STEP_S)
        assert answer is not None, "no controller answers"
        return answer

    def _item(self, name: str, document: dict[str, Any]) -> SignedItem:
        from agents.site_key import site_key

        path, version = f"{self.folder}/{name}", f"v{self._versions}"
        for job in document.get("jobs", {}).values():
            job["agentName"] = self._agents[job["agentName"]]
            env = job["executable"].setdefault("env", {})
            env["CASE_DIR"] = f"'{self._scratch}'"
        body = json.dumps(document).encode()
        workflow = read_workflow(body).workflow
        assert workflow is not None
        self._programs[f"{path}:{version}"] = Program(path, version, workflow)
        return seal.sealed(site_key(), "workflow", path, version, body)

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
        for entry in _entries_after(self._read_no):
            self._read_no = entry.no
            root = entry.order.split("|")[0]
            if root in self._roots():
                self.watch.take(entry)
                self._news_s = time.monotonic()

    def _roots(self) -> set[str]:
        adds = [s.command[1] for s in self.case.steps if s.command and s.command[0] == "add_order"]
        return {fields["id"] for fields in adds}

    _news_s = 0.0

    def _is_quiet(self) -> bool:
        """Tell whether nothing more will happen without a command."""
        orders = self.watch.world.orders.values()
        resting = all(o.suspended or type(o.state).__name__ in (*HALTED, "Forked") for o in orders)
        return resting and time.monotonic() - self._news_s > QUIET_S

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
        from controller.models import OrderRow

        return OrderRow.objects.filter(order_id=order_id).exists()

    def variable(self, order_id: str, name: str) -> object:
        """Return the value of a variable, with the names of workflows as the case has them."""
        seen = self.watch.seen[order_id]
        program = self._programs[f"{seen.order.workflow}:{seen.order.version}"]
        found = value_of(name, seen.order, program, _now_us())
        return found.replace(f"{self.folder}/", "") if isinstance(found, str) else found

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


def _endless(names: list[str]) -> Iterator[str]:
    while True:
        yield from names


def _now_us() -> int:
    return time.time_ns() // 1000


def _last_no() -> int:
    from django.db.models import Max

    from controller.models.journal import JournalBatch

    return JournalBatch.objects.aggregate(no=Max("last_no"))["no"] or 0


def _entries_after(no: int) -> Iterator[Entry]:
    from controller.models.journal import JournalBatch

    batches = JournalBatch.objects.filter(last_no__gt=no).order_by("first_no")
    for body in batches.values_list("body", flat=True):
        yield from (entry for entry in decode(bytes(body)) if entry.no > no)
