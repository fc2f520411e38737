"""What requests about orders may contain, and what the answers say.

The schema of the API is made from these types, so they are the one description of both.
"""

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

_PLAIN = r"^[^\x00-\x1f\x7f]*$"

Name = Annotated[str, Meta(min_length=1, max_length=250, pattern=_PLAIN)]
Path = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=255,
        pattern=_PLAIN,
        description="Path of an object, as in `demo/report`.",
    ),
]
Place = Annotated[
    str | list[int | str],
    Meta(description='Label of an instruction or position: `0/fork+eu/2`, `[0, "fork+eu", 2]`.'),
]
Moment = Annotated[dt.datetime, Meta(tz=True)]
Date = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$", description="A day, as in 2026-01-31.")]
Plan = Annotated[
    str,
    Meta(
        max_length=255,
        pattern=_PLAIN,
        description="Id of a plan, as in `DailyPlan|2026-01-31`; a day alone is the daily plan's.",
    ),
]
Priority = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Remark = Annotated[str, Meta(max_length=2_000, description="Why, for the audit log.")]
Ticket = Annotated[str, Meta(max_length=200, description="Number of a ticket, for the audit log.")]
Tag = Annotated[str, Meta(min_length=1, max_length=100, pattern=_PLAIN)]

MOST_ORDERS = 10_000


class OrderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order to be added: at once where no moment is given; an id is made of day and name.

    `force_admission` runs its jobs outside of their periods too, `remain` keeps the order after its
    end until it is removed.
    """

    workflow: Path
    name: Name | None = None
    id: Name | None = None
    arguments: dict[str, Any] = {}
    scheduled_for: Moment | None = None
    plan: Plan | None = None
    priority: Priority = 0
    force_admission: bool = False
    remain: bool = False
    start_position: Place | None = None
    stop_positions: Annotated[list[Place], Meta(max_length=100)] = []
    block_position: Place | None = None
    tags: Annotated[list[Tag], Meta(max_length=50)] = []
    comment: Remark = ""
    ticket: Ticket = ""


OrderList = Annotated[list[OrderBody], Meta(min_length=1, max_length=MOST_ORDERS)]


class OrdersBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Several orders to be added; each is answered for itself."""

    orders: OrderList
    comment: Remark = ""
    ticket: Ticket = ""


class OrderAnswer(msgspec.Struct, frozen=True):
    """What became of one order of a request; `code` says why it was refused."""

    id: str
    ok: bool
    code: str = "accepted"
    state: str | None = None
    sentence: str = ""


class Accepted(msgspec.Struct, frozen=True):
    """A request that the controller has not answered yet; `operation` is where to look."""

    operation: str
    state: str = "waiting"


class OrdersAnswer(msgspec.Struct, frozen=True):
    """What became of all orders of a request, in its order.

    `codes` counts all of them; of more than 10,000 orders the first are listed, the others by the
    `operation`.
    """

    ok: bool
    accepted: int
    refused: int
    orders: list[OrderAnswer]
    codes: dict[str, int] = {}
    operation: str | None = None


class ReasonSeen(msgspec.Struct, frozen=True):
    """Why an order does not go on by itself now: a stable code and a sentence.

    `for_whom` names orders, agents or workflows that it waits for, `until` is set where the clock
    leads on, `since` where it is known since when. `moving`, `running` and `ended` are no waits.
    `warnings` tell what people should look at, whether it waits or not.
    """

    code: str
    sentence: str
    for_whom: list[str] = []
    until: dt.datetime | None = None
    since: dt.datetime | None = None
    warnings: list[str] = []


class Waiting(msgspec.Struct, frozen=True):
    """What `reason` says, in an earlier form: null while the order moves or works."""

    reason: str
    sentence: str
    until: dt.datetime | None = None


class MarkSeen(msgspec.Struct, frozen=True):
    """What a person asked for and what has not taken effect yet."""

    verb: Literal["cancel", "suspend", "go", "transfer", "change", "fail"]
    kill: bool
    reset: bool = False


class ChildSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A child of an order; `branch` is what its id has behind the parent's."""

    id: str
    branch: str
    state: str
    group: str
    suspended: bool
    position: str
    label: str | None
    live: bool


class ResultSeen(msgspec.Struct, frozen=True):
    """Named values that an instruction left behind."""

    position: str
    label: str | None
    job: str | None
    values: dict[str, Any]


class OutcomeSeen(msgspec.Struct, frozen=True):
    """How the last instruction ended."""

    kind: str
    return_code: int | None = None
    message: str | None = None


class FileOrderSeen(msgspec.Struct, frozen=True):
    """The file that an order came of: its source, its name there, and its path as it arrived."""

    source: str
    name: str
    path: str


class OrderSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it is now, or as it was when it ended.

    `may` are the verbs that would change something now and that the account may use. `allowed`
    (without regard to the account) and `waiting` are earlier forms of `may` and `reason`;
    `child_orders` tells of the first 1,000 children. `all_kept` is false where an order that has
    ended began under an earlier release: of what it carried only arguments and return codes are
    certain, and how it was to run is not known.
    """

    id: str
    workflow: str
    version: str
    state: str
    group: str
    suspended: bool
    marks: list[MarkSeen]
    position: str
    label: str | None
    job: str | None = None
    reason: ReasonSeen
    may: list[str]
    waiting: Waiting | None
    agent: str | None
    parent: str | None
    children: list[str]
    child_orders: list[ChildSeen] = []
    plan: str | None = None
    order_date: str | None
    scheduled_for: dt.datetime | None
    added_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None = None
    priority: int
    tags: list[str]
    outcome: OutcomeSeen | None
    arguments: dict[str, Any]
    results: list[ResultSeen]
    variables: dict[str, Any]
    all_kept: bool = True
    stop_positions: list[str] = []
    block_position: str | None = None
    force_admission: bool = False
    remain: bool = False
    file: FileOrderSeen | None = None
    allowed: list[str]
    live: bool


class PlaceSeen(msgspec.Struct, frozen=True):
    """A position of a workflow; `refused` says why the order cannot be resumed there."""

    position: str
    label: str | None
    instruction: str
    here: bool
    refused: str | None


class PlaceList(msgspec.Struct, frozen=True):
    """The positions of an order's workflow, in the order of the document."""

    id: str
    positions: list[PlaceSeen]


class OrderListed(msgspec.Struct, frozen=True, kw_only=True):
    """A line in a list of orders."""

    id: str
    workflow: str
    version: str
    state: str
    group: str
    suspended: bool
    live: bool
    position: str
    label: str | None
    reason: str | None
    until: dt.datetime | None
    outcome: str | None
    message: str | None
    return_code: int | None
    order_date: str | None
    plan: str | None
    scheduled_for: dt.datetime | None
    added_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    agent: str | None
    parent: str | None
    priority: int
    tags: list[str]


class OrderPage(msgspec.Struct, frozen=True):
    """A page of a list of orders, newest first; the cursors lead to the pages around it."""

    orders: list[OrderListed]
    older: str | None
    newer: str | None
