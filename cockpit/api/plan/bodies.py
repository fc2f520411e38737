"""What requests about planned orders may contain, and what the answers say."""

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from cockpit.api.orders.bodies import Moment, Name, Path, Place, Priority, Remark, Tag, Ticket
from cockpit.api.query import Cursor, Limit, Word

MOST_NAMED = 10_000
MOST_SELECTED = 100_000
"""Planned orders that one filter of a verb may select."""

StateName = Literal["planned", "submitted", "started", "finished", "failed", "cancelled", "removed"]
States = Annotated[list[StateName], Meta(description="Empty means all but removed ones.")]


class PlanOrdersQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which planned orders; without a day today's. `workflow` and `schedule` are paths or names.

    `*` stands for anything. `text` is part of an order name or of a path, or an order id.
    """

    date: dt.date | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    state: States = []
    workflow: Word = ""
    schedule: Word = ""
    folder: Word = ""
    schedule_folder: Word = ""
    tag: list[Word] = []
    text: Word = ""
    late: bool = False
    cursor: Cursor = ""
    limit: Limit = 100


class PlanSelection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which planned orders a verb is about; as in their list."""

    date: dt.date | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    state: States = []
    workflow: Word = ""
    schedule: Word = ""
    folder: Word = ""
    schedule_folder: Word = ""
    tag: list[Word] = []
    text: Word = ""
    late: bool = False


class CycleSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A cyclic period: `orders` starts from its begin to before `end`, every `repeat_s`.

    `next` is the first that is not submitted, the other counts are those that are.
    """

    end: dt.datetime
    repeat_s: int
    orders: int
    next: dt.datetime | None
    submitted: int = 0
    started: int = 0
    finished: int = 0
    failed: int = 0
    cancelled: int = 0


class PlannedSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A planned order, or a cyclic period. `id` is the order's; of a period that of its first.

    `late`: it started late, or should have started and has not; `why` says what keeps it.
    `submits`: it is submitted by itself when its day is near. `changed` names what people have
    done: `start`, `parameters`, `held`, `copied`, `generated`.
    """

    id: str
    day: dt.date
    state: StateName
    schedule: str
    workflow: str
    name: str
    start: dt.datetime
    late: bool
    why: str
    submits: bool
    changed: list[str]
    priority: int
    tags: list[str]
    cycle: CycleSeen | None
    started: dt.datetime | None
    ended: dt.datetime | None
    problem: str | None
    variables: dict[str, Any]
    start_position: Place | None = None
    end_positions: list[Place] = []
    block_position: Place | None = None
    force_admission: bool = False


class PlannedList(msgspec.Struct, frozen=True):
    """A page of planned orders by day and start; `cursor` leads to the next."""

    orders: list[PlannedSeen]
    cursor: str | None


class StartSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One start of a cyclic period, with the id that its order has or will have."""

    id: str
    start: dt.datetime
    state: StateName
    late: bool
    started: dt.datetime | None
    ended: dt.datetime | None
    problem: str | None


class PlannedOne(msgspec.Struct, frozen=True, kw_only=True):
    """A planned order; of a cyclic period also its starts."""

    order: PlannedSeen
    starts: list[StartSeen]


class PlanVerbBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which planned orders a verb is about: named by ids, or selected by a filter.

    `dry_run` tells what would happen and changes nothing.
    """

    ids: Annotated[list[Name], Meta(max_length=MOST_NAMED)] | None = None
    filter: PlanSelection | None = None
    comment: Remark = ""
    ticket: Ticket = ""
    dry_run: bool = False


class SubmitBody(PlanVerbBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Hands planned orders to the controller. `include_late`: of periods also missed starts."""

    include_late: bool = False


class CopyBody(PlanVerbBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Plans the same orders on another day, at the same local time."""

    to: dt.date
    submit: bool = False


class ModifyBody(PlanVerbBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Changes orders that have not started: their start, what they are given, their priority.

    The start is a moment, now, or a shift by seconds or days. An order keeps its plan day and id,
    unless `stick_to_day` is false: then it becomes an order of the day on which it starts, which
    only a planned one can. `end` and `repeat_s` are of cyclic periods.
    """

    scheduled_for: Moment | None = None
    now: bool = False
    shift_s: Annotated[int, Meta(ge=-31 * 86_400, le=31 * 86_400)] | None = None
    shift_days: Annotated[int, Meta(ge=-366, le=366)] | None = None
    stick_to_day: bool = True
    end: Moment | None = None
    repeat_s: Annotated[int, Meta(ge=1, le=86_400)] | None = None
    variables: dict[str, Any] | None = None
    remove_variables: Annotated[list[Name], Meta(max_length=1_000)] = []
    start_position: Place | None = None
    end_positions: Annotated[list[Place], Meta(max_length=100)] | None = None
    block_position: Place | None = None
    force_admission: bool | None = None
    tags: Annotated[list[Tag], Meta(max_length=50)] | None = None
    priority: Priority | None = None


class GenerateBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Plans days by hand. Without schedules and workflows: all that are planned automatically.

    `overwrite` also plans anew what people have changed or removed, not what is submitted.
    """

    date: dt.date
    until: dt.date | None = None
    schedules: Annotated[list[Path], Meta(max_length=1_000)] = []
    workflows: Annotated[list[Path], Meta(max_length=1_000)] = []
    folder: Word = ""
    overwrite: bool = False
    submit: bool = False
    include_not_automatic: bool = False
    include_late: bool = False
    comment: Remark = ""
    ticket: Ticket = ""
    dry_run: bool = False


class GenerateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What generating did; `problems` are schedules that cannot be planned."""

    dry_run: bool
    schedules: int
    added: int
    deleted: int
    submitted: int
    problems: list[str]


class PlanAnswer(msgspec.Struct, frozen=True):
    """What became of one planned order, or would; `code` says why it was refused."""

    id: str
    ok: bool
    code: str
    sentence: str
    state: str | None = None


class PlanAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """What a verb did, or would do: counted for all, told one by one for the first 1,000.

    `operation` is where to look for the others.
    """

    ok: bool
    dry_run: bool
    accepted: int
    refused: int
    codes: dict[str, int]
    orders: list[PlanAnswer]
    operation: str | None = None


class ProjectedSeen(msgspec.Struct, frozen=True, kw_only=True):
    """How many orders a day would have; `schedules` tells of each, or those without any."""

    date: dt.date
    orders: int
    schedules: dict[str, int] = {}
    without: list[str] = []


class ProjectionSeen(msgspec.Struct, frozen=True):
    """All days of a range, and the schedules that cannot be planned."""

    days: list[ProjectedSeen]
    problems: dict[str, str]


class SubmissionSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What was handed to the controller or taken back, by whom, and how it went.

    Of the orders `asked` for, those neither accepted nor refused have no answer yet.
    """

    id: int
    at: dt.datetime
    account: str
    verb: str
    day: dt.date | None
    asked: int
    accepted: int
    refused: int
    comment: str


class SubmissionPage(msgspec.Struct, frozen=True):
    """A page of submissions, newest first."""

    submissions: list[SubmissionSeen]
    older: str | None
