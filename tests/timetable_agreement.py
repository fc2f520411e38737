"""The long comparison of the timetable with its oracles: `python -m tests.timetable_agreement`.

Random calendars, restrictions and schedules, then every change of every zone from 1970 to 2037.
One JSON line a figure; the exit status is 1 where they differ. `[--cases N] [--only PART]`.
"""

import argparse
import json
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.property.timetable import agreement
from tests.property.timetable.calendar_documents import schedules
from tests.property.timetable.zone_changes import (
    all_zones,
    changes_agree,
    changes_in_file,
    starts_around_agree,
)

ENOUGH = 100_000


def main() -> int:
    """Compare everything, print what was found, and return the exit status."""
    parser = argparse.ArgumentParser(prog="timetable_agreement", description=__doc__)
    parser.add_argument("--cases", type=int, default=ENOUGH, help="random documents, all together")
    parser.add_argument("--only", choices=["calendars", "restrictions", "schedules", "zones"])
    asked = parser.parse_args()
    third = asked.cases // 3 + 1
    parts: dict[str, Callable[[], int]] = {
        "calendars": lambda: random_cases(
            agreement.calendar_days_agree, agreement.calendars(), third
        ),
        "restrictions": lambda: random_cases(
            agreement.restricted_days_agree, agreement.restrictions(), third
        ),
        "schedules": lambda: random_cases(agreement.starts_agree, schedules(), third),
        "zones": all_changes,
    }
    return max(told(name, part) for name, part in parts.items() if asked.only in (None, name))


def random_cases(agree: Callable[[Any], None], cases: st.SearchStrategy[Any], count: int) -> int:
    """Return the number of cases; the first that differs raises, made small."""
    often = settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        # To explain, every line of every case is traced: that takes most of the time.
        phases=[phase for phase in Phase if phase is not Phase.explain],
    )
    often(given(cases)(agree))()
    return count


def all_changes() -> int:
    """Return the number of starts compared around all changes of all zones."""
    starts = 0
    for zone in all_zones():
        changes_agree(zone)
        starts += sum(starts_around_agree(zone, change) for change in changes_in_file(zone))
    return starts


def told(name: str, part: Callable[[], int]) -> int:
    """Run a part and print its line; returns 1 where the timetable and the oracle differ."""
    begin = time.monotonic()
    try:
        line: dict[str, Any] = {"compared": name, "count": part(), "problem": None}
    except AssertionError:
        line = {"compared": name, "problem": traceback.format_exc()}
    line["seconds"] = round(time.monotonic() - begin, 1)
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    return 1 if line["problem"] else 0


if __name__ == "__main__":
    sys.exit(main())
