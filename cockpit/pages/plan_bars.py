"""Planned orders as bars of a timeline, packed so that none lies over another. Pure.

Moments are milliseconds since the epoch, as scripts count. What has run is told as it was, what is
to come as the forecast says, else as runs before took; what nobody knows is marked, not invented.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

import msgspec

from dailyplan.cycle import starts_of
from dailyplan.origin import microseconds
from dailyplan.selecting import Listed
from dailyplan.state import PlanState

MOST_SUBLANES = 6
MOST_TICKS = 400
_LEAST_RUNS = 3
_EPOCH = datetime.fromtimestamp(0, UTC)


class Foreseen(msgspec.Struct, frozen=True):
    """What a forecast says of an order; None where it says nothing."""

    begin: datetime | None = None
    end: datetime | None = None
    late_end: datetime | None = None
    deadline: datetime | None = None
    late: bool = False


class Bar(msgspec.Struct, frozen=True):
    """One order: `b` to `e` has run, up to `p50` is foreseen, `p95` one run in twenty exceeds.

    `e` and `p50` are 0 where there is none. `by` says where `p50` is from: `forecast`, `typical`
    runs, or `unknown`. `s` is the look of the state, `lane` the row within its lane.
    """

    id: str
    name: str
    b: int
    e: int
    p50: int
    p95: int
    by: str
    s: str
    late: bool
    deadline: int
    lane: int = 0


class Tick(msgspec.Struct, frozen=True):
    """A start of a cyclic period and the look of its state."""

    at: int
    s: str


def ms(at: datetime | None) -> int:
    """Return a moment as milliseconds since the epoch, 0 for none."""
    return 0 if at is None else (at - _EPOCH) // timedelta(milliseconds=1)


def bar_of(
    row: Listed, *, order_id: str, name: str, look: str, late: bool, now: datetime,
    foreseen: Foreseen | None, runs: Sequence[float],
) -> Bar:  # fmt: skip
    """Return the bar of a row that is not cyclic."""
    begin, end = _run(row, now)
    p50, p95, by = _future(row, now, foreseen, runs, begin)
    is_open = row.state in (PlanState.PLANNED, PlanState.SUBMITTED)
    if is_open and foreseen is not None and foreseen.begin is not None:
        begin = foreseen.begin
    return Bar(
        id=order_id,
        name=name,
        b=ms(begin),
        e=ms(end),
        p50=ms(p50),
        p95=ms(p95),
        by=by,
        s=look,
        late=late or bool(foreseen and foreseen.late),
        deadline=ms(foreseen.deadline) if foreseen else 0,
    )


def ticks_of(
    row: Listed, begin: datetime, end: datetime, looks: Mapping[int, str], planned: str
) -> list[Tick] | None:
    """Return the starts of a cyclic row in view, None where they are too many to be drawn.

    Args:
        row: cyclic.
        begin: of the view.
        end: of the view.
        looks: of starts that were handed over, by their moment in microseconds.
        planned: the look of all others.
    """
    if row.repeat_s is None or row.end_at is None:
        return []
    grid = starts_of(
        microseconds(row.start_at), microseconds(row.end_at), row.repeat_s, row.left_out or ()
    )
    lo, hi = microseconds(begin), microseconds(end)
    inside = [at for at in grid if lo <= at < hi]
    if len(inside) > MOST_TICKS:
        return None
    return [Tick(at // 1_000, looks.get(at, planned)) for at in inside]


def packed(bars: Iterable[Bar], least_ms: int) -> tuple[list[Bar], int]:
    """Return bars with rows in which none overlaps, and how many rows there are.

    `least_ms` is how much room each takes at least. Where there are too many rows, the last ones
    lie over each other.
    """
    free: list[int] = []
    found = []
    for bar in sorted(bars, key=lambda bar: (bar.b, bar.id)):
        end = max(bar.e, bar.p50, bar.p95, bar.b + least_ms)
        at = next((n for n, until in enumerate(free) if until <= bar.b), None)
        if at is None and len(free) < MOST_SUBLANES:
            free.append(0)
            at = len(free) - 1
        if at is None:
            at = min(range(len(free)), key=lambda n: free[n])
        free[at] = max(free[at], end)
        found.append(msgspec.structs.replace(bar, lane=at))
    return found, max(len(free), 1)


def _run(row: Listed, now: datetime) -> tuple[datetime, datetime | None]:
    """Return what has run: from when, and to when; None where nothing has."""
    if row.started_at is None:
        return row.start_at, None
    if row.state == PlanState.STARTED:
        return row.started_at, now
    return row.started_at, row.ended_at or row.started_at


def _future(
    row: Listed, now: datetime, foreseen: Foreseen | None, runs: Sequence[float], begin: datetime
) -> tuple[datetime | None, datetime | None, str]:
    if row.state not in (PlanState.PLANNED, PlanState.SUBMITTED, PlanState.STARTED):
        return None, None, ""
    if foreseen is not None and foreseen.end is not None:
        return foreseen.end, foreseen.late_end, "forecast"
    if len(runs) >= _LEAST_RUNS:
        usual = begin + timedelta(seconds=median(runs))
        if row.state != PlanState.STARTED or usual > now:
            return usual, None, "typical"
    return None, None, "unknown"
