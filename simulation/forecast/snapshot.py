"""What a forecast starts from: everything that stands now, what is to come, and how long it took.

Plain values that travel to another process. Moments are microseconds since the epoch in UTC.
"""

import msgspec

from engine.facts import Fact, FactKey
from engine.order.model import Order
from engine.order.requests import NewOrder, SignedItem

DEFAULT_S = 60.0
"""How long a job is taken to run that has never run and says nothing of it."""


class AgentSeen(msgspec.Struct, frozen=True):
    """An agent. `processes` None: as many as it likes. One that is away gets nothing done."""

    name: str
    processes: int | None = None
    is_there: bool = True


class ClusterSeen(msgspec.Struct, frozen=True):
    """A cluster of agents with the priority of each; the highest that are there share the work."""

    name: str
    members: tuple[tuple[str, int], ...]


class Ran(msgspec.Struct, frozen=True):
    """How long the last runs of a job took that went well, shortest first.

    `place` is the instruction's label or place; empty for all runs of the job together.
    """

    workflow: str
    job: str
    place: str
    seconds: tuple[float, ...]


class Went(msgspec.Struct, frozen=True):
    """How often orders went into a branch, as `then`, of the instruction at a place."""

    workflow: str
    place: str
    branch: str
    count: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The input of a forecast.

    `last_no` is the number of the journal's last entry. `orders` in the order in which they last
    changed, with their results; `facts` without those of
    files; `items` are current objects and all workflow versions that somebody walks, and `current`
    the version of each path that new orders get. `coming` are orders that are not added yet;
    `horizon_us`: how long before its start an order goes to its agent.
    """

    now_us: int
    until_us: int
    last_no: int = 0
    items: tuple[SignedItem, ...] = ()
    current: dict[str, str] = {}
    orders: tuple[Order, ...] = ()
    facts: tuple[tuple[FactKey, Fact], ...] = ()
    coming: tuple[NewOrder, ...] = ()
    agents: tuple[AgentSeen, ...] = ()
    clusters: tuple[ClusterSeen, ...] = ()
    ran: tuple[Ran, ...] = ()
    went: tuple[Went, ...] = ()
    deadlines: dict[str, int] = {}
    default_s: float = DEFAULT_S
    horizon_us: int = 86_400_000_000
