"""The order cases about admission and cycles, without an engine: only their times are looked at."""

import json
from typing import Any

import pytest

from tests.unit.timetable.cases import cycle_schedule, order_cases, scheme, us
from timetable.admission import begins_on, next_window
from timetable.repetition import first, following, from_text, starting, to_text

SECOND = 1_000_000
ORDER_DATE = slice(1, 11)
OTHER_RULES = {"continue-waiting-for-admission", "force-admission", "kill-at-end-of-window"}


class Jobs:
    """Plays the jobs of a case: how long each run takes and what it returns."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.simulate: dict[str, list[dict[str, Any]]] = case["simulate"]
        self.runs: list[str] = []
        self.last_returncode = 0

    def run(self, job: str, now: int) -> int:
        entries = self.simulate[job]
        entry = entries[min(self.runs.count(job), len(entries) - 1)]
        self.runs.append(job)
        self.last_returncode = entry["returncode"]
        return now + int(entry["seconds"] * SECOND)


def _order(case: dict[str, Any]) -> tuple[str, dict[str, Any], int]:
    """Return date of the order, its expectation and the offset at which it ends."""
    ((order_id, expected),) = case["expect"]["orders"].items()
    return order_id[ORDER_DATE], expected, int(expected["ended"].removesuffix("s")) * SECOND


def _ids(case: dict[str, Any]) -> str:
    return str(case["case"])


@pytest.mark.parametrize("case", order_cases("cycle"), ids=_ids)
def test_a_cycle_runs_as_often_as_its_case_says_and_ends_then(case: dict[str, Any]) -> None:
    _, expected, ended = _order(case)
    jobs = Jobs(case)
    end = _cycled(case, jobs)
    assert [label for label, _ in expected["trace"]] == jobs.runs
    assert end - us(case["start"]) == ended


def _cycled(case: dict[str, Any], jobs: Jobs) -> int:
    flow = case["workflows"]["flow"]
    cycle, *rest = flow["instructions"]
    schedule, zone = cycle_schedule(cycle["schedule"]), flow.get("timeZone", "Etc/UTC")
    now = us(case["start"])
    state = first(schedule, zone, _order(case)[0], now, only_one_period=False)
    while state is not None:
        state = from_text(to_text(state))
        command, at = _command_before(case, state.next_us)
        now = max(now, at)
        if command == "cancel":
            return now
        if command != "continue":
            state = starting(schedule, state, now, zone)
            assert state is not None
            assert state.next_us <= now
        now = jobs.run("poll", now)
        if jobs.last_returncode == 2:
            return now
        if jobs.last_returncode == 3 or case["case"] == "break-releases-lock":
            break
        state = following(schedule, state, now, zone)
    for instruction in rest:
        now = jobs.run(instruction["jobName"], now)
    return now


def _command_before(case: dict[str, Any], next_us: int) -> tuple[str, int]:
    """Return what a user does before the next cycle, else "", and when."""
    for step in case["steps"][1:]:
        if "at" in step:
            at = us(case["start"]) + int(step["at"].removesuffix("s")) * SECOND
            if us(case["start"]) < at < next_us:
                return next(iter(step["do"])), at
    return "", next_us


@pytest.mark.parametrize(
    "case", [c for c in order_cases("admission") if c["case"] not in OTHER_RULES], ids=_ids
)
def test_admission_lets_an_order_wait_and_skip_as_its_case_says(case: dict[str, Any]) -> None:
    _, expected, ended = _order(case)
    jobs = Jobs(case)
    begin = max(us(case["start"]), _scheduled(case))
    end = Walk(case, jobs).block(case["workflows"]["flow"]["instructions"], begin)
    done = [label for label, outcome in expected["trace"] if outcome != "skipped"]
    assert done == jobs.runs
    assert end - us(case["start"]) == ended


def test_the_cases_left_out_here_are_about_commands_and_kills_only() -> None:
    left_out = [c for c in order_cases("admission") if c["case"] in OTHER_RULES]
    assert len(left_out) == len(OTHER_RULES)
    for case in left_out:
        text = json.dumps(case)
        assert any(w in text for w in ("continue", "force_admission", "killAtEnd"))


def _scheduled(case: dict[str, Any]) -> int:
    return us(case["steps"][0]["do"]["add_order"].get("scheduled_for", case["start"]))


class Walk:
    """Walks through jobs and AdmissionTime blocks."""

    def __init__(self, case: dict[str, Any], jobs: Jobs) -> None:
        self.jobs = jobs
        self.flow = case["workflows"]["flow"]
        self.date = _order(case)[0]

    def block(self, instructions: list[dict[str, Any]], now: int) -> int:
        for instruction in instructions:
            if instruction["TYPE"] == "AdmissionTime":
                entered = self._entered(instruction, now)
                block = instruction["block"]["instructions"]
                now = now if entered is None else self.block(block, entered)
            else:
                name = instruction["jobName"]
                entered = self._entered(self.flow["jobs"][name], now)
                now = now if entered is None else self.jobs.run(name, entered)
        return now

    def _entered(self, limited: dict[str, Any], now: int) -> int | None:
        if "admissionTimeScheme" not in limited:
            return now
        periods = scheme(limited["admissionTimeScheme"])
        zone = self.flow.get("timeZone", "Etc/UTC")
        if limited.get("skipIfNoAdmissionForOrderDay") and not begins_on(periods, zone, self.date):
            return None
        window = next_window(periods, zone, now)
        assert window is not None
        return max(now, window.begin_us)
