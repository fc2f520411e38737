"""What requests about forecasts may contain, and what the answers say."""

import datetime as dt
from typing import Literal

import msgspec

from cockpit.api.orders.bodies import Remark, Ticket
from cockpit.api.query import Cursor, Limit, Word

Kind = Literal[
    "start", "job", "fork", "retry", "sleep", "admission", "cycle", "lock", "notice", "process",
    "agent", "cluster", "control", "prompt", "person",
]  # fmt: skip


class ForecastQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which orders; without a date those of the whole forecast. `late` alone, or all.

    `date` is a plan day: what runs on it, and what is planned for it. `cursor` is that of the page
    before.
    """

    date: dt.date | None = None
    workflow: Word = ""
    late: bool = False
    cursor: Cursor = ""
    limit: Limit = 500


class PathQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the path leads to: an order, or a notice by its board and key."""

    order: Word = ""
    board: Word = ""
    key: Word = ""


class AskBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Asks for a new forecast."""

    comment: Remark = ""
    ticket: Ticket = ""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody has been asked. The forecast before stays until the new one is there."""

    made_at: dt.datetime | None


class CoverageSeen(msgspec.Struct, frozen=True, kw_only=True):
    """On what a forecast rests.

    `sources` counts job runs: `history` runs of the same instruction, `job` of the same job
    elsewhere, `document` its `warnIfLonger`, `default` nothing. `endless` orders do not end within
    the forecast, `left_out` were too many, `unsubmitted` wait for a person to submit them. Agents
    that are `away` are taken to stay away; `processes` are how many at once were taken for agents
    that nobody limits.
    """

    orders: int
    ended: int
    failed: int
    endless: int
    jobs: int
    sources: dict[str, int]
    left_out: int
    unsubmitted: int
    away: list[str]
    processes: dict[str, int]
    cut_off: bool


class ForecastOrderSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of an order.

    `end` is its usual end, `end_late` the one that one run in twenty exceeds; null: not within the
    forecast, `why` says so. `late`: it misses its deadline, or starts late. `lane` is the agent at
    which it runs longest.
    """

    id: str
    workflow: str
    lane: str
    planned: dt.datetime | None
    start: dt.datetime | None
    end: dt.datetime | None
    end_late: dt.datetime | None
    deadline: dt.datetime | None
    late: bool
    failed: bool
    why: str


class ForecastSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The forecast: of what stood at `since`, up to `until`. Without any, moments are null."""

    made_at: dt.datetime | None
    since: dt.datetime | None
    until: dt.datetime | None
    coverage: CoverageSeen | None
    orders: list[ForecastOrderSeen]
    cursor: str | None


class PartSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What an order does for a while; `end` null: to the end of the forecast and beyond.

    `what` is the job, the lock or the notice; `cause` the order that ends the wait. `source` as in
    `CoverageSeen`.
    """

    kind: Kind
    begin: dt.datetime
    end: dt.datetime | None
    position: str
    what: str
    cause: str
    agent: str
    source: str


class AlternativeSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An order that had to come as well, and how many seconds earlier it comes."""

    order: str
    slack_s: float


class LinkSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a critical path. One that `waits` lies beside the parts of the order it waits for.

    Orders that the account may not see have no names.
    """

    order: str
    workflow: str
    kind: Kind
    what: str
    position: str
    begin: dt.datetime
    end: dt.datetime
    waits: bool
    cause: str
    alternatives: list[AlternativeSeen]


class PathSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A critical path in its order, and in words. `slack_s`: what may be gained until another
    order decides; null: nothing else does.
    """

    order: str
    begin: dt.datetime
    end: dt.datetime
    sentence: str
    slack_s: float | None
    links: list[LinkSeen]


class OrderForecastSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one order, part by part, what was assumed, and its critical path."""

    made_at: dt.datetime
    order: ForecastOrderSeen
    parts: list[PartSeen]
    assumed: list[str]
    path: PathSeen | None
