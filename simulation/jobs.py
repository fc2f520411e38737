"""What processes do in the simulation, and the machine on which they run.

A machine goes on without its agent: it keeps timeouts, grace periods and the ends of processes
until the agent has taken them in, as the supervisors do.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from agents.worker.hands.attempt import Adopted, Exit, Reason, Start, Started
from simulation.clock import SECOND_US, Clock

SIGKILL, SIGTERM = 9, 15
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z_0-9]*)\}")


class OnSigterm(msgspec.Struct, frozen=True):
    """A process that traps SIGTERM, works on for some seconds and leaves with a code."""

    seconds: float
    returncode: int


class Behaviour(msgspec.Struct, frozen=True):
    """What one process does. `${NAME}` stands for a variable of its environment, empty if unset.

    Without `on_sigterm` it ends at once on SIGTERM; `ignore` waits for SIGKILL.
    """

    seconds: float = 1.0
    returncode: int | str = 0
    returns: dict[str, str] = {}
    return_values_text: str | None = None
    stdout: str = ""
    stderr: str = ""
    on_sigterm: OnSigterm | Literal["ignore"] | None = None


class Behaviours:
    """What each successive process of a job does; the last entry repeats."""

    def __init__(self, by_job: Mapping[str, Sequence[Behaviour]]) -> None:
        self._by_job = by_job
        self._count: dict[str, int] = {}

    def next(self, job: str) -> Behaviour:
        """Return what the next process of a job does."""
        entries = self._by_job.get(job) or (Behaviour(),)
        n = self._count.get(job, 0)
        self._count[job] = n + 1
        return entries[min(n, len(entries) - 1)]


class Process(msgspec.Struct):
    """A process, from its start until its end is taken in."""

    start: Start
    order: str
    job: str
    behaviour: Behaviour
    began_us: int
    ended_us: int | None = None
    reason: Reason = "exited"
    kill_us: int | None = None
    plan: int = 0
    exit: Exit | None = None

    @property
    def return_values(self) -> bytes:
        """What the process wrote into its file of return values."""
        lines = [f"{k}={expand(v, self.start.env)}\n" for k, v in self.behaviour.returns.items()]
        if self.behaviour.return_values_text is not None:
            lines.append(f"{self.behaviour.return_values_text}\n")
        return "".join(lines).encode()

    @property
    def last_error_line(self) -> bytes | None:
        """The last line on stderr, None if nothing was written there."""
        lines = [line for line in expand(self.behaviour.stderr, self.start.env).split("\n") if line]
        return lines[-1].encode() if lines else None


def expand(text: str, env: Mapping[str, str]) -> str:
    """Return the text with `${NAME}` replaced."""
    return _VARIABLE.sub(lambda found: env.get(found[1], ""), text)


class Machine:
    """Where the processes of one agent run, in the agent's absence too. `boot` counts its boots."""

    def __init__(self, clock: Clock, behaviours: Behaviours) -> None:
        self._clock, self._behaviours = clock, behaviours
        self.processes: dict[str, Process] = {}
        self.past: list[Process] = []
        self.news: list[Exit] = []
        self.tell: Callable[[], None] = lambda: None
        self.boot = 1

    def start(self, start: Start, *, order: str, job: str) -> None:
        """Begin a process."""
        one = Process(start, order, job, self._behaviours.next(job), self._clock.now_us)
        self.processes[start.attempt] = one
        self.past.append(one)
        self._end_in(one, one.behaviour.seconds, self._code(one))
        if start.timeout_s is not None:
            self._clock.at(
                self._clock.now_us + round(start.timeout_s * SECOND_US),
                lambda: self._terminate(one, "timedout"),
            )

    def kill(self, attempt: str) -> None:
        """End a process by command: SIGTERM, and SIGKILL after its grace."""
        one = self.processes.get(attempt)
        if one is not None:
            self._terminate(one, "killed")

    def adopt(self, boot: int) -> Adopted:
        """Return what an agent finds whose folder was last used since this boot."""
        self.news = []
        return Adopted(
            running=tuple(
                Started(a, 1, p.began_us) for a, p in self.processes.items() if p.exit is None
            ),
            exits=tuple(p.exit for p in self.processes.values() if p.exit is not None),
            same_boot=boot == self.boot,
        )

    def acknowledge(self, attempt: str) -> None:
        """Forget a process whose end is durable with the agent."""
        self.processes.pop(attempt, None)

    def lose(self) -> None:
        """Lose the machine: nobody will know how its processes ended."""
        for one in self.processes.values():
            if one.ended_us is None:
                one.ended_us = self._clock.now_us
        self.processes, self.news = {}, []
        self.boot += 1

    def _code(self, one: Process) -> int:
        return int(expand(str(one.behaviour.returncode), one.start.env) or 0)

    def _end_in(
        self, one: Process, seconds: float, code: int | None, signal: int | None = None
    ) -> None:
        """Plan the end of a process; an end planned before no longer happens."""
        one.plan += 1
        plan = one.plan
        moment = self._clock.now_us + round(seconds * SECOND_US)
        self._clock.at(moment, lambda: self._end(one, plan, code, signal))

    def _end(self, one: Process, plan: int, code: int | None, signal: int | None) -> None:
        if one.plan != plan or one.ended_us is not None:
            return
        now = one.ended_us = self._clock.now_us
        one.exit = Exit(one.start.attempt, code, signal, now, one.reason, started_us=one.began_us)
        self.news.append(one.exit)
        self.tell()

    def _terminate(self, one: Process, reason: Reason) -> None:
        now = self._clock.now_us
        due = now + round(one.start.grace_s * SECOND_US)
        if one.ended_us is not None or (one.kill_us is not None and one.kill_us <= due):
            return
        first, one.kill_us = one.kill_us is None, due
        if first:
            one.reason = reason
            self._on_sigterm(one)
        self._clock.at(due, lambda: self._sigkill(one))

    def _on_sigterm(self, one: Process) -> None:
        how = one.behaviour.on_sigterm
        if how is None:
            self._end_in(one, 0, None, SIGTERM)
        elif isinstance(how, OnSigterm):
            self._end_in(one, how.seconds, how.returncode)

    def _sigkill(self, one: Process) -> None:
        if one.ended_us is None and one.kill_us is not None and one.kill_us <= self._clock.now_us:
            self._end_in(one, 0, None, SIGKILL)
