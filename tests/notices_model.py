"""`python -m tests.notices_model`: the model of notices, and each rule taken away once.

One JSON line a search; the exit status is 1 where a situation violates a claim or a wrong rule is
not found. The search ends after `--states N`, by default a million; 0 goes on to the last one.
"""

import argparse
import json
import sys

from tests.property.notices.model import Bounds
from tests.property.notices.search import WRONG, Searched, searched

WHOLE = Bounds()
ENOUGH = 1_000_000
"""Situations that a search sees unless it is told otherwise."""


def main() -> int:
    """Search, print what was found, and return the exit status."""
    parser = argparse.ArgumentParser(prog="notices_model", description=__doc__)
    parser.add_argument("--states", type=int, default=ENOUGH)
    given = parser.parse_args()
    found = {rule: searched(WHOLE, rule, breadth=True) for rule in WRONG}
    for rule, wrong in found.items():
        tell(f"with {rule}", wrong)
    right = searched(WHOLE, most=given.states or None)
    tell("all rules", right)
    return 0 if all(w.problem for w in found.values()) and right.problem is None else 1


def tell(name: str, found: Searched) -> None:
    """Print one search as a line of JSON."""
    line = {
        "search": name,
        "states": found.states,
        "steps": found.steps,
        "seconds": round(found.seconds, 1),
        "whole": found.whole,
        "problem": found.problem,
        "way": found.way,
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
