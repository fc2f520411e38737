"""Writing the plans of a slice of schedules, in the open transaction.

New rows are sent as they are computed: the database stores some while the next ones come to be.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TypeAlias

import msgspec

from dailyplan import tables
from dailyplan.claiming import Problem, claim, note_problems
from dailyplan.difference import Bounds, Difference, Insert, Key, Row, difference
from dailyplan.given import ids_of, known_of
from dailyplan.prepared import Prepared, Rows
from dailyplan.stopping import stop_cycles
from dailyplan.take_back import take_back, wish_again

PLANNER = "daily plan"
"""The account in whose name the planner asks."""

RowsOf: TypeAlias = Callable[[Prepared], Rows]
RowsBySchedule: TypeAlias = dict[str, dict[Key, Row]]


class Planned(msgspec.Struct):
    """What planning did: schedules concerned, those that could not be planned, and rows."""

    schedules: int = 0
    broken: int = 0
    added: int = 0
    changed: int = 0
    deleted: int = 0
    taken_back: int = 0

    def add(self, other: "Planned") -> None:
        """Count what another did as well."""
        for field in self.__struct_fields__:
            setattr(self, field, getattr(self, field) + getattr(other, field))


def write(slice_: Sequence[Prepared], rows_of: RowsOf, now: datetime) -> Planned:
    """Bring the plans of schedules into step, and return what that did.

    Args:
        slice_: the schedules.
        rows_of: computes the rows of one.
        now: the moment.

    Raises:
        PlanMoved: somebody else has planned one of them meanwhile.
    """
    sound = [one for one in slice_ if not one.broken]
    claim([(one.job, one.problem) for one in slice_], now)
    changes = _changes_of(sound)
    done = Planned(schedules=len(slice_), added=tables.insert(changes.inserts(sound, rows_of)))
    note_problems(changes.problems)
    done.broken = len(slice_) - len(sound) + len(changes.problems)
    _finish(changes, done, now)
    return done


class _Changes:
    """Finds what has to change, one schedule after the other. Rows to be added are told at once,
    all else is gathered.
    """

    def __init__(self, ids: Mapping[str, Sequence[int]], existing: RowsBySchedule) -> None:
        self._ids = ids
        self._existing = existing
        self.rest = Difference()
        self.wished: list[tuple[date, int, int]] = []
        self.problems: list[Problem] = []

    @property
    def existing(self) -> dict[Key, Row]:
        """All rows that are there."""
        return {key: row for rows in self._existing.values() for key, row in rows.items()}

    def inserts(self, sound: Iterable[Prepared], rows_of: RowsOf) -> Iterator[Insert]:
        """Yield the rows to be added, as they are computed."""
        for one in sound:
            rows = rows_of(one)
            if rows.problem:
                self.problems.append(Problem(one.job.name, rows.problem))
            else:
                yield from self._inserts(one, rows)

    def _inserts(self, one: Prepared, rows: Rows) -> list[Insert]:
        job, ids = one.job, self._ids[one.job.name]
        existing = self._existing.get(job.name, {})
        if existing:
            self.wished += [(w.day, w.origin, ids[w.given]) for w in rows.wanted]
            existing = {k: row for k, row in existing.items() if job.first <= k[0] <= job.last}
        bounds = Bounds(from_us=one.from_us, submit=one.submit, keep_generated=not job.automatic)
        found = difference(rows.wanted, ids, existing, bounds)
        if existing:
            self._gather(found)
        return found.insert

    def _gather(self, found: Difference) -> None:
        self.rest.update += found.update
        self.rest.delete += found.delete
        self.rest.stop += found.stop
        self.rest.take_back += found.take_back


def _changes_of(sound: Sequence[Prepared]) -> _Changes:
    before = known_of([one.job.name for one in sound])
    known = {bytes(digest): number for number, _, digest in before}
    ids = iter(ids_of([given for one in sound for given in one.givens], known))
    own = {one.job.name: [next(ids) for _ in one.givens] for one in sound}
    return _Changes(own, _existing(sound, {number: name for number, name, _ in before}))


def _existing(sound: Sequence[Prepared], schedule_of: Mapping[int, str]) -> RowsBySchedule:
    """Return the rows that the schedules have on the days concerned."""
    found: RowsBySchedule = {}
    if not schedule_of:
        return found
    first = min(one.job.first for one in sound)
    for row in tables.rows_of(list(schedule_of), first, None):
        found.setdefault(schedule_of[row.parameterisation], {})[row.day, row.origin] = row
    return found


def _finish(changes: _Changes, done: Planned, now: datetime) -> None:
    rest = changes.rest
    wish_again(changes.wished, changes.existing)
    done.changed = tables.update(rest.update)
    done.deleted = tables.delete_planned([(row.day, row.origin) for row in rest.delete])
    done.taken_back = take_back(rest.take_back, account=PLANNER, now=now)
    done.taken_back += stop_cycles(rest.stop, rest.update, account=PLANNER, now=now)
