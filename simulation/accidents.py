"""What goes wrong in a simulated night, and how often: a table for each kind of night."""

import base64
import hmac
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from simulation.clock import SECOND_US
from simulation.faulty import DOOMS
from simulation.network import CONTROLLER, Carriage

if TYPE_CHECKING:
    from simulation.host import Host
    from simulation.night import Night


def controller_dies(night: "Night") -> None:
    """The controller's process ends at any moment."""
    for node in night.nodes:
        node.end()
    night.watch_over()


def controller_dies_in_a_commit(night: "Night") -> None:
    """The next commit ends badly: before, after, or nobody knows."""
    night.store.doom = night.chance.choice(DOOMS)


def controller_dies_sending(night: "Night") -> None:
    """The controller's process ends after a commit, before it has told everybody."""
    for node in night.nodes:
        node.dies_sending = True


def controller_freezes(night: "Night") -> None:
    """The controller stands still, maybe for so long that another one takes over."""
    for node in night.nodes:
        node.freeze()
        node.acts_on = night.chance.choice((0, 1, 3))
        night.later(night.chance.uniform(0.5, 8), node.thaw)
    night.watch_over()


def controller_hands_over(night: "Night") -> None:
    """Another node takes over while the old one still thinks that it leads."""
    for node in night.nodes:
        node.acts_on = night.chance.choice((1, 2, 5))
    night.take_over()


def agent_dies(night: "Night") -> None:
    """An agent's process ends; its jobs go on."""
    host = night.some_host()
    host.down()
    _back(night, host)


def agent_dies_in_a_commit(night: "Night") -> None:
    """An agent's process ends at its next commit."""
    host = night.some_host()
    host.journal.doom = night.chance.choice(("before", "after"))
    _back(night, host)


def agent_dies_acting(night: "Night") -> None:
    """An agent's process ends between a commit and the end of what follows from it."""
    host = night.some_host()
    host.dies_acting = True
    _back(night, host)


def agent_freezes(night: "Night") -> None:
    """An agent stands still."""
    host = night.some_host()
    host.freeze()
    night.later(night.chance.uniform(0.5, 12), host.thaw)


def machine_is_lost(night: "Night") -> None:
    """A machine stops with all that runs on it; what it did not sync may be gone."""
    host = night.some_host()
    host.lose_machine()
    if night.chance.random() < 0.5:
        host.seen.clear()
    _back(night, host)


def way_is_cut(night: "Night") -> None:
    """Letters between an agent and the controller get lost in one direction or in both."""
    name = night.some_host().name
    for way in night.chance.choice((((0, 1),), ((1, 0),), ((0, 1), (1, 0)))):
        ends = (name, CONTROLLER)
        night.network.cut(ends[way[0]], ends[way[1]], night.chance.uniform(0.5, 15))


def clock_jumps(night: "Night") -> None:
    """A wall clock jumps, back or forth."""
    jump = round(night.chance.choice((-30, -2, -0.5, 0.5, 2, 30)) * SECOND_US)
    if night.chance.random() < 0.5:
        night.controller_skew(jump)
    else:
        night.some_host().skew_us += jump


def letter_is_forged(night: "Night") -> None:
    """Somebody puts letters of his own into a queue, or changes others."""
    night.forge()


def agent_talks_nonsense(night: "Night") -> None:
    """An agent says what nobody can read, until somebody starts it again."""
    host = night.some_host()
    body = b"m\xc1"
    sealed = hmac.digest(night.stage.keys[host.name], b"up\0" + body, "sha256") + body
    for node in night.nodes:
        if node.leads:
            node.reader.read(f"{host.name}\n{base64.b64encode(sealed).decode()}")
    night.later(1, host.down)
    night.later(1.5, host.up)


def backup_is_made(night: "Night") -> None:
    """Somebody makes copies of all disks."""
    night.back_up()


def database_is_set_back(night: "Night") -> None:
    """The database is restored from a copy."""
    night.restore_database()


def folder_is_set_back(night: "Night") -> None:
    """An agent's folder is restored from a copy; its machine remembers better."""
    host = night.some_host()
    backup = night.backups.get(host.name)
    if backup is not None:
        night.disturbed = True
        host.down()
        host.journal.set_back(backup)
        _back(night, host)


def folder_is_moved(night: "Night") -> None:
    """An agent's machine is replaced: its folder comes from a copy, nobody remembers anything."""
    host = night.some_host()
    backup = night.backups.get(host.name)
    if backup is not None:
        night.disturbed = True
        host.lose_machine()
        host.seen.clear()
        host.journal.set_back(backup)
        host.folder += "'"
        _back(night, host)


def journal_is_lost(night: "Night") -> None:
    """An agent's disk is lost: it begins with an empty journal."""
    host = night.some_host()
    night.disturbed = True
    host.lose_machine()
    host.journal.renew()
    _back(night, host)


def _back(night: "Night", host: "Host") -> None:
    """Let an agent come back after a while, should it be away then."""
    night.later(night.chance.choice((0.1, 0.5, 3, 10)), host.up)


Accident = Callable[["Night"], None]

PROCESSES: Mapping[Accident, float] = {
    controller_dies: 1,
    controller_dies_in_a_commit: 3,
    controller_dies_sending: 1,
    controller_freezes: 2,
    controller_hands_over: 1,
    agent_dies: 1,
    agent_dies_in_a_commit: 2,
    agent_dies_acting: 1,
    agent_freezes: 1,
    machine_is_lost: 1,
    way_is_cut: 3,
    letter_is_forged: 0.5,
    agent_talks_nonsense: 0.3,
}
CLOCKS: Mapping[Accident, float] = {clock_jumps: 4, controller_dies: 1, machine_is_lost: 1}
DISKS: Mapping[Accident, float] = {
    **PROCESSES,
    backup_is_made: 8,
    database_is_set_back: 3,
    folder_is_set_back: 1,
    folder_is_moved: 1,
    journal_is_lost: 1,
}


class Mix(msgspec.Struct, frozen=True):
    """One kind of night. `every_s`: mean seconds between two accidents."""

    name: str
    carriage: Carriage
    accidents: Mapping[Accident, float]
    every_s: float


BAD_NET = Carriage(lost=0.08, doubled=0.08, late=0.04, way_s=0.02)
MIXES = (
    Mix("processes", BAD_NET, PROCESSES, 3.0),
    Mix("quiet", Carriage(), {**PROCESSES, clock_jumps: 0}, 30.0),
    Mix("disks", BAD_NET, DISKS, 2.0),
    Mix("clocks", Carriage(lost=0.02, doubled=0.02), CLOCKS, 4.0),
    Mix("network", Carriage(0.25, 0.25, 0.15, 0.1), {way_is_cut: 1, letter_is_forged: 1}, 3.0),
)
