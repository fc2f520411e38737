"""A broker that loses, doubles, delays and reorders letters, and whose ways can be cut.

Queues keep what nobody reads: letters for a dead instance wait until somebody throws them away.
Everything by chance comes from one seed. Knows letters and queues, not what is in them.
"""

from collections import deque
from collections.abc import Callable
from random import Random

import msgspec

from simulation.clock import SECOND_US, Clock

CONTROLLER = "controller"

Read = Callable[[str], None]


class Carriage(msgspec.Struct, frozen=True):
    """How badly letters travel: shares of all letters, and the usual time on the way in seconds.

    A `late` letter takes up to `late_s`: long enough to come from another term.
    """

    lost: float = 0.0
    doubled: float = 0.0
    late: float = 0.0
    way_s: float = 0.002
    late_s: float = 60.0


class Reader:
    """A process that reads queues. While it is `frozen` its letters stay where they are."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.frozen = False


class Network:
    """The queues, the letters under way, and the cuts."""

    def __init__(self, clock: Clock, chance: Random, carriage: Carriage) -> None:
        self._clock, self._chance, self.carriage = clock, chance, carriage
        self._kept: dict[str, deque[str]] = {}
        self._readers: dict[str, list[Reader]] = {}
        self._cuts: dict[tuple[str, str], int] = {}
        self.counts = {"sent": 0, "lost": 0, "doubled": 0, "late": 0, "cut": 0}

    # -- readers ----------------------------------------------------------------------------

    def join(self, reader: Reader, *queues: str) -> None:
        """Let a process read queues, beginning with what lies there."""
        for queue in queues:
            self._readers.setdefault(queue, []).append(reader)
            self._hand_out(queue)

    def leave(self, reader: Reader) -> None:
        """Let a process read no more."""
        for readers in self._readers.values():
            if reader in readers:
                readers.remove(reader)

    def freeze(self, reader: Reader) -> None:
        """Let a process stand still: it reads nothing and is still there."""
        reader.frozen = True

    def thaw(self, reader: Reader) -> None:
        """Let a process go on; it finds what came meanwhile."""
        reader.frozen = False
        for queue, readers in self._readers.items():
            if reader in readers:
                self._hand_out(queue)

    def drop(self, queue: str) -> None:
        """Throw a queue away with what lies in it."""
        self._kept.pop(queue, None)

    # -- letters ----------------------------------------------------------------------------

    def send(self, sender: str, queue: str, letter: str) -> None:
        """Take a letter; nothing is promised."""
        chance, how = self._chance, self.carriage
        self.counts["sent"] += 1
        if self._is_cut(sender, place_of(queue)):
            self.counts["cut"] += 1
            return
        if chance.random() < how.lost:
            self.counts["lost"] += 1
            return
        self._carry(queue, letter)
        if chance.random() < how.doubled:
            self.counts["doubled"] += 1
            self._carry(queue, letter)

    def _carry(self, queue: str, letter: str) -> None:
        chance, how = self._chance, self.carriage
        seconds = chance.expovariate(1 / how.way_s)
        if chance.random() < how.late:
            self.counts["late"] += 1
            seconds += chance.uniform(0, how.late_s)
        moment = self._clock.now_us + round(seconds * SECOND_US)
        self._clock.at(moment, lambda: self._arrive(queue, letter))

    def _arrive(self, queue: str, letter: str) -> None:
        self._kept.setdefault(queue, deque()).append(letter)
        self._hand_out(queue)

    def _hand_out(self, queue: str) -> None:
        kept = self._kept.get(queue)
        while kept:
            awake = [r for r in self._readers.get(queue, ()) if not r.frozen]
            if not awake:
                return
            one = awake[0] if len(awake) == 1 else self._chance.choice(awake)
            one.read(kept.popleft())

    # -- cuts -------------------------------------------------------------------------------

    def cut(self, sender: str, receiver: str, seconds: float) -> None:
        """Let no letter leave a place for another one for some time."""
        until = self._clock.now_us + round(seconds * SECOND_US)
        self._cuts[sender, receiver] = max(until, self._cuts.get((sender, receiver), 0))

    def heal(self) -> None:
        """End all cuts and travel well from now on; what is under way stays so."""
        self._cuts.clear()
        self.carriage = Carriage()

    def _is_cut(self, sender: str, receiver: str) -> bool:
        return self._cuts.get((sender, receiver), 0) > self._clock.now_us


def place_of(queue: str) -> str:
    """Return where a queue is read: an agent's name, or the controllers."""
    kind, _, rest = queue.partition(".")
    return rest.rpartition(".")[0] if kind == "agent" else CONTROLLER
