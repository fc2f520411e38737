"""What all processes of a simulated installation share: time, chance, letters, rows, keys."""

from collections.abc import Callable
from random import Random

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from simulation.clock import Clock
from simulation.faulty import FaultyStore
from simulation.network import Network
from simulation.parts import Parts
from simulation.witness import Witness

AT_ONE_MOMENT = 1_000


class NeverQuiet(Exception):
    """A process works and works without time passing."""


class Stage(msgspec.Struct):
    """`keys` are those of the links, by agent; `stepped` is called after a process has worked."""

    clock: Clock
    chance: Random
    network: Network
    store: FaultyStore
    witness: Witness
    parts: Parts
    keys: dict[str, bytes]
    public_key: Ed25519PublicKey
    horizon_us: int
    stepped: Callable[[], None]


class Steps:
    """The next moment at which a process works; an earlier one replaces a later one."""

    def __init__(self, clock: Clock, work: Callable[[], None]) -> None:
        self._clock, self._work = clock, work
        self._at: int | None = None
        self._worked_us = self._worked = 0

    def soon(self, in_us: int = 0) -> None:
        """Let the process work in a while, or before that if it is to already."""
        moment = self._clock.now_us + in_us
        if self._at is None or moment < self._at:
            self._at = moment
            self._clock.at(moment, lambda: self._come(moment))

    def stop(self) -> None:
        """Let it not work any more."""
        self._at = None

    def _come(self, moment: int) -> None:
        if self._at != moment:
            return
        self._at = None
        self._worked = self._worked + 1 if moment == self._worked_us else 0
        self._worked_us = moment
        if self._worked > AT_ONE_MOMENT:
            raise NeverQuiet(f"a process goes on and on at {moment}")
        self._work()
