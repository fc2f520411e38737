"""Rows of the history as values: an order's run, its states, its job runs. Pure.

Field names are column names, except that moments are integer microseconds here (`added_us`) and
timestamps there (`added_at`).
"""

import datetime as dt

import msgspec

CHILD_BITS = 20
"""A fork may make this many children as a power of two; the rest of the 63 bits is the number."""

packed = msgspec.msgpack.Encoder().encode
"""Returns variables as rows keep them: `jsonb` would refuse the NUL that jobs write."""

NOTHING = packed({})
"""No variables at all."""

_DAY_US = 86_400_000_000
_UNIX_DAY = dt.date(1970, 1, 1).toordinal()


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One life of an order as the lists show it."""

    day: dt.date
    controller: str
    run: int
    order_id: str
    parent: str | None
    workflow: str
    version: str
    state: str
    group: str
    suspended: bool = False
    live: bool = True
    position: str
    label: str | None = None
    reason: str | None = None
    until_us: int | None = None
    outcome: str | None = None
    message: str | None = None
    return_code: int | None = None
    order_date: str | None = None
    plan: str | None = None
    scheduled_us: int | None = None
    added_us: int
    started_us: int | None = None
    ended_us: int | None = None
    agent: str | None = None
    priority: int = 0
    tags: tuple[str, ...] = ()
    arguments: bytes = NOTHING
    stop_positions: tuple[str, ...] | None = None
    block_position: str | None = None
    force_admission: bool = False
    remain: bool = False
    file_source: str | None = None
    file_name: str | None = None
    job_no: int | None = None
    job_day: dt.date | None = None
    changed_no: int


class StateChange(msgspec.Struct, frozen=True):
    """One state or place of an order on its way."""

    day: dt.date
    controller: str
    run: int
    no: int
    at_us: int
    state: str
    suspended: bool
    position: str
    note: str | None
    outcome: str | None = None
    carried: bytes | None = None


class JobRun(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of a job; `warnings` is a JSON list of sentences."""

    day: dt.date
    controller: str
    no: int
    run: int
    order_id: str
    workflow: str
    position: str
    label: str | None
    job: str
    agent: str
    attempt: str
    state: str = "running"
    lost: bool = False
    return_code: int | None = None
    message: str | None = None
    started_us: int
    ended_us: int | None = None
    criticality: str | None = None
    warnings: str | None = None
    returned: bytes | None = None


class JobEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How a job run ended whose row is there already."""

    day: dt.date
    no: int
    state: str
    lost: bool
    return_code: int | None
    message: str | None
    ended_us: int
    warnings: str | None = None
    returned: bytes | None = None


class Judged(msgspec.Struct, frozen=True):
    """A job run that is to be compared with earlier ones of its job, in percent of their mean."""

    day: dt.date
    no: int
    shorter: float | None
    longer: float | None


def run_of(no: int, ordinal: int = 0) -> int:
    """Return the key of the run that journal entry `no` made; children count from 1.

    Raises:
        ValueError: a fork made more children than there is room for.
    """
    if ordinal >> CHILD_BITS:
        raise ValueError(f"a fork cannot have more than {2**CHILD_BITS - 1} children")
    return no << CHILD_BITS | ordinal


def day_of(at_us: int) -> dt.date:
    """Return the day in UTC of a moment."""
    return dt.date.fromordinal(_UNIX_DAY + at_us // _DAY_US)
