"""Warnings of job runs: what the agent says, and what is unusual compared with earlier runs."""

import psycopg
import pytest

from engine.order import events as e
from engine.order import model as m
from history.judge import warning_of
from history.models import JobRun
from history.runs import Judged, day_of
from tests.component.history.test_history_follow import follow
from tests.journal_writing import BEGIN_US, Step, added

SECOND_US = 1_000_000


def runs(order: str, *seconds: int, usual: tuple[float | None, float | None] | None) -> list[Step]:
    """Return an order that runs its job so often, each time for so many seconds."""
    steps, at_us = [added(order), (order, e.OrderStarted(BEGIN_US))], BEGIN_US
    for number, lasts_s in enumerate(seconds):
        attempt, end_us = f"{order}:{number}", at_us + lasts_s * SECOND_US
        start = e.OrderProcessingStarted("agent-1", attempt, "job", None, (0,), at_us, "CRITICAL")
        said = ("returned 3, which counts as a warning",) if number == 0 else ()
        outcome = m.Outcome("succeeded", 0, warnings=said)
        steps += [
            (order, start),
            (order, e.OrderProcessed(attempt, outcome, None, end_us, usual)),
            (order, e.OrderMoved((0,))),
        ]
        at_us = end_us + SECOND_US
    return steps


@pytest.mark.parametrize("at_once", [True, False])
def test_a_run_is_compared_with_the_mean_of_earlier_ones(
    conn: psycopg.Connection, at_once: bool
) -> None:
    steps = runs("a", 10, 20, 15, 19, 7, usual=(50.0, 20.0))
    follow(conn, *([steps] if at_once else [[step] for step in steps]))
    found = list(JobRun.objects.order_by("no").values_list("warnings", "criticality"))
    assert {criticality for _, criticality in found} == {"CRITICAL"}
    assert [warnings for warnings, _ in found] == [
        ["returned 3, which counts as a warning"],
        ["ran 20 s, over 20% longer than the usual 10 s"],
        None,
        ["ran 19 s, over 20% longer than the usual 15 s"],
        ["ran 7 s, over 50% shorter than the usual 16 s"],
    ]


def test_without_limits_nothing_is_judged(conn: psycopg.Connection) -> None:
    follow(conn, runs("a", 10, 100, usual=None))
    assert [run.warnings for run in JobRun.objects.order_by("no")][1] is None


def test_the_first_run_is_not_unusual() -> None:
    assert warning_of(Judged(day_of(0), 1, 10.0, 10.0), 100.0, None) is None
