"""Checking cycles, breaks and admission times."""

from typing import Any

import pytest

from engine.workflow.check import Known, check_workflow
from engine.workflow.model import (
    AdmissionTime,
    Block,
    Branch,
    Break,
    Cycle,
    Execute,
    Fork,
    ForkList,
    If,
    Instruction,
    Job,
    Lock,
    Retry,
    Segment,
    ShellScript,
    Try,
    Workflow,
)
from timetable.scheme import (
    AdmissionTimeScheme,
    Continuous,
    CycleSchedule,
    DailyPeriod,
    MonthlyDatePeriod,
    MonthlyLastDatePeriod,
    MonthlyLastWeekdayPeriod,
    MonthlyWeekdayPeriod,
    MonthRestriction,
    Period,
    Periodic,
    Repeat,
    RestrictedScheme,
    Scheme,
    SpecificDatePeriod,
    Ticking,
    WeekdayPeriod,
)

RUN = Execute("load")
HOURLY = CycleSchedule((Scheme(Periodic(3600)),))
BY_DAY = AdmissionTimeScheme((DailyPeriod(0, 3600),))


def job(agent: str = "agent-a", **fields: Any) -> Job:
    return Job(agent_name=agent, executable=ShellScript("true"), **fields)


def block(*instructions: Instruction, result: dict[str, str] | None = None) -> Block:
    return Block(instructions, result)


def problems(
    *instructions: Instruction, known: Known | None = None, **jobs: Job
) -> list[tuple[str, str]]:
    workflow = Workflow(instructions, {"load": job(), **jobs})
    return [(p.place, p.code) for p in check_workflow(workflow, known)]


# Cycles


def test_a_break_stands_within_a_cycle_of_the_same_order() -> None:
    deep = Cycle(
        block(If("$a", block(Try(block(Lock(block(Break()), lock_name="a")), block())))), HOURLY
    )
    assert problems(deep) == []
    forked = Cycle(block(Fork((Branch("x", block(Break())),))), HOURLY)
    place = "instructions[0].cycleWorkflow.instructions[0].branches[0].workflow.instructions[0]"
    assert problems(forked) == [(place, "break-misplaced")]
    listed = Cycle(block(ForkList(block(Break()), "$l", "x => $x")), HOURLY)
    assert [code for _, code in problems(listed)] == ["break-misplaced"]
    assert problems(Break()) == [("instructions[0]", "break-misplaced")]


def test_a_retry_does_not_reach_out_of_a_fork_over_a_list() -> None:
    fork = ForkList(block(Retry()), "$l", "x => $x")
    assert [c for _, c in problems(Try(block(RUN), block(fork)))] == ["retry-misplaced"]
    assert problems(Try(block(RUN), block(Lock(block(Retry()), lock_name="a")))) == []


@pytest.mark.parametrize(
    ("repeat", "place", "code"),
    [
        (Periodic(0), "period", "out-of-range"),
        (Periodic(3600, ()), "offsets", "offsets-missing"),
        (Periodic(3600, (3600,)), "offsets[0]", "out-of-range"),
        (Periodic(3600, (0, -1)), "offsets[1]", "out-of-range"),
        (Periodic(3600, (10, 10)), "offsets[1]", "offset-order"),
        (Ticking(0), "interval", "out-of-range"),
        (Continuous(-1), "pause", "out-of-range"),
        (Continuous(1, 0), "limit", "out-of-range"),
    ],
)
def test_repeats_have_bounds(repeat: Repeat, place: str, code: str) -> None:
    cycle = Cycle(block(RUN), CycleSchedule((Scheme(repeat),)))
    expected = (f"instructions[0].schedule.schemes[0].repeat.{place}", code)
    assert expected in problems(cycle)
    assert {p for p, _ in problems(cycle)} == {expected[0]}


def test_a_cycle_that_takes_no_time_does_not_run_without_a_pause() -> None:
    def cycle(repeat: Repeat, *body: Instruction) -> list[tuple[str, str]]:
        return problems(Cycle(block(*body), CycleSchedule((Scheme(repeat),))))

    place = ("instructions[0].schedule.schemes[0].repeat", "cycle-endless")
    assert cycle(Continuous()) == [place]
    assert cycle(Continuous(), Segment(block(If("$a", block())))) == [place]
    assert cycle(Continuous(), RUN) == cycle(Continuous(1)) == cycle(Continuous(0, 3)) == []


def test_a_cycle_needs_a_scheme() -> None:
    place = ("instructions[0].schedule.schemes", "schemes-missing")
    assert problems(Cycle(block(RUN), CycleSchedule(()))) == [place]


# Admission times


@pytest.mark.parametrize(
    ("period", "field"),
    [
        (DailyPeriod(86_400, 1), "secondOfDay"),
        (DailyPeriod(-1, 1), "secondOfDay"),
        (DailyPeriod(0, 0), "duration"),
        (DailyPeriod(0, 86_401), "duration"),
        (WeekdayPeriod(7 * 86_400, 1), "secondOfWeek"),
        (WeekdayPeriod(0, 7 * 86_400 + 1), "duration"),
        (MonthlyDatePeriod(31 * 86_400, 1), "secondOfMonth"),
        (MonthlyLastDatePeriod(1, 1), "lastSecondOfMonth"),
        (MonthlyLastDatePeriod(-28 * 86_400 - 1, 1), "lastSecondOfMonth"),
        (MonthlyWeekdayPeriod(35 * 86_400, 1), "secondOfWeeks"),
        (MonthlyLastWeekdayPeriod(0, 1), "secondOfWeeks"),
        (SpecificDatePeriod(-1, 1), "secondsSinceLocalEpoch"),
    ],
)
def test_periods_have_bounds(period: Period, field: str) -> None:
    inner = RestrictedScheme(MonthRestriction((1,)), (period,))
    admission = AdmissionTime(block(), AdmissionTimeScheme((period,), (inner,)))
    at = "instructions[0].admissionTimeScheme"
    assert problems(admission) == [
        (f"{at}.periods[0].{field}", "out-of-range"),
        (f"{at}.restrictedSchemes[0].periods[0].{field}", "out-of-range"),
    ]


@pytest.mark.parametrize(
    ("months", "found"),
    [
        ((), ("", "months-missing")),
        ((0,), ("[0]", "out-of-range")),
        ((13,), ("[0]", "out-of-range")),
        ((1, 2, 1), ("[2]", "month-repeated")),
    ],
)
def test_months_are_those_of_a_year(months: tuple[int, ...], found: tuple[str, str]) -> None:
    restricted = RestrictedScheme(MonthRestriction(months), (DailyPeriod(0, 60),))
    at = "instructions[0].admissionTimeScheme.restrictedSchemes[0].restriction.months"
    admission = AdmissionTime(block(), AdmissionTimeScheme((), (restricted,)))
    assert problems(admission) == [(f"{at}{found[0]}", found[1])]


def test_a_scheme_without_periods_is_pointed_out_and_a_job_may_have_one() -> None:
    never = AdmissionTimeScheme()
    assert problems(load=job(admission_time_scheme=never)) == [
        ("jobs.load.admissionTimeScheme", "never-admitted")
    ]
    assert problems(load=job(admission_time_scheme=BY_DAY)) == []
    marked = job(skip_if_no_admission_for_order_day=True, kill_at_end_of_admission_period=True)
    assert problems(load=marked) == [
        ("jobs.load.skipIfNoAdmissionForOrderDay", "without-effect"),
        ("jobs.load.killAtEndOfAdmissionPeriod", "without-effect"),
    ]
