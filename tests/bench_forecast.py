"""`python -m tests.bench_forecast`: what a forecast costs, and how well it meets recorded days.

The load: 2,000 orders of 5 jobs each, with locks, notices and process limits. The back-test: days
of a simulated installation whose jobs last as they please (log-normal); each day is forecast from
the runs of the days before it and compared with what then happened.
"""

import json
import time
from collections.abc import Mapping
from random import Random
from statistics import fmean, median
from typing import Any

from msgspec.structs import replace

from engine.order.requests import AddOrders, NewOrder, SignedItem
from simulation.forecast.forecast import forecast
from simulation.forecast.snapshot import AgentSeen, Ran, Snapshot
from simulation.jobs import Behaviour
from simulation.system import START_US, System
from tests.forecasting import SECOND_US, ends_of, snapshot_of

ORDERS, WORKFLOWS, JOBS_EACH, AGENTS = 2_000, 200, 5, 10
DAYS, FIRST_DAY, FLOWS_A_DAY = 25, 5, 24
LIMITS: Mapping[str, int | None] = {"agent-a": 3, "agent-b": 3}
BOARD = {"boardType": "GLOBAL", "postOrderToNoticeId": "'n'", "expectOrderToNoticeId": "'n'"}
DAY_US = 86_400 * SECOND_US


def document(n: int, agent: str, parallelism: int = 3) -> dict[str, Any]:
    """Return a workflow of a chain of jobs; some hold a lock, post a notice or expect one."""
    chain: list[dict[str, Any]] = [
        {"TYPE": "Execute.Named", "jobName": f"f{n}j{i}", "label": f"l{i}"}
        for i in range(JOBS_EACH)
    ]
    if n % 5 == 0:
        demands = [{"lockName": f"lock{n % 3}", "count": 1}]
        chain = [{"TYPE": "Lock", "demands": demands, "lockedWorkflow": {"instructions": chain}}]
    if n % 7 == 0:
        chain.append({"TYPE": "PostNotices", "noticeBoardNames": ["done"]})
    if n % 11 == 3:
        chain.insert(0, {"TYPE": "ExpectNotices", "noticeBoardNames": "'done'"})
    job = {
        "agentName": agent,
        "executable": {"TYPE": "ShellScriptExecutable", "script": "exit"},
        "parallelism": parallelism,
    }
    return {"instructions": chain, "jobs": {f"f{n}j{i}": job for i in range(JOBS_EACH)}}


def objects() -> dict[tuple[str, str], dict[str, Any]]:
    """Return locks and a board."""
    locks: dict[tuple[str, str], dict[str, Any]] = {
        ("lock", f"lock{n}"): {"limit": 2} for n in range(3)
    }
    return {**locks, ("noticeboard", "done"): BOARD}


def load() -> Snapshot:
    """Return the load."""
    chance = Random(7)  # noqa: S311
    flows = {("workflow", f"w{n}"): document(n, f"agent-{n % AGENTS}") for n in range(WORKFLOWS)}
    items = [
        SignedItem(kind, path, "v1", json.dumps(one).encode(), b"")
        for (kind, path), one in {**flows, **objects()}.items()
    ]
    seconds = [tuple(sorted(chance.uniform(5, 100) for _ in range(20))) for _ in range(1_000)]
    return Snapshot(
        now_us=START_US,
        until_us=START_US + 2 * DAY_US,
        items=tuple(items),
        current={f"w{n}": "v1" for n in range(WORKFLOWS)},
        coming=tuple(
            NewOrder(f"o{k}", f"w{k % WORKFLOWS}", scheduled_us=START_US + k * 37 * SECOND_US)
            for k in range(ORDERS)
        ),
        agents=tuple(AgentSeen(f"agent-{n}", 4) for n in range(AGENTS)),
        ran=tuple(
            Ran(f"w{n}", f"f{n}j{i}", f"l{i}", seconds[n * JOBS_EACH + i])
            for n in range(WORKFLOWS)
            for i in range(JOBS_EACH)
        ),
    )


def measure() -> None:
    """Tell what the load costs."""
    snapshot = load()
    began = time.process_time()
    found = forecast(snapshot).coverage
    cpu_s = time.process_time() - began
    print(  # noqa: T201
        f"{found.orders} orders, {found.jobs} job runs, {found.ended} end: {cpu_s:.1f} s CPU for"
        f" two runs of {found.events} events, {2 * found.events / cpu_s:,.0f} events/s"
    )


def back_test(spread: float) -> None:
    """Tell how far forecasts of days were from what happened, with jobs that vary so much."""
    chance = Random(11)  # noqa: S311
    names = [f"f{n}j{i}" for n in range(FLOWS_A_DAY) for i in range(JOBS_EACH)]
    usual = {name: chance.uniform(60, 900) for name in names}
    days = [
        {n: s * chance.lognormvariate(0, spread) for n, s in usual.items()} for _ in range(DAYS)
    ]
    off: list[float] = []
    lasting: list[float] = []
    kept: list[bool] = []
    for day in range(FIRST_DAY, DAYS):
        found, happened = _one_day(days[:day], days[day])
        for order in found.orders:
            if order.end_us is not None and order.id in happened and not order.is_child:
                off.append(abs(order.end_us - happened[order.id]) / SECOND_US)
                lasting.append((happened[order.id] - (order.scheduled_us or 0)) / SECOND_US)
                kept.append(happened[order.id] <= (order.late_end_us or 0))
    share = 100 * fmean(off) / fmean(lasting)
    print(  # noqa: T201
        f"spread {spread}: {len(off)} orders of {DAYS - FIRST_DAY} days lasted"
        f" {fmean(lasting):.0f} s; mean error of the end {fmean(off):.0f} s ({share:.0f} %),"
        f" median {median(off):.0f} s; {100 * fmean(kept):.0f} % ended before their late end"
    )


def _one_day(before: list[dict[str, float]], today: dict[str, float]) -> tuple[Any, dict[str, int]]:
    """Return the forecast of a day from the days before, and how its orders ended."""
    system = System(LIMITS, {n: (Behaviour(seconds=s),) for n, s in today.items()})
    flows = {f"w{n}": document(n, f"agent-{'ab'[n % 2]}") for n in range(FLOWS_A_DAY)}
    assert system.deploy(flows, objects()).ok  # made above
    coming = [
        NewOrder(f"o{n}", f"w{n}", scheduled_us=START_US + n * 400 * SECOND_US)
        for n in range(FLOWS_A_DAY)
    ]
    snapshot = snapshot_of(system, {}, until_us=START_US + DAY_US, limits=LIMITS, coming=coming)
    ran = tuple(
        Ran(
            f"w{name[1:].split('j')[0]}", name, "", tuple(sorted(day[name] for day in before[-20:]))
        )
        for name in today
    )
    found = forecast(replace(snapshot, ran=ran))
    system.ask(AddOrders(tuple(coming)))
    system.run_to(START_US + DAY_US)
    return found, ends_of(system)


if __name__ == "__main__":
    measure()
    for one in (0.0, 0.1, 0.3, 0.6):
        back_test(one)
