"""The same orders once more on another day."""

from collections.abc import Sequence
from datetime import date, datetime

from dailyplan import tables
from dailyplan.cycle import next_start
from dailyplan.difference import Insert, Key, Row
from dailyplan.new_orders import given_by_id
from dailyplan.origin import microseconds
from dailyplan.plan_settings import PlanConfig
from dailyplan.state import Flag
from dailyplan.verbs.changing import shifted
from dailyplan.wanted import Wanted, origins_of


def copy(
    rows: Sequence[Row], day: date, config: PlanConfig, *, key: str, now: datetime
) -> list[Key]:
    """Plan copies of rows on a day in the open transaction, and return their keys.

    Args:
        rows: of any days and states.
        day: to which they are copied; local times of the plan's zone stay.
        config: the settings.
        key: tells this copying from all others.
        now: the moment.
    """
    given = given_by_id(row.parameterisation for row in rows)
    made: list[Insert] = []
    for row in rows:
        days = (day - row.day).days
        origin = origins_of(given[row.parameterisation]).copied(f"{key}.{row.day}.{row.origin}")
        start_us = shifted(row.start_us, days, config)
        if row.repeat_s is None or row.end_us is None or row.starts is None:
            wanted = Wanted(day, origin, 0, start_us, 0, start_us)
            made.append(Insert(wanted, row.parameterisation, submit=False, next_us=None))
            continue
        moved_us = start_us - row.start_us
        end_us, out = row.end_us + moved_us, tuple(at + moved_us for at in row.left_out)
        wanted = Wanted(day, origin, 0, start_us, row.repeat_s, end_us, row.starts, out)
        next_us = next_start(start_us, end_us, row.repeat_s, out, microseconds(now))
        made.append(Insert(wanted, row.parameterisation, submit=False, next_us=next_us))
    tables.insert(made, int(Flag.COPIED))
    return [(one.wanted.day, one.wanted.origin) for one in made]
