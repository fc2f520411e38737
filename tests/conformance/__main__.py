"""Runs conformance cases: `python -m tests.conformance orders|timetable [--real] [DIR]`.

One line a case, `N passed, N failed` at the end, and an exit status of 1 if one has failed.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from tests.conformance.case import ORDERS, Case, read_cases
from tests.conformance.simulated import Simulated
from tests.conformance.timetable_cases import CASES, problems_of, read_timetable_cases

Run = Callable[[str, Case], list[str]]


def main(arguments: list[str]) -> int:
    """Run the cases that the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance")
    parser.add_argument("subject", choices=["orders", "timetable"])
    parser.add_argument("--real", action="store_true", help="on the running system")
    parser.add_argument("--own", action="store_true", help="with --real: on a system started here")
    parser.add_argument("folder", nargs="?", type=lambda text: Path(text) if text else None)
    options = parser.parse_intermixed_args(arguments)
    if options.subject == "timetable":
        return timetable(options.folder or CASES)
    cases = list(read_cases(options.folder or ORDERS))
    if options.real:
        from tests.conformance.real import run_all, run_on_own

        cases = [(name, case) for name, case in cases if case.real]
        if options.own:
            with run_on_own(cases) as run:
                return tell(cases, run)
        return tell(cases, run_all(cases))
    return tell(cases, lambda _, case: Simulated(case).run())


def timetable(folder: Path) -> int:
    """Run and print the timetable's cases of a folder."""
    return report(
        (f"{group}/{name}", attempt(partial(problems_of, group, case)))
        for group, name, case in read_timetable_cases(folder)
    )


def tell(cases: list[tuple[str, Case]], run: Run) -> int:
    """Run and print each case."""
    return report((name, attempt(partial(run, name, case))) for name, case in cases)


def report(judged: Iterable[tuple[str, list[str]]]) -> int:
    """Print each case with its problems and how many passed; returns the exit status."""
    passed = failed = 0
    for name, problems in judged:
        passed, failed = passed + (not problems), failed + bool(problems)
        say(f"FAIL {name}: {'; '.join(problems)}" if problems else f"ok {name}")
    say(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)  # noqa: T201  # a command line


def attempt(run: Callable[[], list[str]]) -> list[str]:
    """Return the problems of a case; an exception is one."""
    try:
        return run()
    except Exception as problem:
        return [f"{type(problem).__name__}: {problem}"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
