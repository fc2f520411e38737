"""What a schedule wants on each day, as rows: one for a start, one for a cyclic period. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from dailyplan.given import Given
from dailyplan.origin import SECOND_US, Origins
from timetable.calendars import Calendars
from timetable.day_bits import date_of
from timetable.local import DAY
from timetable.schedule import OrderParameterisation, Plan, Schedule
from timetable.start_rows import Row
from timetable.starts import start_forms

DAY_US = DAY * SECOND_US
NOTHING_GIVEN = (OrderParameterisation(),)


class Wanted(msgspec.Struct, frozen=True, gc=False):
    """A row that the plan should have. `given` is an index into the schedule's parameterisations.

    A cyclic one has `repeat_s` and starts before `end_us`, but for those `left_out`; a single start
    has 0 and `start_us` there.
    """

    day: date
    origin: int
    given: int
    start_us: int
    repeat_s: int = 0
    end_us: int = 0
    starts: int = 1
    left_out: tuple[int, ...] = ()


def givens_of(
    name: str, path: str, schedule: Schedule, workflows: Sequence[tuple[str, str]]
) -> tuple[Given, ...]:
    """Return what the orders of each start are given: one for each workflow and parameterisation.

    Args:
        name: of the schedule.
        path: of the schedule.
        schedule: its document.
        workflows: name and path of each workflow that it names.
    """
    found: list[Given] = []
    seen: dict[tuple[str, str], int] = {}
    for workflow_name, workflow in workflows:
        for one in schedule.order_parameterisations or NOTHING_GIVEN:
            order_name = one.order_name or name
            ordinal = seen.get((workflow_name, order_name), 0)
            seen[workflow_name, order_name] = ordinal + 1
            places = one.positions
            found.append(
                Given(
                    schedule=name,
                    schedule_path=path,
                    workflow_name=workflow_name,
                    workflow=workflow,
                    order_name=order_name,
                    ordinal=ordinal,
                    variables=one.variables,
                    start_position=places.start_position if places else None,
                    end_positions=places.end_positions if places else (),
                    block_position=places.block_position if places else None,
                    tags=one.tags,
                    force_admission=one.force_job_admission,
                    priority=one.priority,
                )
            )
    return tuple(found)


def wanted_rows(
    schedule: Schedule,
    calendars: Calendars,
    givens: Sequence[Given],
    *,
    first: date,
    last: date,
    plan: Plan,
) -> list[Wanted]:
    """Return the rows of the plan days from `first` to `last`, both inclusive, by day.

    Raises:
        TimetableError: the schedule cannot be planned.
    """
    if not givens or first > last:
        return []
    origins = [(n, origins_of(given)) for n, given in enumerate(givens)]
    found: list[Wanted] = []
    for day, rows in start_forms(schedule, calendars, first, last, plan):
        shown, by_us = date_of(day), day * DAY_US
        for row in rows:
            if row.left_out:
                found += _cut(row.on(day), origins)
                continue
            start_us, repeat_s = row.begin_us + by_us, row.repeat_us // SECOND_US
            end_us = start_us + row.slots * row.repeat_us
            for n, origin in origins:
                its = origin.cyclic(start_us) if repeat_s else origin.single(start_us)
                found.append(Wanted(shown, its, n, start_us, repeat_s, end_us, row.slots))
    return found


def origins_of(given: Given) -> Origins:
    """Return what makes the origins of a parameterisation's orders.

    It depends on names alone: what an order is given may change, and it is the same order.
    """
    return Origins(given.schedule, given.workflow_name, given.order_name, given.ordinal)


def _cut(row: Row, origins: Sequence[tuple[int, Origins]]) -> Iterator[Wanted]:
    """Yield the rows of a period of which starts are left out."""
    begin_us, end_us = row.first_us, row.last_us + row.repeat_us
    left_out = tuple(sorted(at for at in row.left_out if begin_us < at < end_us))
    repeat_s = row.repeat_us // SECOND_US
    for n, origin in origins:
        its = origin.cyclic(begin_us)
        yield Wanted(row.day, its, n, begin_us, repeat_s, end_us, row.count, left_out)
