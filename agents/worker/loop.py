"""The agent's loop: one thread that takes in, decides, commits once and then acts.

Whatever came while the last commit was under way goes into the next one, so that under load many
events share its price. Nothing is started, killed or told before the journal has it.
"""

import logging
import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import msgspec

from agents import protocol as pr
from agents.worker.hands.attempt import Adopted, Exit, Start
from agents.worker.hands.output import OutputReader
from agents.worker.hands.pool import Pool
from agents.worker.hands.scripts import Scripts
from agents.worker.hold import Effects, Hold
from agents.worker.identity import Guard
from agents.worker.jobs import launch
from agents.worker.journal import Journal
from agents.worker.partner import Coupled, Partner
from agents.worker.shipping import Shipping
from engine.errors import EngineError
from engine.order.model import Processing
from engine.workflow.model import Job

log = logging.getLogger(__name__)

LETTERS_A_TURN = 20


class AgentLoop:
    """Ties the journal, the orders, the hands and the link together."""

    def __init__(
        self,
        *,
        hold: Hold,
        journal: Journal,
        partner: Partner,
        pool: Pool,
        reader: OutputReader,
        shipping: Shipping,
        scripts: Scripts,
        guard: Guard,
        basic_env: dict[str, str],
        lock: str,
        new_run: Callable[[], str],
    ) -> None:
        self.hold, self.journal, self.partner = hold, journal, partner
        self.pool, self.reader, self.shipping, self.scripts = pool, reader, shipping, scripts
        self.guard, self.basic_env, self._new_run = guard, basic_env, new_run
        self._lock = lock
        self._adopted = Adopted((), (), same_boot=True)
        self._early: list[Exit] = []
        self.letters: deque[str] = deque()
        self._wake_r, self._wake_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector = selectors.DefaultSelector()
        self._stop = threading.Event()
        self._paused = False

    # -- the carrier's side -----------------------------------------------------------------

    def take_letter(self, letter: str) -> None:
        """Hand a letter over; called from the carrier's thread."""
        self.letters.append(letter)
        self._wake()

    def stop(self) -> None:
        """End the loop after its turn; jobs go on under their supervisors."""
        self._stop.set()
        self._wake()

    def _wake(self) -> None:
        with suppress(BlockingIOError):
            os.write(self._wake_w, b".")

    # -- the loop ---------------------------------------------------------------------------

    def run(self) -> None:
        """Adopt what runs, then turn until stopped."""
        self._selector.register(self._wake_r, selectors.EVENT_READ)
        self._adopted = self.pool.open()
        self.pool.register(self._selector)
        self._begin()
        while not self._stop.is_set():
            self._turn()
        self.pool.close(stop_idle=True)
        self.journal.close()

    def _begin(self) -> None:
        """Go on at once with the folder that was last used here; a strange one asks first."""
        known = self.journal.fact("lock")
        if not self.guard.check(self.journal.last_n):
            log.error("agent.journal_went_back", extra={"last_n": self.journal.last_n})
            self._begin_anew()
        elif known is not None and (self.guard.is_new or known.decode() != self._lock):
            # Moved, restored or copied: nobody here knows what has run since.
            log.warning("agent.folder_is_strange", extra={"last_n": self.journal.last_n})
            self._paused = True
        else:
            self._go_on()

    def _go_on(self) -> None:
        self._paused = False
        self.journal.set("lock", self._lock.encode())
        self._adopt(self._adopted)
        early, self._early = self._early, []
        for end in early:
            self._ended(end, now_us())

    def _adopt(self, adopted: Adopted) -> None:
        """Go on with attempts that survived, and begin those that nobody started."""
        now = now_us()
        self.hold.load()
        # Taken before the ends: what follows from these starts by itself and is not to be adopted.
        known = list(self.hold.attempts.items())
        for end in adopted.exits:
            self._ended(end, now)
        for attempt, order_id in known:
            match adopted.verdict(attempt):
                case "running":
                    self.shipping.follow(attempt, time.monotonic())
                    self._kill_again(order_id, attempt)
                case "not_started":
                    self.hold.effects.starts.append(order_id)
                case "lost":
                    end = Exit(
                        attempt,
                        None,
                        None,
                        now,
                        "lost",
                        "the machine was restarted while the job ran",
                    )
                    self.hold.ended(end, now, lambda _job: (None, None))
                case _:
                    continue
        self.hold.begin(now)
        self._commit_and_act()

    def _kill_again(self, order_id: str, attempt: str) -> None:
        mark = self.hold.world.orders[order_id].mark
        if mark and mark.kill:
            self.hold.effects.kills.append((attempt, None))

    def _turn(self) -> None:
        wait = self._wait_s()
        for key, _ in self._selector.select(wait):
            if key.fd == self._wake_r:
                with suppress(BlockingIOError):
                    os.read(self._wake_r, 65536)
            else:
                for event in self.pool.on_readable():
                    if isinstance(event, Exit) and self._paused:
                        self._early.append(event)
                    elif isinstance(event, Exit):
                        self._ended(event, now_us())
        self._read_letters()
        if not self._paused:
            self.hold.woken(now_us())
        self._commit_and_act()
        self.partner.tick(now_us())
        self.shipping.tick(time.monotonic(), now_us())

    def _wait_s(self) -> float:
        if self.letters or self.hold.effects.starts:
            return 0.0
        due = self.hold.wait_us(now_us())
        looks = 0.25 if self.shipping.following else 0.5
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
        if self._paused:
            return
        try:
            messages = self.partner.fresh(envelope)
        except msgspec.MsgspecError as problem:
            log.error("agent.message_unreadable", extra={"problem": str(problem)})
            return
        for message in messages:
            self.hold.take(message, now_us())

    def _word(self, word: pr.Unnumbered) -> None:
        match word:
            case pr.Knock():
                self.partner.knocked(word)
            case pr.Welcome():
                coupled = self.partner.welcomed(word)
                if coupled:
                    self._coupled(coupled)
            case pr.Missing():
                self.partner.missed()
            case pr.LogAck():
                self.shipping.acknowledge(word, time.monotonic())
            case _:
                return

    def _coupled(self, coupled: Coupled) -> None:
        if coupled.reset:
            self._begin_anew()
            return
        if self._paused:
            self._go_on()
        if coupled.list_holdings:
            self.hold.list_known()

    def _begin_anew(self) -> None:
        """Forget all orders: the controller knows better than a journal that went back in time."""
        run = self._new_run()
        for attempt in {*self.hold.attempts, *(one.attempt for one in self._adopted.running)}:
            self.pool.kill(attempt, grace_s=None)
        self.pool.acknowledge([end.attempt for end in (*self._adopted.exits, *self._early)])
        self._early.clear()
        begun = {"run": run, "stream": "", "taken": "0", "check": "", "lock": self._lock}
        self.journal.forget([(name, value.encode()) for name, value in begun.items()])
        self.guard.forget()
        self.guard = Guard(run)
        self.hold.restart(run)
        self.partner.renewed(run)
        self._paused = False

    # -- ends of processes ------------------------------------------------------------------

    def _ended(self, end: Exit, now: int) -> None:
        known = end.attempt in self.hold.attempts

        def parts(job: Job) -> tuple[bytes | None, bytes | None]:
            error_line = (
                last_line(self.reader.path(end.attempt, "err")) if job.fail_on_err_written else None
            )
            return self.reader.return_values(end.attempt), error_line

        self.hold.ended(end, now, parts)
        if known and end.attempt not in self.shipping.following:
            self.shipping.follow(end.attempt, time.monotonic(), ended=True)

    # -- commit, then act -------------------------------------------------------------------

    def _commit_and_act(self) -> None:
        events: list[tuple[int, bytes]] = []
        if self.journal.dirty:
            events = self.journal.commit()
            self.guard.note(self.journal.last_n)
        self.hold.world.touched.clear()
        effects, self.hold.effects = self.hold.effects, Effects()
        self._act(effects)
        self.partner.committed(events)
        self.partner.acknowledge()

    def _act(self, effects: Effects) -> None:
        now, seconds = now_us(), time.monotonic()
        starts = [s for s in (self._launched(i, now) for i in effects.starts) if s is not None]
        for start in starts:
            self.shipping.follow(start.attempt, seconds)
        if starts:
            self.pool.start(starts)
        for attempt, grace_s in effects.kills:
            self.pool.kill(attempt, grace_s=grace_s)
        if effects.ended:
            self.pool.acknowledge(effects.ended)
            for attempt in effects.ended:
                self.shipping.ended(attempt, seconds, now)
        if self.journal.dirty:
            self._wake()

    def _launched(self, order_id: str, now: int) -> Start | None:
        """Return how to start an order's job; None where that is over or cannot be worked out."""
        order = self.hold.world.orders.get(order_id)
        if order is None or not isinstance(order.state, Processing):
            return None
        try:
            return launch(
                order,
                self.hold.world.program_of(order),
                self.scripts,
                now_us=now,
                folder=self.reader.folder,
                basic=self.basic_env,
            )
        except (EngineError, OSError, UnicodeError) as problem:
            self.hold.not_launched(order_id, str(problem), now)
            return None


def last_line(path: str) -> bytes | None:
    """Return the last line of a file that is not empty, None for an empty or missing one."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # hot path, paths are texts here
            file.seek(0, os.SEEK_END)
            size = file.tell()
            file.seek(max(0, size - 8192))
            lines = [line for line in file.read().split(b"\n") if line.strip()]
    except FileNotFoundError:
        return None
    return lines[-1] if lines else None


def now_us() -> int:
    """Return the moment, microseconds since 1970 in UTC."""
    return time.time_ns() // 1000
