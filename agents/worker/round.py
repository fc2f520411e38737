"""What an agent does with what has come: letters, ends of processes, moments that are due.

Takes in, decides, commits once and then acts; nothing is started, killed or told before the journal
has it. It has no thread, no file descriptor and no clock of its own: `agents.worker.loop` drives it
in the product, `simulation` in simulated time.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from agents import protocol as pr
from agents.worker.hands.attempt import Adopted, Exit, Start
from agents.worker.hands.left_files import Written
from agents.worker.hold import Effects, Hold
from agents.worker.journal import Journal
from agents.worker.partner import Coupled, Partner
from agents.worker.watching.finding import Finding, Wanted
from engine.errors import EngineError
from engine.order.model import Order, Processing
from engine.workflow.model import Job
from engine.workflow.program import Program

log = logging.getLogger(__name__)

LETTERS_A_TURN = 20
LOST = "the machine was restarted or replaced while the job ran"


class Hands(Protocol):
    """What starts and ends processes, and goes on without the agent."""

    def start(self, starts: Sequence[Start], /) -> None:
        """Begin processes; an attempt that was begun before is not begun again."""

    def kill(self, attempt: str, *, grace_s: float | None) -> None:
        """End a process, if it runs."""

    def adopted(self) -> None:
        """Take note that what was found at the begin is durable."""

    def acknowledge(self, attempts: Sequence[str], /) -> None:
        """Forget processes whose ends are durable."""


class Logs(Protocol):
    """What follows the output of processes."""

    @property
    def following(self) -> Collection[str]:
        """The attempts whose output is followed."""

    def follow(self, attempt: str, now_s: float, *, ended: bool = False) -> None:
        """Begin with an attempt."""

    def ended(self, attempt: str, now_s: float, now_us: int) -> None:
        """Send what is left of an attempt whose process is gone."""

    def acknowledge(self, ack: pr.LogAck, now_s: float) -> None:
        """Note what history has."""


class Eye(Protocol):
    """What looks into directories."""

    def watch(self, wanted: Mapping[str, Wanted], /) -> None:
        """Watch these directories from now on, by the names of their sources, and no others."""

    def findings(self) -> Iterable[Finding]:
        """Return what was found since the last call, a bounded part of it."""


class Closed:
    """An eye that sees nothing."""

    def watch(self, wanted: Mapping[str, Wanted], /) -> None:
        """Watch nothing."""

    def findings(self) -> Iterable[Finding]:
        """Return nothing."""
        return ()


class Memory(Protocol):
    """What the machine remembers of a run outside of its journal."""

    is_new: bool

    def check(self, last_n: int) -> bool:
        """Tell whether the journal is at least as far as this machine has seen it."""

    def note(self, last_n: int) -> None:
        """Remember how far the journal has come."""

    def forget(self) -> None:
        """Remove the memory of a run that is over."""


class Here(msgspec.Struct, frozen=True):
    """What a round needs from the machine. Moments in microseconds, `clock` in seconds.

    `launch` makes the start of an order's job; `parts` returns what an attempt wrote into its file
    of return values, and its last line on stderr where its job fails for one. `memory` begins to
    remember a run, `lock` identifies the state folder. `adopt` is told of each job that was under
    way, before anything of its output is looked at.
    """

    now_us: Callable[[], int]
    clock: Callable[[], float]
    launch: Callable[[Order, Program, int], Start]
    parts: Callable[[str, Job], tuple[Written, bytes | None]]
    memory: Callable[[str], Memory]
    new_run: Callable[[], str]
    lock: str
    adopt: Callable[[Order, Program], None] = lambda _order, _program: None


class Round:
    """Ties the journal, the orders, the hands and the link together."""

    def __init__(
        self,
        here: Here,
        *,
        hold: Hold,
        journal: Journal,
        partner: Partner,
        hands: Hands,
        logs: Logs,
        guard: Memory,
        eye: Eye | None = None,
    ) -> None:
        self.here, self.hold, self.journal, self.partner = here, hold, journal, partner
        self.hands, self.logs, self.guard = hands, logs, guard
        self.eye: Eye = eye or Closed()
        self.letters: deque[str] = deque()
        self.paused = False
        self._adopted = Adopted((), (), same_boot=True)
        self._early: list[Exit] = []
        self._knock: pr.Knock | None = None

    # -- beginning --------------------------------------------------------------------------

    def begin(self, adopted: Adopted) -> None:
        """Go on at once with the folder that was last used here; a strange one asks first."""
        self._adopted = adopted
        known = self.journal.fact("lock")
        if not self.guard.check(self.journal.last_n):
            log.error("agent.journal_went_back", extra={"last_n": self.journal.last_n})
            self._begin_anew()
        elif known is not None and (self.guard.is_new or known.decode() != self.here.lock):
            # Moved, restored or copied: nobody here knows what has run since.
            log.warning("agent.folder_is_strange", extra={"last_n": self.journal.last_n})
            self.paused = True
        else:
            self._go_on()

    def _go_on(self) -> None:
        strange, self.paused = self.paused, False
        self.journal.set("lock", self.here.lock.encode())
        self._adopt(self._adopted, strange=strange)
        early, self._early = self._early, []
        for end in early:
            self._take_end(end, self.here.now_us())

    def _adopt(self, adopted: Adopted, *, strange: bool) -> None:
        """Go on with attempts that survived, and begin those that nobody started."""
        now = self.here.now_us()
        self.hold.load()
        if strange:
            self.hold.begin_series(self.partner.nonce)
        # Taken before the ends: what follows from these starts by itself and is not to be adopted.
        known = list(self.hold.attempts.items())
        for _, order_id in known:
            order = self.hold.world.orders[order_id]
            self.here.adopt(order, self.hold.world.program_of(order))
        for end in adopted.exits:
            self._take_end(end, now)
        for attempt, order_id in known:
            found = adopted.verdict(attempt)
            if strange and found == "not_started":
                found = "lost"  # it may have run where the folder was before
            self._go_on_with(attempt, order_id, found)
        self.hold.begin(now)
        self.commit_and_act()
        self.hands.adopted()

    def _go_on_with(self, attempt: str, order_id: str, found: str) -> None:
        match found:
            case "running":
                self.logs.follow(attempt, self.here.clock())
                self._kill_again(order_id, attempt)
            case "not_started":
                self.hold.effects.starts.append(order_id)
            case "lost":
                now = self.here.now_us()
                end = Exit(attempt, None, None, now, "lost", LOST)
                self.hold.ended(end, now, lambda _job: (None, None))
            case _:  # its end was taken in
                return

    def _kill_again(self, order_id: str, attempt: str) -> None:
        mark = self.hold.world.orders[order_id].mark
        if mark and mark.kill:
            self.hold.effects.kills.append((attempt, None))

    # -- a turn -----------------------------------------------------------------------------

    def ended(self, end: Exit) -> None:
        """Take in the end of a process."""
        if self.paused:
            self._early.append(end)
        else:
            self._take_end(end, self.here.now_us())

    def take(self) -> None:
        """Take in letters and what is due, commit, then act and tell."""
        self._read_letters()
        if not self.paused:
            self.hold.woken(self.here.now_us())
            for finding in self.eye.findings():
                self.hold.sources.found(finding, self.here.now_us())
        self.commit_and_act()
        knock, self._knock = self._knock, None
        if knock is not None:
            self.partner.knocked(knock)
        self.partner.tick(self.here.now_us())

    def wait_s(self) -> float:
        """Return how long nothing is to be done unless something comes."""
        if self.letters or self.hold.effects.starts or self.journal.dirty:
            return 0.0
        due = self.hold.wait_us(self.here.now_us())
        looks = 0.25 if self.logs.following else 0.5
        return min(looks, self.partner.wait_s(), 60.0 if due is None else due / 1e6)

    def _read_letters(self) -> None:
        for _ in range(min(len(self.letters), LETTERS_A_TURN)):
            envelope = self.partner.open(self.letters.popleft())
            if envelope is not None:
                self._envelope(envelope)

    def _envelope(self, envelope: pr.Envelope) -> None:
        for word in envelope.words:
            self._word(word)
        self.partner.acknowledged(envelope)
        if self.paused:
            return
        try:
            messages = self.partner.fresh(envelope)
        except msgspec.MsgspecError as problem:
            log.error("agent.message_unreadable", extra={"problem": str(problem)})
            return
        for message in messages:
            self.hold.take(message, self.here.now_us())

    def _word(self, word: pr.Unnumbered) -> None:
        match word:
            case pr.Knock():
                # A Hello tells what is durable: it comes after the commit.
                self._knock = word
            case pr.Welcome():
                coupled = self.partner.welcomed(word)
                if coupled:
                    self._coupled(coupled)
            case pr.Missing():
                self.partner.missed()
            case pr.LogAck():
                self.logs.acknowledge(word, self.here.clock())
            case _:
                return

    def _coupled(self, coupled: Coupled) -> None:
        if coupled.reset:
            self._begin_anew()
            return
        if coupled.list_holdings:
            # In one commit with the name of the stream: who is on the stream has told the list.
            self.hold.list_known()
        if self.paused:
            self._go_on()

    def _begin_anew(self) -> None:
        """Forget all orders: the controller knows better than a journal that went back in time."""
        run = self.here.new_run()
        running = [one.attempt for one in self._adopted.running]
        for attempt in dict.fromkeys([*self.hold.attempts, *running]):
            self.hands.kill(attempt, grace_s=None)
        self.hands.acknowledge([end.attempt for end in (*self._adopted.exits, *self._early)])
        self._early.clear()
        begun = {"run": run, "stream": "", "taken": "0", "check": "", "lock": self.here.lock}
        self.journal.forget([(name, value.encode()) for name, value in begun.items()])
        self.guard.forget()
        self.guard = self.here.memory(run)
        self.hold.restart(run)
        self.partner.renewed(run)
        self.hands.adopted()
        self.paused = False

    def _take_end(self, end: Exit, now: int) -> None:
        known = end.attempt in self.hold.attempts
        self.hold.ended(end, now, lambda job: self.here.parts(end.attempt, job))
        if known and end.attempt not in self.logs.following:
            self.logs.follow(end.attempt, self.here.clock(), ended=True)

    # -- commit, then act -------------------------------------------------------------------

    def commit_and_act(self) -> None:
        """Make durable what was gathered, then carry it out and tell the controller."""
        events: list[tuple[int, bytes]] = []
        if self.journal.dirty:
            events = self.journal.commit()
            if not self.paused:  # a strange folder stays strange until it may go on
                self.guard.note(self.journal.last_n)
        self.hold.world.touched.clear()
        effects, self.hold.effects = self.hold.effects, Effects()
        self.act(effects)
        wanted = self.hold.sources.wanted()
        if wanted is not None:
            self.eye.watch(wanted)
        self.partner.committed(events)
        self.partner.acknowledge()

    def act(self, effects: Effects) -> None:
        """Start, kill and acknowledge what the journal has."""
        now, seconds = self.here.now_us(), self.here.clock()
        starts = [s for s in (self._launched(i, now) for i in effects.starts) if s is not None]
        for start in starts:
            self.logs.follow(start.attempt, seconds)
        if starts:
            self.hands.start(starts)
        for attempt, grace_s in effects.kills:
            self.hands.kill(attempt, grace_s=grace_s)
        if effects.ended:
            self.hands.acknowledge(effects.ended)
            for attempt in effects.ended:
                self.logs.ended(attempt, seconds, now)

    def _launched(self, order_id: str, now: int) -> Start | None:
        """Return how to start an order's job; None where that is over or cannot be worked out."""
        order = self.hold.world.orders.get(order_id)
        if order is None or not isinstance(order.state, Processing):
            return None
        try:
            return self.here.launch(order, self.hold.world.program_of(order), now)
        except (EngineError, OSError, UnicodeError) as problem:
            self.hold.not_launched(order_id, str(problem), now)
        except Exception as problem:  # one job's error must not stop the others
            log.exception("agent.launch_broken", extra={"order": order_id})
            self.hold.not_launched(order_id, f"the job cannot be started: {problem}", now)
        return None
