"""`make soak`: the system tests, long: real processes under kills for as long as asked.

One JSON line a figure, problems on stderr; the exit status is 1 where anything was wrong.
`python -m tests.soak [--rounds N] [--orders N] [--waiting N] [--only PART]`.
"""

import argparse
import itertools
import json
import logging
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from tests.system import reading
from tests.system.failover import freeze_leader, kill_leader, quantile
from tests.system.harsh import Harsh, Plan
from tests.system.parts import Parts
from tests.system.stellwerk import System, lines
from tests.system.workflows import appending, steps

KILLS, FREEZES, PROMISE_S = 20, 10, 5.0
LONG_JOB_S = 60
AT_ONCE = 1_000
MOST_KB = 64 * 1024
"""Twenty times the orders of the normal test leave more in allocators and in the due window."""


def main() -> int:
    """Run every part and return the exit status."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the harsh test")
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--waiting", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["harsh", "rough", "failover", "waiting"])
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    seeds = itertools.count(given.seed)
    kinds: dict[str, Callable[[System], list[str]]] = {
        "harsh": lambda system: harsh(system, Plan(orders=given.orders, long_job_s=LONG_JOB_S)),
        "rough": lambda system: harsh(system, Plan(orders=given.orders, rough=next(seeds))),
        "failover": lambda system: failover(system, given.seed),
        "waiting": lambda system: waiting(system, given.waiting),
    }
    wanted = [given.only] if given.only else list(kinds)
    rounds = {"harsh": given.rounds, "rough": given.rounds}
    return over_parts([kinds[name] for name in wanted for _ in range(rounds.get(name, 1))])


def over_parts(rounds: list[Callable[[System], list[str]]]) -> int:
    """Run rounds, each in a system of its own over the same servers."""
    home = Path(tempfile.mkdtemp(prefix="sts-"))
    parts = Parts(home)
    problems: list[str] = []
    try:
        parts.start()
        for one in rounds:
            with System(parts) as system:
                problems += one(system)
    finally:
        parts.stop()
        shutil.rmtree(home, ignore_errors=True)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


def figure(workload: str, name: str, value: float, unit: str, n: int) -> None:
    """Print one figure as a line of JSON."""
    told = {"workload": workload, "figure": name, "value": round(value, 3), "unit": unit, "n": n}
    sys.stdout.write(json.dumps({**told, "load": os.getloadavg()[0]}) + "\n")
    sys.stdout.flush()


def harsh(system: System, plan: Plan) -> list[str]:
    """Run the harsh test; a carrier that is rough has fewer kills, as it resends all the time."""
    if plan.rough:
        plan = msgspec.structs.replace(plan, database_stops=0)
    began = time.monotonic()
    problems = Harsh(system, plan).run()
    name = "rough" if plan.rough else "harsh"
    figure(name, "duration", time.monotonic() - began, "s", plan.orders)
    figure(name, "problems", len(problems), "", plan.orders)
    return problems


def failover(system: System, seed: int) -> list[str]:
    """Kill and freeze leaders in a random order; every term must write behind the one before."""
    system.up(controllers=2)
    done = system.home / "done"
    system.deploy("quick", steps(appending(done), "only"))
    faults = [kill_leader] * KILLS + [freeze_leader] * FREEZES
    random.Random(seed).shuffle(faults)  # noqa: S311  # repeatable chance is the point
    taken = [fault(system, number) for number, fault in enumerate(faults)]
    system.wait_gone()
    figure("failover", "p50", statistics.median(taken), "s", len(taken))
    figure("failover", "p99", quantile(taken, 0.99), "s", len(taken))
    problems = reading.gaps(reading.batches(system.connection()))
    if quantile(taken, 0.99) >= PROMISE_S:
        problems.append(f"fail-over took {sorted(taken)[-3:]} s")
    if sorted(lines(done)) != sorted(f"after-fault-{n} only" for n in range(len(faults))):
        problems.append("orders beside the fail-overs did not run once each")
    return problems


def waiting(system: System, count: int) -> list[str]:
    """Add orders that wait for days; their number must not show in the controller's memory."""
    system.up()
    system.deploy("quick", steps("#!/bin/sh\n:\n", "only"))
    later_us = (int(time.time()) + 3 * 86_400) * 1_000_000
    child = system.controllers["controller-1"]
    before_kb, began = child.rss_kb(), time.monotonic()
    for start in range(0, count, AT_ONCE):
        names = [f"wait{i}" for i in range(start, min(start + AT_ONCE, count))]
        system.answer(system.add("quick", names, scheduled_us=later_us))
    figure("waiting", "adding", count / (time.monotonic() - began), "orders/s", count)
    grown_kb = child.rss_kb() - before_kb
    figure("waiting", "memory", grown_kb / 1024, "MB", count)
    pause = system.pause_of_an_order("quick")
    figure("waiting", "pause", pause, "s", count)
    problems = [] if grown_kb < MOST_KB else [f"{count} orders cost {grown_kb} KB"]
    return problems if pause < 1.0 else [*problems, f"beside {count} orders one took {pause} s"]


if __name__ == "__main__":
    sys.exit(main())
