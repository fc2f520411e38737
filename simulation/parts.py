"""The parts of the product that are driven; a test may put another one in place of each."""

from collections.abc import Callable

import msgspec

from agents.worker.hold import Hold
from agents.worker.journal import Journal
from agents.worker.partner import Partner
from agents.worker.round import Round as Working
from agents.worker.slots import Slots
from controller.round import Round as Leading
from controller.turn import Turn
from simulation.faulty import FaultyJournal, FaultyStore
from simulation.store import MemoryStore

Holding = Callable[[str, str, Journal, Slots], Hold]


class Parts(msgspec.Struct, frozen=True):
    """`store` is that of a system whose carrier is perfect, `database` that of a night."""

    turn: type[Turn] = Turn
    hold: Holding = Hold
    store: Callable[[], MemoryStore] = MemoryStore
    leading: type[Leading] = Leading
    working: type[Working] = Working
    partner: type[Partner] = Partner
    database: Callable[[], FaultyStore] = FaultyStore
    journal: Callable[[], FaultyJournal] = FaultyJournal
