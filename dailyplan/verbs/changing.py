"""Other starts and other parameters for planned orders, kept when they are planned anew."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from dailyplan import tables
from dailyplan.cycle import next_start, starts_of
from dailyplan.difference import Insert, Row, TakeBack, Update
from dailyplan.given import Given, ids_of
from dailyplan.new_orders import given_by_id
from dailyplan.origin import Origins, microseconds
from dailyplan.plan_settings import PlanConfig
from dailyplan.state import Flag, PlanState
from dailyplan.statements import changed
from dailyplan.stopping import stop_cycles
from dailyplan.tables import columns_of, moment
from dailyplan.take_back import take_back
from dailyplan.verbs.asking import Change
from dailyplan.wanted import Wanted, origins_of

_SECOND_US = 1_000_000
_WRITE = """
    UPDATE dailyplan_plannedorder t
       SET parameterisation = u.parameterisation, start_at = u.start_at, end_at = u.end_at,
           next_at = u.next_at, repeat_s = u.repeat_s, count = u.count, left_out = NULL,
           flags = t.flags | %s
      FROM unnest(%s::date[], %s::bigint[], %s::int[], %s::int[], %s::timestamptz[],
                  %s::timestamptz[], %s::timestamptz[], %s::int[], %s::int[])
           AS u (day, origin, state, parameterisation, start_at, end_at, next_at, repeat_s, count)
     WHERE t.day = u.day AND t.origin = u.origin AND t.state = u.state"""

_LEAVE = """
    UPDATE dailyplan_plannedorder t SET state = %s
      FROM unnest(%s::date[], %s::bigint[]) AS u (day, origin)
     WHERE t.day = u.day AND t.origin = u.origin AND t.state = %s"""


def change(
    verb: Change,
    rows: Sequence[Row],
    now: datetime,
    config: PlanConfig,
    *,
    account: str,
    comment: str = "",
) -> None:
    """Change rows in the open transaction.

    Single orders that are submitted come back and go out again changed. The next starts of cyclic
    rows come back too, and those that fit go out again.
    """
    flags = int((Flag.START if verb.moves else 0) | (Flag.PARAMETERS if verb.gives else 0))
    ids = _parameterisations(verb, rows)
    changes = [_changed(row, ids[row.parameterisation], verb, now, config) for row in rows]
    if not verb.stick_to_day:
        leaving = [c for c in changes if c.day(config) != c.row.day]
        _move(leaving, flags, now, config)
        changes = [c for c in changes if c not in leaving]
    single = [c for c in changes if c.row.state == PlanState.SUBMITTED and not c.row.is_cyclic]
    take_back(
        [TakeBack(c.row, "renew", c.parameterisation) for c in single],
        account=account, now=now, comment=comment, flags=flags,
        start_us={(c.row.day, c.row.origin): c.start_us for c in single},
    )  # fmt: skip
    direct = [c for c in changes if c.row.state != PlanState.SUBMITTED or c.row.is_cyclic]
    _write(direct, flags)
    going = [c for c in direct if c.row.state == PlanState.SUBMITTED]
    stop_cycles([], [c.update for c in going], account=account, now=now)


class _Changed:
    """A row with what it becomes."""

    def __init__(self, row: Row, parameterisation: int, start_us: int, update: Update) -> None:
        self.row, self.parameterisation = row, parameterisation
        self.start_us, self.update = start_us, update

    def day(self, config: PlanConfig) -> date:
        """Return the plan day in which it then starts."""
        return config.day_of(moment(self.start_us))


def _changed(
    row: Row, parameterisation: int, verb: Change, now: datetime, config: PlanConfig
) -> _Changed:
    start_us = _start(row, verb, now, config)
    if not row.is_cyclic or row.repeat_s is None or row.end_us is None:
        update = Update(row, parameterisation, row.submit, None, None, None, None, ())
        return _Changed(row, parameterisation, start_us, update)
    repeat_s = verb.repeat_s or row.repeat_s
    end_us = microseconds(verb.end_at) if verb.end_at else row.end_us + start_us - row.start_us
    out = row.left_out if (start_us, repeat_s) == (row.start_us, row.repeat_s) else ()
    next_us = next_start(start_us, end_us, repeat_s, out, microseconds(now))
    starts = len(starts_of(start_us, end_us, repeat_s, out))
    moved = row._replace(start_us=start_us)
    update = Update(moved, parameterisation, row.submit, repeat_s, end_us, next_us, starts, out)
    return _Changed(row, parameterisation, start_us, update)


def _start(row: Row, verb: Change, now: datetime, config: PlanConfig) -> int:
    if verb.start_now:
        return microseconds(now) // _SECOND_US * _SECOND_US
    if verb.start_at is not None:
        return microseconds(verb.start_at)
    if verb.shift_s is not None:
        return row.start_us + verb.shift_s * _SECOND_US
    if verb.shift_days is not None:
        return shifted(row.start_us, verb.shift_days, config)
    return row.start_us


def shifted(start_us: int, days: int, config: PlanConfig) -> int:
    """Return the same local time of the plan's zone some days later."""
    zone = ZoneInfo(config.time_zone)
    wall = moment(start_us).astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    return microseconds(wall.replace(tzinfo=zone).astimezone(moment(0).tzinfo))


def _parameterisations(verb: Change, rows: Sequence[Row]) -> dict[int, int]:
    old = sorted({row.parameterisation for row in rows})
    if not verb.gives:
        return {number: number for number in old}
    given = given_by_id(old)
    new = ids_of([_given(given[number], verb) for number in old])
    return dict(zip(old, new, strict=True))


def _given(given: Given, verb: Change) -> Given:
    variables = {**given.variables, **(verb.variables or {})}
    for name in verb.remove_variables:
        variables.pop(name, None)
    told = {
        "start_position": verb.start_position,
        "end_positions": verb.end_positions,
        "block_position": verb.block_position,
        "force_admission": verb.force_admission,
        "tags": verb.tags,
        "priority": verb.priority,
    }
    return replace(
        given, variables=variables, **{name: v for name, v in told.items() if v is not None}
    )


def _move(changes: Sequence[_Changed], flags: int, now: datetime, config: PlanConfig) -> None:
    """Let planned rows be rows of other days; where they were they are removed, and stay so."""
    given = given_by_id(c.parameterisation for c in changes)
    made = [
        Insert(
            _moved(c, origins_of(given[c.parameterisation]), c.day(config), now),
            c.parameterisation,
            submit=c.row.submit,
            next_us=c.update.next_us,
        )
        for c in changes
    ]
    tables.insert(made, flags | int(Flag.COPIED))
    if changes:
        keys = columns_of((c.row.day, c.row.origin) for c in changes)
        changed(_LEAVE, [int(PlanState.REMOVED), *keys, int(PlanState.PLANNED)])


def _moved(change: _Changed, origins: Origins, day: date, now: datetime) -> Wanted:
    row, new, at = change.row, change.update, change.start_us
    # One that was restored and moves once more is another order.
    origin = origins.copied(f"moved {row.day}.{row.origin} {microseconds(now)}")
    if not row.is_cyclic:
        return Wanted(day, origin, 0, at, 0, at)
    return Wanted(
        day, origin, 0, at, new.repeat_s or 0, new.end_us or at, new.starts or 0, new.left_out
    )


def _write(changes: Sequence[_Changed], flags: int) -> None:
    if not changes:
        return
    updates = [c.update for c in changes]
    changed(
        _WRITE,
        [
            flags,
            *columns_of((c.row.day, c.row.origin) for c in changes),
            [c.row.state for c in changes],
            [c.parameterisation for c in changes],
            [moment(c.start_us) for c in changes],
            [None if u.end_us is None else moment(u.end_us) for u in updates],
            [None if u.next_us is None else moment(u.next_us) for u in updates],
            [u.repeat_s for u in updates],
            [u.starts for u in updates],
        ],
    )
