"""An agent and its machine: the real round over a journal on a disk and simulated processes.

The agent can die at any commit, and its machine with all that runs on it. The disk can be set back
in time or lost; what the machine remembers outside of the disk then tells, if it remembers.
"""

from collections.abc import Sequence

from agents import protocol as pr
from agents.worker.hands.attempt import Start
from agents.worker.hold import Hold
from agents.worker.identity import begin_run
from agents.worker.jobs import launch, node_of
from agents.worker.partner import Partner
from agents.worker.round import Here, Round
from agents.worker.slots import Slots
from engine.order.model import Order, Processing
from engine.workflow.model import Job
from engine.workflow.program import Program
from simulation.agent import SCRIPTS
from simulation.clock import SECOND_US
from simulation.faulty import Crashed
from simulation.files import Eye, Folders
from simulation.jobs import Behaviours, Machine
from simulation.network import CONTROLLER, Reader
from simulation.stage import Stage, Steps


class Remembered:
    """What a machine remembers of a run outside of the agent's folder."""

    def __init__(self, seen: dict[str, int], run: str) -> None:
        self._seen, self._run = seen, run
        self.is_new = run not in seen

    def check(self, last_n: int) -> bool:
        """Tell whether the journal is at least as far as it was seen."""
        return last_n >= self._seen.get(self._run, 0)

    def note(self, last_n: int) -> None:
        """Remember how far the journal has come."""
        self._seen[self._run] = last_n

    def forget(self) -> None:
        """Remove the memory of a run that is over."""
        self._seen.pop(self._run, None)


class NoLogs:
    """Follows no output; knows only which attempts would be followed."""

    def __init__(self) -> None:
        self.following: dict[str, None] = {}

    def follow(self, attempt: str, now_s: float, *, ended: bool = False) -> None:
        """Begin with an attempt."""
        self.following[attempt] = None

    def ended(self, attempt: str, now_s: float, now_us: int) -> None:
        """End with an attempt."""
        self.following.pop(attempt, None)

    def acknowledge(self, ack: pr.LogAck, now_s: float) -> None:
        """Nothing was sent."""


class Host:
    """One agent's machine. Its processes go on while the agent is away."""

    def __init__(
        self,
        name: str,
        stage: Stage,
        behaviours: Behaviours,
        processes: int,
        folders: Folders | None = None,
    ) -> None:
        self.name, self.stage, self.processes = name, stage, processes
        self.journal = stage.parts.journal()
        self.journal.told = self._journalled
        self.durable_n = 0
        self.journal.told_release = lambda upto: stage.witness.released(self, upto)
        self.machine = Machine(stage.clock, behaviours)
        self.machine.tell = self._come
        self.seen: dict[str, int] = {}
        self.folder = f"{name}-1"
        self.skew_us = 0
        self.dies_acting = False
        self.round: Round | None = None
        self._folders = folders
        self.eye: Eye | None = None
        self.reader = Reader(self._read)
        self._instances = self._runs = 0
        self._launched: dict[str, tuple[str, str]] = {}
        self._steps = Steps(stage.clock, self._step)

    @property
    def hold(self) -> Hold | None:
        """The agent's orders, None while it is away."""
        return self.round.hold if self.round else None

    @property
    def now_us(self) -> int:
        """The moment as this machine's clock shows it."""
        return self.stage.clock.now_us + self.skew_us

    @property
    def orders(self) -> list[Order]:
        """The orders that the agent holds and acts on."""
        return list(self.round.hold.world.orders.values()) if self.round else []

    @property
    def run(self) -> str:
        """The name of the present journal."""
        return self.fact("run")

    def fact(self, name: str) -> str:
        """Return a durable fact, empty if there is none."""
        return (self.journal.fact(name) or b"").decode()

    def number(self, name: str) -> int:
        """Return a durable fact that is a number."""
        return int(self.journal.fact(name) or b"0")

    @property
    def coupled_with(self) -> str:
        """The queue of the controller that has welcomed the agent, empty if none has."""
        found = self.round
        return found.partner.queue if found and not found.paused else ""

    @property
    def at_rest(self) -> bool:
        """Whether the agent holds no order and the controller has all that it had to tell."""
        found = self.round
        if found is None or found.hold.world.orders:
            return False
        return found.partner.acked >= found.journal.last_n

    # -- coming and going -------------------------------------------------------------------

    def up(self) -> None:
        """Begin, or begin again with what the disk holds and the machine still runs."""
        if self.round is not None:
            return
        self._instances += 1
        self.reader = Reader(self._read)
        try:
            self._begin(pr.nonce_of(self.folder, f"{self._instances}"))
        except Crashed:
            self.down()

    def _begin(self, nonce: str) -> None:
        run = begin_run(self.journal, self._new_run())
        self.durable_n = self.journal.last_n
        here = Here(
            now_us=lambda: self.now_us,
            clock=self.stage.clock.seconds,
            launch=self._launch,
            parts=self._parts,
            memory=lambda run: Remembered(self.seen, run),
            new_run=self._new_run,
            lock=self.folder,
        )
        self.round = self._round(here, run, nonce)
        self.stage.witness.began(self)
        self.stage.network.join(self.reader, pr.queue_of_agent(self.name, nonce))
        self.round.begin(self.machine.adopt(self.journal.boot))
        self._steps.soon()

    def _round(self, here: Here, run: str, nonce: str) -> Round:
        parts, stage = self.stage.parts, self.stage
        hold = parts.hold(self.name, run, self.journal, Slots(self.processes))
        hold.site_key = stage.public_key.public_bytes_raw()
        partner = parts.partner(
            self.name,
            nonce,
            lock=self.folder,
            controller=CONTROLLER,
            processes=self.processes,
            key=stage.keys[self.name],
            journal=self.journal,
            send=self._send,
            clock=stage.clock.seconds,
        )
        self._have_witnessed(hold, partner)
        self.eye = Eye(self._folders, stage.clock) if self._folders is not None else None
        return parts.working(
            here,
            hold=hold,
            journal=self.journal,
            partner=partner,
            hands=self,
            logs=NoLogs(),
            guard=Remembered(self.seen, run),
            eye=self.eye,
        )

    def _have_witnessed(self, hold: Hold, partner: Partner) -> None:
        """Have the witness see what the agent believes and takes in."""
        witness, take, opening = self.stage.witness, hold.take, partner.open

        def taken(message: pr.Down, now_us: int) -> None:
            witness.taken_down(self, message)
            take(message, now_us)

        def opened(letter: str) -> pr.Envelope | None:
            envelope = opening(letter)
            if envelope is not None:
                witness.opened(self, envelope)
            return envelope

        hold.take = taken  # type: ignore[method-assign]  # of this instance only
        partner.open = opened  # type: ignore[method-assign]  # as above

    def _new_run(self) -> str:
        self._runs += 1
        return f"{self.name}r{self._runs}"

    def down(self) -> None:
        """Let the agent's process end at once; its jobs go on."""
        self.round = None
        self.stage.network.leave(self.reader)
        self.journal.lose()
        self._steps.stop()

    def lose_machine(self) -> None:
        """Let the machine go with everything on it but the disk."""
        self.down()
        self.machine.lose()

    def freeze(self) -> None:
        """Let the agent stand still."""
        self.stage.network.freeze(self.reader)

    def thaw(self) -> None:
        """Let it go on."""
        self.stage.network.thaw(self.reader)
        self._steps.soon()

    # -- work -------------------------------------------------------------------------------

    def _come(self) -> None:
        self._steps.soon()

    def _journalled(self, events: list[tuple[int, bytes]]) -> None:
        if events:
            self.durable_n = events[-1][0]
        self.stage.witness.journalled(self, events)

    def _read(self, letter: str) -> None:
        if self.round is not None:
            self.round.letters.append(letter)
            self._steps.soon()

    def _send(self, queue: str, letter: str) -> None:
        self.stage.witness.sent_up(self, letter, self.stage.keys[self.name])
        self.stage.network.send(self.name, queue, letter)

    def _step(self) -> None:
        if self.round is None or self.reader.frozen:
            return
        try:
            news, self.machine.news = self.machine.news, []
            for end in news:
                self.round.ended(end)
            self.round.take()
        except Crashed:
            self.down()
        except Exception as problem:
            self.stage.witness.failed(f"agent {self.name}: {problem!r}", problem)
            self.down()
        if self.round is not None:
            self._steps.soon(max(0, round(self.round.wait_s() * SECOND_US)))
        self.stage.stepped()

    # -- hands ------------------------------------------------------------------------------

    def start(self, starts: Sequence[Start], /) -> None:
        """Begin processes; an attempt that was begun before is not begun again."""
        for start in starts:
            if start.attempt in self.machine.processes:
                continue
            order_id, job = self._launched[start.attempt]
            self.machine.start(start, order=order_id, job=job)
            self.stage.witness.started(self, start.attempt)
            if self.dies_acting:
                self.dies_acting = False
                raise Crashed("after a start")

    def kill(self, attempt: str, *, grace_s: float | None) -> None:
        """End a process, if it runs."""
        self.machine.kill(attempt)

    def adopted(self) -> None:
        """Take note that what was found at the begin is durable."""
        self.journal.boot = self.machine.boot

    def acknowledge(self, attempts: Sequence[str], /) -> None:
        """Forget processes whose ends are durable."""
        for attempt in attempts:
            self.machine.acknowledge(attempt)

    def _launch(self, order: Order, program: Program, now_us: int) -> Start:
        assert isinstance(order.state, Processing)  # noqa: S101  # the round looked
        self._launched[order.state.attempt] = order.id, node_of(program, order)[0].job_name
        return launch(order, program, SCRIPTS, now_us=now_us, folder="", basic={})

    def _parts(self, attempt: str, job: Job) -> tuple[bytes | None, bytes | None]:
        process = self.machine.processes.get(attempt)
        if process is None:
            return None, None
        return process.return_values, process.last_error_line if job.fail_on_err_written else None
