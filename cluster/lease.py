"""Who may act: terms, beats, silence, and the decision to take over.

One row per role names its *holder*, the *term* of that holder and a *beat* the holder raises. A
standby measures how long the row stays unchanged. All moments are seconds of the caller's own boot
clock and come in as arguments: no wall clock decides anything, and nothing here reads one.
This module must not know databases, threads or clocks.
"""

import enum

import msgspec

from cluster.failures import BadLeaseConfig


class Phase(enum.StrEnum):
    """Where a lease stands."""

    ACTIVE = "active"  # the holder works; it leads to draining, released or shutdown
    DRAINING = "draining"  # the holder finishes its writes; it leads to released or back to active
    RELEASED = "released"  # the holder has stopped; whoever takes over leads to active
    SHUTDOWN = "shutdown"  # the holder stopped and keeps the role; its own node leads to active


class Reason(enum.StrEnum):
    """Why a standby takes over or waits."""

    VACANT = "vacant"  # take: nobody ever held the role
    HANDED_OVER = "handed over"  # take: released, and not promised to another node
    RETURNED = "returned"  # take: this node shut down with the role kept, and is back
    SILENT = "silent"  # take: no beat for as long as the configuration asks for
    BEATING = "beating"  # wait: the holder lives, or its silence is still short
    PROMISED = "promised"  # wait: released to another node, which has not taken it yet
    SHUT_DOWN = "shut down"  # wait: the holder's node keeps the role while it is down


TAKING = frozenset({Reason.VACANT, Reason.HANDED_OVER, Reason.RETURNED, Reason.SILENT})


class EventKind(enum.StrEnum):
    """What the log of a role records."""

    TOOK_OVER = "TookOver"  # a standby found the holder silent
    SWITCHED_OVER = "SwitchedOver"  # the role came from a holder that released it, or from nobody
    DRAINING = "Draining"  # the holder was asked to hand over and finishes its writes
    RESUMED = "Resumed"  # the holder could not finish its writes in time and goes on
    RELEASED = "Released"  # the holder gave the role up
    SHUT_DOWN = "ShutDown"  # the holder stopped and keeps the role
    DEPOSED = "Deposed"  # a former holder noticed that its term is over
    GAVE_WAY = "GaveWay"  # the holder stopped beating, because its owner made no progress


class LeaseConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Timings of a role, in seconds.

    A holder stops acting `self_fence_s` after the start of its last successful beat; a standby
    takes over after `lost_s` of silence. The first is shorter by a margin, or both could act.

    Raises:
        BadLeaseConfig: with every contradiction found.
    """

    beat_s: float = 0.5
    poll_s: float = 0.25
    self_fence_s: float = 2.0
    lost_s: float = 2.5
    stagger_s: float = 0.3
    """Added per rank, so that several standbys do not all try at the same moment."""
    uncoupled_s: float = 2.0
    """Added for a standby that has not seen the journal's head, or that gave way itself."""
    progress_limit_s: float = 10.0
    """A holder whose owner makes no progress for longer stops beating."""
    drain_s: float = 5.0
    """How long a switch-over waits for writes in flight before it is called off."""

    def __post_init__(self) -> None:
        problems = _contradictions(self)
        if problems:
            raise BadLeaseConfig("; ".join(problems))


def _contradictions(config: LeaseConfig) -> list[str]:
    values = msgspec.structs.asdict(config)
    may_be_zero = {"stagger_s", "uncoupled_s"}
    rules = [
        (value > 0 or (value == 0 and name in may_be_zero), f"{name} must be positive")
        for name, value in values.items()
    ]
    rules += [
        (config.self_fence_s >= 3 * config.beat_s, "self_fence_s must be at least 3 x beat_s"),
        (config.lost_s >= config.self_fence_s + 0.4, "lost_s must exceed self_fence_s by 0.4 s"),
        (config.poll_s <= config.lost_s / 4, "poll_s must be at most a quarter of lost_s"),
        (config.progress_limit_s > config.lost_s, "progress_limit_s must be longer than lost_s"),
    ]
    return [sentence for holds, sentence in rules if not holds]


CONTROLLER = LeaseConfig()
COCKPIT = LeaseConfig(beat_s=1.0, poll_s=0.5, self_fence_s=4.0, lost_s=5.0, drain_s=30.0)


class Member(msgspec.Struct, frozen=True):
    """One start of one node: the same node has another incarnation after each start."""

    node: str
    incarnation: str

    @property
    def holder(self) -> str:
        """The form in which lease rows and session names carry a member."""
        return f"{self.node}/{self.incarnation}"


class Token(msgspec.Struct, frozen=True):
    """The right to write for a role, good until somebody else has a higher term.

    Receivers outside the database compare `(timeline, term)`: a database restored or promoted has a
    higher timeline, though its terms may have gone back.
    """

    role: str
    term: int
    holder: str
    timeline: int = 1


class Held(msgspec.Struct, frozen=True):
    """A token and how long its holder may act on it without asking again."""

    token: Token
    until_s: float

    def covers(self, now_s: float) -> bool:
        """Whether effects may still start at `now_s`."""
        return now_s < self.until_s

    def renewed(self, asked_at_s: float, config: LeaseConfig) -> "Held":
        """The same token after a beat that succeeded, counted from *before* the beat was sent."""
        return Held(self.token, asked_at_s + config.self_fence_s)


class Seen(msgspec.Struct, frozen=True):
    """The lease row as one look found it. `intended` is the node that a switch-over names."""

    term: int
    beat: int
    holder: str | None
    phase: Phase
    intended: str | None = None

    @property
    def holder_node(self) -> str | None:
        """The node part of the holder."""
        return self.holder.rpartition("/")[0] if self.holder else None


class Decision(msgspec.Struct, frozen=True):
    """What one look led to: why, and the silence against its limit."""

    reason: Reason
    silent_s: float
    limit_s: float

    @property
    def take(self) -> bool:
        """Whether to try to take over; the compare-and-swap still has the last word."""
        return self.reason in TAKING


class Silence:
    """Measures how long something has stayed the same, as far as this observer really looked.

    An observer that was away (frozen, cut off) for more than `gap_s` starts from zero: its own
    blindness must not count as somebody else's silence.
    """

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._mark: object = None
        self._since_s = 0.0
        self._looked_at_s: float | None = None

    def forget(self) -> None:
        """Count from the next look on."""
        self._looked_at_s = None

    def seconds(self, mark: object, now_s: float) -> float:
        """Returns how long `mark` has been seen without a change."""
        away = self._looked_at_s is None or now_s - self._looked_at_s > self._gap_s
        if away or mark != self._mark:
            self._mark, self._since_s = mark, now_s
        self._looked_at_s = now_s
        return now_s - self._since_s


class Decider:
    """A standby's judgement over successive looks at one lease."""

    def __init__(self, node: str, config: LeaseConfig, *, rank: int = 0) -> None:
        self._node = node
        self._config = config
        self._rank = rank
        self._silence = Silence(gap_s=config.lost_s / 2)

    def blind(self) -> None:
        """Forgets the silence counted so far, because the observer's own query failed."""
        self._silence.forget()

    def observe(self, seen: Seen, now_s: float, *, coupled: bool = True) -> Decision:
        """Returns whether to take over after this look.

        `now_s` is read after the answer has come, so that the silence never starts before the beat
        it is counted from. A change of `intended` alone is no sign of life.
        """
        mark = (seen.term, seen.beat, seen.holder, seen.phase)
        silent_s = self._silence.seconds(mark, now_s)
        limit_s = self._config.lost_s + self._rank * self._config.stagger_s
        limit_s += 0.0 if coupled else self._config.uncoupled_s
        return Decision(self._reason(seen, silent=silent_s >= limit_s), silent_s, limit_s)

    def _reason(self, seen: Seen, *, silent: bool) -> Reason:
        if seen.holder is None:
            return Reason.VACANT
        match seen.phase:
            case Phase.RELEASED if seen.intended in (None, self._node):
                return Reason.HANDED_OVER
            case Phase.SHUTDOWN:
                return Reason.RETURNED if seen.holder_node == self._node else Reason.SHUT_DOWN
            case Phase.RELEASED:
                return Reason.SILENT if silent else Reason.PROMISED
            case Phase.ACTIVE | Phase.DRAINING:
                return Reason.SILENT if silent else Reason.BEATING
