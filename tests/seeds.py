"""Runs simulated nights by seed: `python -m tests.seeds --first 0 --count 2000`.

Prints what they have shown in one line, and for each failed seed how to see it again. Exits with 1
if one has failed.
"""

import argparse
import logging
import sys
from collections.abc import Iterable, Iterator
from functools import partial

from simulation.night import Plan, Verdict, plan
from simulation.search import Found, gathered, run, search, shrunk

SHRUNK_AT_MOST = 3


def main() -> int:
    """Run the nights that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.seeds", description=__doc__)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--memory", choices=("turn", "term", "whole"), default="term")
    parser.add_argument("--files", action="store_true", help="let files come and go besides")
    parser.add_argument("--coverage", action="store_true", help="show how often each thing came")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)  # the product complains about every accident
    seeds = range(asked.first, asked.first + asked.count)
    made = partial(plan, memory=asked.memory, files=asked.files)
    nights = search(map(made, seeds))
    found = gathered(announced(nights))
    for verdict in found.failed[:SHRUNK_AT_MOST]:
        shrink(verdict, made(verdict.seed))
    print(summary(found))  # noqa: T201
    if asked.coverage:
        for name, count in sorted(found.counts.items()):
            print(f"  {name} {count}")  # noqa: T201
    return 1 if found.failed else 0


def summary(found: Found) -> str:
    """Return the line that a run of seeds is known by."""
    kinds = sum(1 for count in found.counts.values() if count)
    return (
        f"{found.nights} seeds, {len(found.failed)} violations,"
        f" {found.hours_per_second:.2f} simulated hours a second, {kinds} kinds of things covered"
    )


def announced(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Yield the verdicts; print what a night violated, and how to see it again, as it comes."""
    for verdict in verdicts:
        if verdict.violations:
            announce(verdict)
        yield verdict


def announce(verdict: Verdict) -> None:
    """Print what a night violated, and how to see it again."""
    violation = verdict.violations[0]
    print(f"seed {verdict.seed}: {violation.invariant} at {violation.at_us}: {violation.sentence}")  # noqa: T201
    print(f"  again: python -m tests.seeds --first {verdict.seed} --count 1")  # noqa: T201


def shrink(verdict: Verdict, planned: Plan) -> None:
    """Print a smaller night that violates the same."""
    small = shrunk(planned, verdict)
    kinds = [kind for kind, weight in small.weights.items() if weight]
    print(f"seed {verdict.seed}, smaller: busy for {small.busy_s} s, with {', '.join(kinds)}")  # noqa: T201
    for violation in run(small).violations:
        print(f"  {violation.sentence[:500]}")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
