"""One agent: the real hold and journal over a simulated machine.

Commits, then acts, as the real loop does. How its messages travel is not its matter.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from agents import protocol as pr
from agents.worker.hands.attempt import Exit
from agents.worker.hands.scripts import Scripts
from agents.worker.hold import Effects, Hold
from agents.worker.jobs import launch, node_of
from agents.worker.round import LOST
from agents.worker.slots import Slots
from engine.errors import EngineError
from engine.order.model import Processing
from engine.order.resource_scope import resources_in
from engine.workflow.model import Job
from simulation.clock import Clock
from simulation.jobs import Machine
from simulation.memory import MemoryJournal

PROCESSES = 16

Holding = Callable[[str, str, MemoryJournal, Slots], Hold]


class NoScripts(Scripts):
    """Scripts that need no file, for nobody runs them."""

    def __init__(self) -> None:
        super().__init__(Path())

    def argv(self, script: bytes) -> tuple[str, ...]:
        """Return a command that nobody runs."""
        return ("/bin/sh",)


SCRIPTS = NoScripts()


class SimAgent:
    """An agent that can go away, come back, and lose its machine."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        machine: Machine,
        *,
        site_key: bytes,
        processes: int = PROCESSES,
        holding: Holding = Hold,
    ) -> None:
        self.name, self.clock, self.machine = name, clock, machine
        self.journal = MemoryJournal()
        self.hold: Hold | None = None
        self._site_key, self._processes, self._holding = site_key, processes, holding
        self._runs = 0
        self._new_run()

    @property
    def run(self) -> str:
        """The name of the present journal."""
        return (self.journal.fact("run") or b"").decode()

    def _new_run(self) -> None:
        self._runs += 1
        self.journal.forget([("run", f"{self.name}-r{self._runs}".encode()), ("taken", b"0")])

    # -- coming and going -------------------------------------------------------------------

    def up(self) -> None:
        """Begin, or begin again with what the journal holds and the machine still runs."""
        if self.hold is not None:
            return
        self.hold = self._holding(self.name, self.run, self.journal, Slots(self._processes))
        self.hold.site_key = self._site_key
        self.hold.load()
        self._adopt(self.hold)

    def down(self) -> None:
        """Let the agent's own process end at once; its jobs go on."""
        self.hold = None
        self.journal.lose()

    def lose_machine(self) -> None:
        """Let the machine go with everything on it but the disk."""
        self.down()
        self.machine.lose()

    def _adopt(self, hold: Hold) -> None:
        now = self.clock.now_us
        adopted = self.machine.adopt(self.journal.boot)
        known = list(hold.attempts.items())
        for end in adopted.exits:
            self._ended(hold, end)
        for attempt, order_id in known:
            verdict = adopted.verdict(attempt)
            mark = hold.world.orders[order_id].mark if verdict == "running" else None
            if mark and mark.kill:
                hold.effects.kills.append((attempt, None))
            elif verdict == "not_started":
                hold.effects.starts.append(order_id)
            elif verdict == "lost":
                end = Exit(attempt, None, None, now, "lost", LOST)
                hold.ended(end, now, lambda _job: (None, None))
        hold.begin(now)
        self._commit_and_act(hold)
        self.journal.boot = self.machine.boot

    # -- a turn -----------------------------------------------------------------------------

    def turn(self) -> bool:
        """Take in what has ended and what is due; tells whether anything happened."""
        hold = self.hold
        if hold is None:
            return False
        news, self.machine.news = self.machine.news, []
        for end in news:
            self._ended(hold, end)
        hold.woken(self.clock.now_us)
        return self._commit_and_act(hold) or bool(news)

    def take(self, messages: Sequence[pr.Down], taken: int) -> None:
        """Take in messages of the controller and note how far its stream has come."""
        if self.hold is None:
            return
        for message in messages:
            self.hold.take(message, self.clock.now_us)
        self.journal.set("taken", str(taken).encode())
        self._commit_and_act(self.hold)

    @property
    def taken(self) -> int:
        """The number up to which the controller's stream is durable here."""
        return int(self.journal.fact("taken") or b"0")

    def wait_us(self) -> int | None:
        """Return how long nothing is due, None if nothing waits for the clock."""
        return self.hold.wait_us(self.clock.now_us) if self.hold else None

    def _ended(self, hold: Hold, end: Exit) -> None:
        process = self.machine.processes.get(end.attempt)

        def parts(job: Job) -> tuple[bytes | None, bytes | None]:
            if process is None:
                return None, None
            error = process.last_error_line if job.fail_on_err_written else None
            return process.return_values, error

        hold.ended(end, self.clock.now_us, parts)

    def _commit_and_act(self, hold: Hold) -> bool:
        happened = False
        while self.journal.dirty or hold.effects != Effects():
            happened = True
            if self.journal.dirty:
                self.journal.commit()
            effects, hold.effects = hold.effects, Effects()
            self._act(hold, effects)
        return happened

    def _act(self, hold: Hold, effects: Effects) -> None:
        for order_id in effects.starts:
            self._start(hold, order_id)
        for attempt, _ in effects.kills:
            self.machine.kill(attempt)
        for attempt in effects.ended:
            self.machine.acknowledge(attempt)

    def _start(self, hold: Hold, order_id: str) -> None:
        order = hold.world.orders.get(order_id)
        if order is None or not isinstance(order.state, Processing):
            return
        now, program = self.clock.now_us, hold.world.program_of(order)
        try:
            start = launch(
                order,
                program,
                SCRIPTS,
                now_us=now,
                folder="",
                basic={},
                find=resources_in(hold),
            )
        except (EngineError, UnicodeError) as problem:
            hold.not_launched(order_id, str(problem), now)
            return
        self.machine.start(start, order=order_id, job=node_of(program, order)[0].job_name)


def decoded(rows: Sequence[tuple[int, bytes]]) -> list[pr.Down]:
    """Return the messages of outbox rows."""
    return [pr.decode_down(msgspec.Raw(body)) for _, body in rows]
