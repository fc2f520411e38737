"""What schedules would do on any days, planned or not: computed from them, kept by month."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from dailyplan.plan_settings import PlanConfig
from dailyplan.released import Released, ReleasedSchedule
from dailyplan.statements import changed, fetched
from timetable.errors import TimetableError
from timetable.schedule import Plan, Schedule
from timetable.starts import start_rows

_DAY = timedelta(days=1)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[int, int]).decode
_KEEP = """
    INSERT INTO dailyplan_projectedmonth (digest, month, body)
    SELECT * FROM unnest(%s::bytea[], %s::date[], %s::bytea[]) ON CONFLICT DO NOTHING"""
_KEPT = """
    SELECT digest, month, body FROM dailyplan_projectedmonth
     WHERE digest = ANY (%s) AND month BETWEEN %s AND %s"""


class Projected(msgspec.Struct, frozen=True):
    """How many orders schedules have on a day; `schedules` counts each by its path."""

    day: date
    orders: int
    schedules: dict[str, int]


class Projection(msgspec.Struct, frozen=True):
    """The days of a range, all of them, and the schedules that nobody can plan."""

    days: list[Projected]
    problems: dict[str, str]


def project(
    schedules: Sequence[ReleasedSchedule],
    released: Released,
    config: PlanConfig,
    *,
    first: date,
    last: date,
    given: str = "",
) -> Projection:
    """Return how many orders the schedules would have on each day, both bounds inclusive.

    Months that were computed before, with the same documents and settings, are read.
    """
    months = list(_months(first, last))
    digests = {
        one.path: released.digest(one, config.time_zone, config.period_begin, given)
        for one in schedules
    }
    kept = _kept(list(digests.values()), months)
    problems: dict[str, str] = {}
    new: list[tuple[bytes, date, bytes]] = []
    by_day: dict[date, dict[str, int]] = {}
    for one in schedules:
        digest = digests[one.path]
        found = kept.get(digest, {})
        try:
            computed = _computed(one, released, config, [m for m in months if m not in found])
        except (TimetableError, ArithmeticError, LookupError, ValueError) as problem:
            problems[one.path] = one.problem or str(problem)
            continue
        new += [(digest, month, _encode(days)) for month, days in computed.items()]
        _add(by_day, one.path, {**found, **computed})
    _keep(new)
    return Projection([_day(d, by_day) for d in _days(first, last)], problems)


def _add(
    by_day: dict[date, dict[str, int]], path: str, found: Mapping[date, Mapping[int, int]]
) -> None:
    for month, days in found.items():
        for number, orders in days.items():
            by_day.setdefault(month.replace(day=number), {})[path] = orders


def inverted(
    schedules: Sequence[ReleasedSchedule], projection: Projection
) -> list[tuple[date, list[str]]]:
    """Return for each day the schedules that have no orders there."""
    paths = [one.path for one in schedules]
    return [(d.day, [path for path in paths if path not in d.schedules]) for d in projection.days]


def selected(
    released: Released,
    names: Iterable[str],
    folder: str,
    *,
    may: Callable[[str], bool],
    only_automatic: bool = False,
) -> list[ReleasedSchedule]:
    """Return schedules by names or paths and folder, all where nothing is named."""
    wanted, inside = set(names), f"{folder.strip('/')}/" if folder else ""
    return [
        one
        for name, one in sorted(released.schedules.items())
        if (not wanted or wanted & {name, one.path})
        and one.path.startswith(inside)
        and may(one.path)
        and (one.automatic or not only_automatic)
    ]


def orders_a_start(schedule: Schedule) -> int:
    """Return how many orders each start of a schedule makes."""
    return len(schedule.workflows) * max(1, len(schedule.order_parameterisations))


def _computed(
    one: ReleasedSchedule, released: Released, config: PlanConfig, months: Sequence[date]
) -> dict[date, dict[int, int]]:
    if not months:
        return {}
    if one.schedule is None:
        raise ValueError(one.problem)
    each = orders_a_start(one.schedule)
    plan = Plan(time_zone=config.time_zone, period_begin=config.period_begin)
    found: dict[date, dict[int, int]] = {month: {} for month in months}
    rows = start_rows(one.schedule, released.calendars, months[0], _end(months[-1]), plan)
    for row in rows:
        days = found.get(row.day.replace(day=1))
        if days is not None:
            number = row.day.day
            days[number] = days.get(number, 0) + row.count * each
    return found


def _kept(digests: list[bytes], months: Sequence[date]) -> dict[bytes, dict[date, dict[int, int]]]:
    found: dict[bytes, dict[date, dict[int, int]]] = {}
    for digest, month, body in fetched(_KEPT, [digests, months[0], months[-1]]):
        found.setdefault(bytes(digest), {})[month] = _decode(bytes(body))
    return found


def _keep(new: Sequence[tuple[bytes, date, bytes]]) -> None:
    if new:
        changed(_KEEP, [[d for d, _, _ in new], [m for _, m, _ in new], [b for _, _, b in new]])


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = _end(month) + _DAY


def _end(month: date) -> date:
    return (month.replace(day=28) + 4 * _DAY).replace(day=1) - _DAY


def _days(first: date, last: date) -> Iterator[date]:
    return (first + n * _DAY for n in range((last - first).days + 1))


def _day(day: date, by_day: dict[date, dict[str, int]]) -> Projected:
    schedules = by_day.get(day, {})
    return Projected(day, sum(schedules.values()), schedules)
