"""What has to change so that the rows of a schedule are those it wants. Pure.

What people changed by hand stays, and so does what is removed. Nothing before `from_us` is added,
changed or taken away: what has happened is no plan any more.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from dailyplan.cycle import next_start
from dailyplan.state import BY_HAND, Flag, PlanState
from dailyplan.wanted import Wanted

Key = tuple[date, int]
"""Day and origin."""


class Row(NamedTuple):
    """A row as it is; moments in microseconds, those that are missing are None."""

    day: date
    origin: int
    parameterisation: int
    start_us: int
    state: int
    flags: int
    submit: bool
    repeat_s: int | None
    end_us: int | None
    next_us: int | None
    starts: int | None
    left_out: tuple[int, ...]
    problem: bool

    @property
    def is_cyclic(self) -> bool:
        """Whether it stands for several starts."""
        return self.repeat_s is not None


class Insert(msgspec.Struct, frozen=True, gc=False):
    """A row to be added; `next_us` is set for cyclic ones."""

    wanted: Wanted
    parameterisation: int
    submit: bool
    next_us: int | None


class Update(NamedTuple):
    """A row that keeps its state and gets other values; cyclic ones also another end."""

    row: Row
    parameterisation: int
    submit: bool
    repeat_s: int | None
    end_us: int | None
    next_us: int | None
    starts: int | None
    left_out: tuple[int, ...]


class TakeBack(NamedTuple):
    """A submitted row whose order has to leave the controller. `then` as `Intent.then`."""

    row: Row
    then: str
    parameterisation: int


class Difference(msgspec.Struct):
    """All that has to change. `delete` are rows that are only planned, `stop` cyclic ones that
    submit nothing any more.
    """

    insert: list[Insert] = msgspec.field(default_factory=list)
    update: list[Update] = msgspec.field(default_factory=list)
    delete: list[Row] = msgspec.field(default_factory=list)
    stop: list[Row] = msgspec.field(default_factory=list)
    take_back: list[TakeBack] = msgspec.field(default_factory=list)


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What may be touched: moments from `from_us` on.

    `submit`: the schedule's orders are to be submitted; `keep_generated`: it plans nothing itself.
    """

    from_us: int
    submit: bool = False
    keep_generated: bool = False


def difference(
    wanted: Sequence[Wanted], ids: Sequence[int], existing: Mapping[Key, Row], bounds: Bounds
) -> Difference:
    """Return how the existing rows become the wanted ones.

    Args:
        wanted: what the schedule wants on the days concerned.
        ids: the parameterisation of each `Wanted.given`.
        existing: all rows of the schedule on these days.
        bounds: what may be touched.
    """
    if not existing:
        return _all_new(wanted, ids, bounds)
    found = Difference()
    keys: set[Key] = set()
    for one in wanted:
        key = (one.day, one.origin)
        keys.add(key)
        row = existing.get(key)
        if row is None:
            _add(found, one, ids[one.given], bounds)
        else:
            _renew(found, row, one, ids[one.given], bounds)
    for key, row in existing.items():
        if key not in keys:
            _drop(found, row, bounds)
    return found


def _all_new(wanted: Sequence[Wanted], ids: Sequence[int], bounds: Bounds) -> Difference:
    from_us, submit = bounds.from_us, bounds.submit
    coming = [
        Insert(one, ids[one.given], submit, one.start_us if one.repeat_s else None)
        for one in wanted
        if one.start_us >= from_us
    ]
    found = Difference(insert=coming)
    for one in wanted if len(coming) < len(wanted) else ():
        if one.start_us < from_us:
            _add(found, one, ids[one.given], bounds)
    return found


def _add(found: Difference, one: Wanted, parameterisation: int, bounds: Bounds) -> None:
    if not one.repeat_s:
        if one.start_us >= bounds.from_us:
            found.insert.append(Insert(one, parameterisation, bounds.submit, None))
        return
    next_us = one.start_us if one.start_us >= bounds.from_us else _next(one, bounds)
    if next_us is not None:
        found.insert.append(Insert(one, parameterisation, bounds.submit, next_us))


def _renew(found: Difference, row: Row, one: Wanted, parameterisation: int, bounds: Bounds) -> None:
    last_us = one.end_us if row.is_cyclic else row.start_us
    if last_us < bounds.from_us or row.flags & Flag.COPIED:
        return
    if row.flags & Flag.PARAMETERS:
        parameterisation = row.parameterisation
    if row.state == PlanState.PLANNED or (row.state == PlanState.SUBMITTED and row.is_cyclic):
        update = _updated(row, one, parameterisation, bounds)
        if update is not None:
            found.update.append(update)
    elif row.state == PlanState.SUBMITTED and row.parameterisation != parameterisation:
        found.take_back.append(TakeBack(row, "renew", parameterisation))


def _updated(row: Row, one: Wanted, parameterisation: int, bounds: Bounds) -> Update | None:
    """Return the change of a row that stays; None where it is as it should be."""
    submit = row.submit if row.flags & Flag.HELD else bounds.submit
    if row.state != PlanState.PLANNED:
        submit = row.submit
    cycle = (row.repeat_s, row.end_us, row.next_us, row.starts, row.left_out)
    if row.is_cyclic and not row.flags & Flag.START:
        wanted = (one.repeat_s, one.end_us, one.starts, one.left_out)
        if wanted != (row.repeat_s, row.end_us, row.starts, row.left_out):
            cycle = (one.repeat_s, one.end_us, _next(one, bounds), one.starts, one.left_out)
        elif row.parameterisation != parameterisation:
            # What is submitted already comes back and goes out again with the new values.
            cycle = (row.repeat_s, row.end_us, _next(one, bounds), row.starts, row.left_out)
    new = Update(row, parameterisation, submit, *cycle)
    old = Update(
        row, row.parameterisation, row.submit,
        row.repeat_s, row.end_us, row.next_us, row.starts, row.left_out,
    )  # fmt: skip
    return new if new != old or (row.problem and row.state == PlanState.PLANNED) else None


def _next(one: Wanted, bounds: Bounds) -> int | None:
    return next_start(one.start_us, one.end_us, one.repeat_s, one.left_out, bounds.from_us)


def _drop(found: Difference, row: Row, bounds: Bounds) -> None:
    """Take a row away that nobody wants any more, unless people have made it theirs."""
    if row.flags & BY_HAND or (bounds.keep_generated and row.flags & Flag.GENERATED):
        return
    end_us = row.start_us if row.end_us is None else row.end_us - 1
    if end_us < bounds.from_us:
        return
    if row.state == PlanState.PLANNED:
        found.delete.append(row)
    elif row.state == PlanState.SUBMITTED and row.is_cyclic:
        found.stop.append(row)
    elif row.state == PlanState.SUBMITTED:
        found.take_back.append(TakeBack(row, "gone", row.parameterisation))
