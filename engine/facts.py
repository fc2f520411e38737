"""What the controller knows besides orders: locks, notices, workflows, plans, watched files.

Facts change only as a consequence of events; `engine.effects` says how. A fact that nobody has
touched is the default value of its kind and has no row.
"""

from typing import Any, TypeAlias

import msgspec
from msgspec.structs import replace

from engine.files.state import FileState, SourceState
from engine.objects.model import Policy
from engine.position import Position

FactKey: TypeAlias = tuple[str, str, str]
"""Kind, name and key: `("lock", path, "")`, `("notice", board, key)`, `("plan", id, "")`,
`("file", source, name)`."""

Rank: TypeAlias = tuple[int, int]
"""Place in a queue: negative priority, then the number under which the order came."""


class LockState(msgspec.Struct, frozen=True, tag="lock", array_like=True):
    """Who holds how much of a lock; None is all of it.

    `woken`: a turn has ended before its queue was looked at, the next one has to do it.
    """

    holders: dict[str, int | None] = {}
    woken: bool = False

    def fits(self, limit: int, count: int | None) -> bool:
        """Tell whether a demand can be fulfilled now."""
        held = self.holders.values()
        if None in held:
            return False
        taken = sum(share or 0 for share in held)
        return taken + count <= limit if count is not None else not self.holders and limit > 0


class Instance(msgspec.Struct, frozen=True, array_like=True):
    """One posting of a notice. `holders` are orders that consume it now, with their workflows.

    `consumed_by` are workflows whose consumption succeeded. A `doomed` one is deleted since the
    journal's number `doomed_no`, in a `replaced` one's place a newer one is present: both vanish
    when nobody holds them. `granted` are orders that failed to consume it and may do so again.

    `policy` and `longest_us` are the board's when it was posted. `failed_by` are workflows whose
    last consumption failed, where the policy asks. `warn_us` tells when a holder is to be warned
    of, `held_long` of whom it was.
    """

    gen: int
    posted_us: int
    end_of_life_us: int | None = None
    arguments: dict[str, Any] = {}
    holders: dict[str, str] = {}
    consumed_by: tuple[str, ...] = ()
    doomed: bool = False
    replaced: bool = False
    doomed_no: int = 0
    granted: tuple[str, ...] = ()
    policy: Policy = Policy.ANY_SUCCESS
    failed_by: tuple[str, ...] = ()
    longest_us: int | None = None
    warn_us: dict[str, int] = {}
    held_long: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether orders that come now may read or consume it."""
        return not (self.doomed or self.replaced)

    @property
    def in_use(self) -> bool:
        """Whether some order consumes it or may do so again."""
        return bool(self.holders or self.granted)

    def serves(self, workflow: str) -> bool:
        """Tell whether an order of this workflow may consume it: once for each workflow."""
        return workflow not in self.consumed_by and workflow not in self.holders.values()


class Scan(msgspec.Struct, frozen=True, array_like=True):
    """Orders in the queue up to number `upto_no` are still to be looked at, behind `after`.

    `again`: something else has happened meanwhile, everybody is to be looked at once more.
    """

    upto_no: int
    after: Rank | None = None
    again: bool = False

    def awaits(self, rank: Rank) -> bool:
        """Tell whether an order at this place is still to be looked at."""
        return rank[1] <= self.upto_no and (self.after is None or rank > self.after)


class NoticeState(msgspec.Struct, frozen=True, tag="notice", array_like=True):
    """The instances of one key of a board, oldest first, and who counts on it.

    `announced` counts orders of the plan that will post it. While a `scan` goes on, no instance
    vanishes: everybody who waited for the posting gets to see it.
    """

    instances: tuple[Instance, ...] = ()
    last_gen: int = 0
    announced: int = 0
    scan: Scan | None = None

    @property
    def present(self) -> Instance | None:
        """The instance that is present for those who come now."""
        newest = self.instances[-1] if self.instances else None
        return newest if newest and newest.open else None

    def seen_by(self, rank: Rank | None) -> Instance | None:
        """Return the instance for an order at a place of the queue; None for one that comes now.

        Who waited when the scan began sees what was there then, even if it was consumed or deleted
        since: a scan of many turns has the effect of one moment.
        """
        newest = self.instances[-1] if self.instances else None
        if newest is None or newest.open or rank is None or self.scan is None:
            return self.present
        since = newest.doomed_no > self.scan.upto_no and not newest.replaced
        return newest if since and self.scan.awaits(rank) else None

    def instance(self, gen: int) -> Instance | None:
        """Return an instance by its generation."""
        return next((i for i in self.instances if i.gen == gen), None)

    def changed(self, instance: Instance) -> "NoticeState":
        """Return the state with an instance in place of the one with its generation."""
        return replace(
            self,
            instances=tuple(instance if i.gen == instance.gen else i for i in self.instances),
        )

    def swept(self) -> "NoticeState":
        """Return the state without instances that nobody can use any more.

        While orders are still to be looked at, none goes.
        """
        if self.scan is not None:
            return self
        return replace(self, instances=tuple(i for i in self.instances if i.in_use or i.open))


class Control(msgspec.Struct, frozen=True, tag="control", array_like=True):
    """What people have done to a workflow: froze it, skipped labels, put stops before positions.

    `thaw_after` is the id of the last order that was looked at since it was resumed; None: all.
    """

    suspended: bool = False
    skipped: tuple[str, ...] = ()
    stops: tuple[Position, ...] = ()
    thaw_after: str | None = None


class PlanState(msgspec.Struct, frozen=True, tag="plan", array_like=True):
    """A plan; in a closed one no order is added and no notice posted."""

    closed: bool = False


class Throttle(msgspec.Struct, frozen=True, tag="throttle", array_like=True):
    """How many orders were added by instructions since the begin of the running minute."""

    since_us: int = 0
    count: int = 0


Fact: TypeAlias = LockState | NoticeState | Control | PlanState | Throttle | FileState | SourceState

DEFAULTS: dict[str, Fact] = {
    "lock": LockState(),
    "notice": NoticeState(),
    "workflow": Control(),
    "plan": PlanState(),
    "throttle": Throttle(),
    "file": FileState(),
    "fileordersource": SourceState(),
}

_JOINT = "\x1f"


def due_id(key: FactKey) -> str:
    """Return the text under which a fact stands among orders that are due."""
    return f"|{_JOINT.join(key)}"


def key_of(due: str) -> FactKey | None:
    """Return the fact of a text made by `due_id`, None for an order's id."""
    if not due.startswith("|"):
        return None
    # The name of a file may have the joint in it; it comes last.
    kind, name, key = due[1:].split(_JOINT, 2)
    return kind, name, key


def fact_due_us(fact: Fact) -> int | None:
    """Return the next moment at which the clock changes a fact.

    That is the end of a notice's life, when it has been held for long, or when a file gets its
    order; 0: at once.
    """
    if isinstance(fact, FileState):
        return fact.retry_us
    if isinstance(fact, SourceState):
        return None if fact.release_after is None else 0
    if not isinstance(fact, NoticeState):
        return None
    moments = [at_us for i in fact.instances for at_us in i.warn_us.values()]
    present = fact.present
    if present is not None and present.end_of_life_us is not None:
        moments.append(present.end_of_life_us)
    return min(moments, default=None)


def is_unfinished(fact: Fact) -> bool:
    """Tell whether orders that wait for a fact are still to be looked at."""
    if isinstance(fact, NoticeState):
        return fact.scan is not None
    if isinstance(fact, LockState):
        return fact.woken
    return isinstance(fact, Control) and fact.thaw_after is not None
