"""`python -m tests.notices_model`: the model of notices, and each rule taken away once.

One JSON line a search; the exit status is 1 where a situation violates a claim or a wrong rule is
not found. The search ends after `--states N`, by default a million; 0 goes on to the last one. The
other policies of a board, with deleting by force, get a quarter of it each.
"""

import argparse
import json
import sys

from msgspec.structs import replace

from tests.property.notices.model import Bounds
from tests.property.notices.search import POLICIES, WRONG, Searched, searched

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
        told(f"with {rule}", wrong)
    rights = [told("all rules", searched(WHOLE, most=given.states or None))]
    for policy in POLICIES:
        bounds = replace(WHOLE, policy=policy, forces=1)
        rights.append(told(policy, searched(bounds, most=given.states // 4 or None)))
    is_right = all(right.problem is None for right in rights)
    return 0 if all(w.problem for w in found.values()) and is_right else 1


def told(name: str, found: Searched) -> Searched:
    """Return a search after it was printed as a line of JSON."""
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
    return found


if __name__ == "__main__":
    sys.exit(main())
