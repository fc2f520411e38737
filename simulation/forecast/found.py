"""What a forecast has found, as plain values that are stored and sent.

Moments are microseconds since the epoch in UTC; None: not within the forecast.
"""

from typing import Literal, TypeAlias

import msgspec

Kind: TypeAlias = Literal[
    "start", "job", "fork", "retry", "sleep", "admission", "cycle", "lock", "notice", "process",
    "agent", "cluster", "control", "prompt", "person",
]  # fmt: skip
"""What an order does for a while: it waits for its planned start; runs a job; waits for its
children, a retry, the end of a Sleep, its admission, the next cycle, a lock, notices, a free
process, an agent that is away, an agent of a cluster, the resuming of its workflow, an answer, or
for a person that resumes it."""


class Span(msgspec.Struct, frozen=True, array_like=True):
    """What an order did from one moment to another, without a gap to the next.

    `what` names it: the job, the lock, the notice; `cause` is the order that ended it (gave back
    the lock, posted the notice, was the last child, freed the process), empty where the clock did.
    `others` are orders that had to come as well, each with when it did. `source` tells on what the
    duration of a job rests.
    """

    kind: Kind
    begin_us: int
    end_us: int | None
    position: str
    what: str
    cause: str = ""
    agent: str = ""
    source: str = ""
    others: tuple[tuple[str, int], ...] = ()


class OrderForecast(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What becomes of an order. `origin` is the parent of a child, or the order that added it.

    `end_us` is its end with usual durations, `late_end_us` with those that only one run in twenty
    exceeds. `why` says in a sentence why it does not end. `assumed` are sentences about conditions.
    """

    id: str
    workflow: str
    spans: tuple[Span, ...] = ()
    origin: str = ""
    is_child: bool = False
    scheduled_us: int | None = None
    begin_us: int | None = None
    end_us: int | None = None
    late_end_us: int | None = None
    deadline_us: int | None = None
    failed: bool = False
    why: str = ""
    assumed: tuple[str, ...] = ()

    @property
    def late_us(self) -> int | None:
        """By how much it misses its deadline, negative if it keeps it; None without a deadline."""
        if self.deadline_us is None or self.end_us is None:
            return None
        return self.end_us - self.deadline_us

    @property
    def misses(self) -> bool:
        """Whether it ends behind its deadline, or not at all though it has one."""
        late = self.late_us
        return self.deadline_us is not None and (late is None or late > 0)


class Posting(msgspec.Struct, frozen=True, array_like=True):
    """A notice that an order is going to post."""

    board: str
    key: str
    order: str
    at_us: int


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much was forecast and on what it rests; children are not counted.

    `sources` counts job runs by what their durations rest on. `cut_off`: it was too much and ended
    before its end.
    """

    orders: int = 0
    ended: int = 0
    failed: int = 0
    endless: int = 0
    jobs: int = 0
    sources: dict[str, int] = {}
    events: int = 0
    cut_off: bool = False


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found, children included."""

    now_us: int
    until_us: int
    orders: tuple[OrderForecast, ...]
    postings: tuple[Posting, ...]
    coverage: Coverage
