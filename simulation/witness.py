"""Who sees everything that happens in a simulated night, and has it judged at once.

Processes tell it what they do; it asks each invariant that cares. The first violation ends a night.
"""

import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from agents import protocol as pr
from cluster.lease import Token
from controller.changes import Changes
from controller.journal import Entry
from engine.errors import EngineError
from engine.order.events import OrderProcessingStarted
from engine.order.model import Order
from simulation.clock import Clock
from simulation.watch import Watch

if TYPE_CHECKING:
    from simulation.host import Host
    from simulation.night import Night
    from simulation.node import Node


class Violation(msgspec.Struct, frozen=True):
    """What was not as it has to be: which invariant, when, and the story."""

    invariant: str
    at_us: int
    sentence: str


class Took(msgspec.Struct, frozen=True):
    """An item of an agent's stream that a turn took in, with the journal numbers around it."""

    agent: str
    run: str
    n: int
    item: pr.Up
    before_no: int
    after_no: int


class Invariant:
    """Something that has to hold whatever happens. Each method yields sentences on what is wrong.

    `name` is the one of the reliability model (I1 to I13) or a word of its own. A method that an
    invariant does not override is never called.
    """

    name = ""

    def committed(self, night: "Night", token: Token, changes: Changes) -> Iterable[str]:
        """Judge a turn that has just been written; `night.witness.took` is what it took in."""
        return ()

    def before(self, night: "Night", entry: Entry, before: Order | None) -> Iterable[str]:
        """Judge the next entry of the journal, with the world as it was before it."""
        return ()

    def after(self, night: "Night", entry: Entry, before: Order | None) -> Iterable[str]:
        """Judge an entry of the journal, with the world as it is behind it."""
        return ()

    def set_back(self, night: "Night") -> Iterable[str]:
        """Learn that the database was set back in time."""
        return ()

    def began(self, night: "Night", host: "Host") -> Iterable[str]:
        """Judge an agent that begins, before it has done anything."""
        return ()

    def journalled(
        self, night: "Night", host: "Host", items: Sequence[tuple[int, pr.Up]]
    ) -> Iterable[str]:
        """Judge what an agent has just made durable."""
        return ()

    def released(self, night: "Night", host: "Host", upto: int) -> Iterable[str]:
        """Judge events that an agent deletes."""
        return ()

    def started(self, night: "Night", host: "Host", attempt: str) -> Iterable[str]:
        """Judge a process that begins."""
        return ()

    def opened(self, night: "Night", host: "Host", envelope: pr.Envelope) -> Iterable[str]:
        """Judge a letter that an agent believes."""
        return ()

    def taken_down(self, night: "Night", host: "Host", message: pr.Down) -> Iterable[str]:
        """Judge a message that an agent takes in."""
        return ()

    def sent_down(self, night: "Night", node: "Node", told: pr.Envelope) -> Iterable[str]:
        """Judge a letter that a controller sends."""
        return ()

    def sent_up(self, night: "Night", host: "Host", told: pr.Envelope) -> Iterable[str]:
        """Judge a letter that an agent sends."""
        return ()

    def stepped(self, night: "Night") -> Iterable[str]:
        """Judge the whole after a process has worked and something durable has changed."""
        return ()

    def quiet(self, night: "Night") -> Iterable[str]:
        """Judge the end: all faults healed long ago, and nothing moves by itself."""
        return ()


HOOKS = tuple(name for name in vars(Invariant) if not name.startswith("_") and name != "name")


class Witness:
    """Hands everything to the invariants that care."""

    def __init__(self, clock: Clock, invariants: Sequence[Invariant]) -> None:
        self._clock = clock
        self.night: Night | None = None
        self.violations: list[Violation] = []
        self.counts: Counter[str] = Counter()
        self.took: list[Took] = []
        self.changed = False
        self.watch = Watch()
        self.durable: set[str] = set()
        self._judges: dict[str, list[tuple[str, Callable[..., Iterable[str]]]]] = {
            hook: [
                (one.name, getattr(one, hook))
                for one in invariants
                if getattr(type(one), hook) is not getattr(Invariant, hook)
            ]
            for hook in HOOKS
        }

    def judge(self, hook: str, *seen: Any) -> None:
        """Ask everybody who cares; only the first violation is kept."""
        if self.violations or self.night is None:
            return
        for name, asks in self._judges[hook]:
            for sentence in asks(self.night, *seen):
                self.violate(name, sentence)
                return

    def failed(self, what: str, problem: BaseException) -> None:
        """Note that a process ended by something that nobody expects."""
        story = "".join(traceback.format_exception(problem)[-6:])
        self.violate("no surprise", f"{what}\n{story}")

    def violate(self, invariant: str, sentence: str) -> None:
        """Note what is wrong, if it is the first."""
        if not self.violations:
            self.violations.append(Violation(invariant, self._clock.now_us, sentence))

    # -- what processes tell ----------------------------------------------------------------

    def committed(self, token: Token, changes: Changes) -> None:
        """A turn was written."""
        self.changed = True
        for entry in changes.entries:
            self.counts[type(entry.event).__name__] += 1
            self._replay(entry)
        for saved in changes.saved:
            self.counts[f"state {type(saved.order.state).__name__}"] += 1
        self.judge("committed", token, changes)

    def _replay(self, entry: Entry) -> None:
        before = self.watch.world.orders.get(entry.order)
        self.judge("before", entry, before)
        try:
            self.watch.take(entry)
        except EngineError as problem:
            self.violate("rows are a replay", f"{entry} cannot follow: {problem}; {before}")
            return
        self.judge("after", entry, before)

    def set_back(self, journal: Sequence[Entry]) -> None:
        """The database was set back in time."""
        self.watch = Watch()
        self.watch.follow(journal)
        self.judge("set_back")

    def began(self, host: "Host") -> None:
        """An agent begins."""
        self.judge("began", host)

    def journalled(self, host: "Host", events: Sequence[tuple[int, bytes]]) -> None:
        """An agent made something durable."""
        self.changed = True
        items = [(n, pr.decode_up(msgspec.Raw(body))) for n, body in events]
        for _, item in items:
            if isinstance(item, pr.Happened) and isinstance(item.event, OrderProcessingStarted):
                self.durable.add(item.event.attempt)
        self.judge("journalled", host, items)

    def released(self, host: "Host", upto: int) -> None:
        """An agent deletes events."""
        self.judge("released", host, upto)

    def started(self, host: "Host", attempt: str) -> None:
        """A process begins."""
        self.judge("started", host, attempt)

    def opened(self, host: "Host", envelope: pr.Envelope) -> None:
        """An agent believes a letter."""
        self.judge("opened", host, envelope)

    def taken_down(self, host: "Host", message: pr.Down) -> None:
        """An agent takes in a message."""
        self.judge("taken_down", host, message)

    def sent_down(self, node: "Node", letter: str, key: bytes) -> None:
        """A controller sends a letter."""
        self.judge("sent_down", node, pr.unseal(letter, key, "down"))

    def sent_up(self, host: "Host", letter: str, key: bytes) -> None:
        """An agent sends a letter."""
        self.judge("sent_up", host, pr.unseal(letter.partition("\n")[2], key, "up"))
