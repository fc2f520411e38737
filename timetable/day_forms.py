"""The few forms that the days of a schedule have.

Most days are like others: the same periods, the same distance to UTC. So what a day comes to is
worked out once for each form, as rows on the day 0, and then only moved. Knows no calendar and no
zone.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from operator import attrgetter, itemgetter

import msgspec

from timetable.day_bits import Span, date_of, days_in
from timetable.start_rows import Row, Stretch

_DAY_0 = date_of(0)
_day = itemgetter(0)
_place = attrgetter("entry", "period", "begin_us")


class DayForms:
    """Gathers the starts of all periods.

    Args:
        span: of the sets of days.
    """

    def __init__(self, span: Span) -> None:
        self._span = span
        self._parts: list[tuple[int, Row]] = []

    def add(self, entry: int, period: int, days: int, on_day_0: Stretch) -> None:
        """Add starts that are on all these days.

        Args:
            entry: index in the schedule's `calendars`.
            period: index in the entry's `periods`.
            days: a set within the span.
            on_day_0: the starts as they would be on the day 0, as far from its midnight in UTC as
                those of each day are from that day's.
        """
        self._parts.append((days, Row(_DAY_0, entry, period, *on_day_0)))

    def of_days(self) -> list[tuple[int, Sequence[Row]]]:
        """Return the days that have starts, ascending, each with its rows as of the day 0.

        Rows are ordered by entry and period; no moment is in two of a day.
        """
        found = [
            (day, rows)
            for days, parts in _split(self._span.all, self._parts)
            for rows in (_in_order(parts),)
            for day in days_in(days, self._span.first)
        ]
        found.sort(key=_day)
        return found


def _split(days: int, parts: Iterable[tuple[int, Row]]) -> list[tuple[int, tuple[Row, ...]]]:
    """Return sets of days that have the same parts, with these parts."""
    found: list[tuple[int, tuple[Row, ...]]] = [(days, ())]
    for on, row in parts:
        inside = [(days & on, (*rows, row)) for days, rows in found if days & on]
        found = inside + [(days & ~on, rows) for days, rows in found if days & ~on]
    return [(days, rows) for days, rows in found if rows]


def _in_order(of_day: Sequence[Row]) -> Sequence[Row]:
    if len(of_day) == 1:
        return of_day
    return _distinct(sorted(of_day, key=_place))


def _distinct(of_day: Sequence[Row]) -> Sequence[Row]:
    """Return rows without the starts that an earlier row has."""
    return of_day if _lie_apart(of_day) else tuple(_without_repeats(of_day))


def _lie_apart(rows: Sequence[Row]) -> bool:
    """Tell whether no row begins before another has ended; so it is on most days."""
    stretches = sorted((row.begin_us, row.last_slot_us) for row in rows)
    return all(end < begin for (_, end), (begin, _) in pairwise(stretches))


def _without_repeats(rows: Iterable[Row]) -> Iterator[Row]:
    seen: set[int] = set()
    for row in rows:
        found = row.starts()
        if seen.isdisjoint(found):
            yield row
        elif not seen.issuperset(found):
            left_out = row.left_out | seen.intersection(found)
            yield msgspec.structs.replace(row, left_out=left_out)
        seen.update(found)
