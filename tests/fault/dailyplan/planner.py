"""A planner in a process of its own that can be killed: plans again and again, unfenced.

Unfenced on purpose: two of them run at the same time, and guards alone keep them from harm. Its
clock goes ahead of the real one by the seconds given.
"""

import sys
from datetime import UTC, datetime, timedelta

import django


def main() -> None:
    """Plan until killed."""
    django.setup()
    from django.db import OperationalError, transaction

    from dailyplan.once import plan_once

    ahead = timedelta(seconds=float(sys.argv[1]))
    print("ready", flush=True)  # noqa: T201  # the test waits for it, and hears nothing more
    while True:
        try:
            plan_once(datetime.now(UTC) + ahead, transaction.atomic)
        except OperationalError:
            continue  # a deadlock is no harm: nothing was written


if __name__ == "__main__":
    main()
