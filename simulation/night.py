"""A simulated night: an installation, people and accidents out of one seed, then peace.

First everything happens at random; then all faults heal, everybody comes back, and people end what
is left. An invariant that does not hold ends the night.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agents import protocol as pr
from engine import seal
from engine.order.requests import Request, SignedItem, TakeItems
from engine.steps.site import DAY_US
from simulation.accidents import MIXES, Mix
from simulation.clock import SECOND_US, Clock
from simulation.documents import AGENTS, JOBS, WEIGHTS, Installed, installed, new_version
from simulation.files import FileLife
from simulation.host import Host
from simulation.jobs import Behaviour, Behaviours, OnSigterm
from simulation.memories import Memory, round_of
from simulation.network import CONTROLLER, Network
from simulation.node import Node
from simulation.parts import Parts
from simulation.people import People, last_wishes
from simulation.stage import NeverQuiet, Stage
from simulation.witness import Invariant, Violation, Witness

PRODUCT = Parts()
START_US = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
BUSY_S = 30.0
WISH_EVERY_S = 1.2
HEALS_IN_S = 90.0
LOOK_S = 1.0
FORGER = b"a key that nobody was given"
_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class Verdict(msgspec.Struct, frozen=True):
    """What a night has shown. `counts` are event types, states, accidents and letters."""

    seed: int
    violations: tuple[Violation, ...]
    simulated_s: float
    counts: Mapping[str, int]


class Plan(msgspec.Struct, frozen=True):
    """What makes a night the same again: all but the parts of the product.

    With `files` directories are watched besides; nothing else of the night depends on that.
    """

    seed: int
    mix: Mix
    memory: Memory = "term"
    weights: Mapping[str, float] = msgspec.field(default_factory=lambda: WEIGHTS)
    busy_s: float = BUSY_S
    files: bool = False


def plan(seed: int, *, memory: Memory = "term", files: bool = False) -> Plan:
    """Return the night of a seed."""
    return Plan(seed, MIXES[seed % len(MIXES)], memory, files=files)


class Night:
    """One run. `backups` are copies of agents' disks by name."""

    def __init__(
        self,
        plan: Plan,
        invariants: Sequence[Invariant],
        parts: Parts = PRODUCT,
    ) -> None:
        self.plan, self.parts = plan, parts
        self.chance = Random(plan.seed)  # noqa: S311  # for a night, not for secrets
        self.clock = Clock(START_US)
        self.witness = Witness(self.clock, invariants)
        self.network = Network(self.clock, self._own_chance(), plan.mix.carriage)
        self.store = parts.database()
        self.store.told = self.witness.committed
        self.stage = Stage(
            clock=self.clock,
            chance=self._own_chance(),
            network=self.network,
            store=self.store,
            witness=self.witness,
            parts=parts,
            keys={name: name.encode() * 4 for name in AGENTS},
            public_key=_KEY.public_key(),
            horizon_us=self.chance.choice((DAY_US, 4 * SECOND_US)),
            stepped=self._stepped,
        )
        behaviours = Behaviours(_behaviours(self.chance))
        self.files = FileLife(self, plan.seed) if plan.files else None
        folders = self.files.folders if self.files else None
        self.hosts = {name: Host(name, self.stage, behaviours, 2, folders) for name in AGENTS}
        self.nodes: list[Node] = []
        self.backups: dict[str, tuple[bytes, int]] = {}
        self.disturbed = False
        self.asked: dict[UUID, Request] = {}
        self.limits: dict[str, int] = {}
        self.healed = False
        self._database: dict[str, Any] | None = None
        self._skew_us = self._asked = self._versions = 0
        self._taking_over = False
        looks = self.chance.choice((1, 2, 1_000))
        self._kind = round_of(parts, plan.memory, self.witness, looks=looks)
        temper = Random(f"temper {plan.seed}")  # noqa: S311  # for a night, not for secrets
        self._people = People(self._own_chance(), temper, self.store, lambda: self.clock.now_us)
        self.witness.night = self

    def _own_chance(self) -> Random:
        """Return a source of chance of its own, so that one part does not disturb the others."""
        return Random(self.chance.getrandbits(64))  # noqa: S311  # for a night, not for secrets

    # -- the night --------------------------------------------------------------------------

    def run(self) -> Verdict:
        """Let the whole night happen."""
        self._begin()
        self._go_to(START_US + round(self.plan.busy_s * SECOND_US))
        if not self.witness.violations:
            self._heal()
            self._end()
        seconds = (self.clock.now_us - START_US) / SECOND_US
        counts = dict(self.witness.counts)
        counts.update({f"letter {kind}": n for kind, n in self.network.counts.items()})
        return Verdict(self.plan.seed, tuple(self.witness.violations), seconds, counts)

    def _begin(self) -> None:
        self.take_over()
        for host in self.hosts.values():
            host.up()
        found = installed(self._own_chance(), self.plan.weights)
        self.limits = {
            path: o["limit"] for (kind, path), o in found.objects.items() if "limit" in o
        }
        self.deploy(found)
        self._every(WISH_EVERY_S, self._wish)
        self._every(self.plan.mix.every_s, self._accident)
        for _ in range(2):
            self.later(1.0, self._add)
        if self.files is not None:
            self.files.begin()

    def _go_to(self, moment_us: int) -> bool:
        """Let time pass up to a moment, or to the first violation; tells whether it came."""
        while not self.witness.violations:
            following = self.clock.next_us()
            if following is None or following > moment_us:
                self.clock.go_to(moment_us)
                return True
            try:
                self.clock.go_to(following)
            except NeverQuiet as problem:
                self.witness.failed(str(problem), problem)
        return False

    def _every(self, mean_s: float, action: Callable[[], None]) -> None:
        """Let something happen again and again until everything heals."""

        def happen() -> None:
            if not self.healed:
                action()
                self.later(self.chance.expovariate(1 / mean_s), happen)

        self.later(self.chance.expovariate(1 / mean_s), happen)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Let something happen after some seconds."""
        self.clock.at(self.clock.now_us + round(seconds * SECOND_US), action)

    # -- people -----------------------------------------------------------------------------

    def ask(self, request: Request) -> None:
        """Leave a request in the database, and wake the controller."""
        self._asked += 1
        command = UUID(int=self._asked)
        self.asked[command] = request
        self.store.ask(command, request)
        for node in self.nodes:
            node.wake()

    def _add(self) -> None:
        self.ask(self._people.add())

    def _wish(self) -> None:
        if self.chance.random() < 0.03:
            path = self.chance.choice(("flow-1", "flow-2"))
            document = new_version(self._own_chance(), self.plan.weights, path)
            self.deploy(Installed({path: document}, {}))
        else:
            self.ask(self._people.request())

    def deploy(self, what: Installed) -> None:
        """Deploy workflows and objects, signed by the site."""
        self._versions += 1
        items = [self._sealed("workflow", path, one) for path, one in what.workflows.items()]
        items += [self._sealed(kind, path, one) for (kind, path), one in what.objects.items()]
        self.ask(TakeItems(tuple(items)))

    def _sealed(self, kind: str, path: str, document: Mapping[str, Any]) -> SignedItem:
        body = json.dumps(document).encode()
        return seal.sealed(_KEY, kind, path, f"v{self._versions}", body)

    # -- controllers ------------------------------------------------------------------------

    def watch_over(self) -> None:
        """See to it that somebody takes over where nobody leads."""
        if not self._taking_over and not any(node.leads for node in self.nodes):
            self._taking_over = True
            self.later(0.5 if self.healed else self.chance.choice((0.2, 1, 2.5, 6)), self._succeed)

    def _succeed(self) -> None:
        self._taking_over = False
        if not any(node.leads for node in self.nodes):
            self.take_over()

    def take_over(self) -> None:
        """Let a new node lead; others may not have noticed yet."""
        self.nodes = [node for node in self.nodes if node.runs]
        self.nodes.append(Node(self.stage, self._kind, skew_us=self._skew_us))

    def controller_skew(self, jump_us: int) -> None:
        """Let the controllers' wall clock jump."""
        self._skew_us += jump_us
        for node in self.nodes:
            node.skew_us = self._skew_us

    def _stepped(self) -> None:
        self.watch_over()
        if self.witness.changed:
            self.witness.changed = False
            self.witness.judge("stepped")

    # -- accidents --------------------------------------------------------------------------

    def some_host(self) -> Host:
        """Return one of the agents by chance."""
        return self.chance.choice(list(self.hosts.values()))

    def _accident(self) -> None:
        table = self.plan.mix.accidents
        accident = self.chance.choices(list(table), list(table.values()))[0]
        self.witness.counts[f"accident {accident.__name__}"] += 1
        accident(self)

    def back_up(self) -> None:
        """Copy all disks."""
        self._database = self.store.backup()
        self.backups = {name: host.journal.backup() for name, host in self.hosts.items()}

    def restore_database(self) -> None:
        """Set the database back to the last copy; whoever used it ends."""
        if self._database is None:
            return
        for node in self.nodes:
            node.end()
        self.store.set_back(self._database)
        self.disturbed = True
        self.witness.set_back(self.store.journal)
        self.watch_over()

    def forge(self) -> None:
        """Put letters that nobody has sent into the queues of an agent and of the controller."""
        host = self.some_host()
        up = pr.Envelope(agent=host.name, nonce="", run=host.run, stream=host.run)
        self.network.send(
            "nowhere",
            pr.door_of_controller(CONTROLLER),
            f"{host.name}\n{pr.seal(up, FORGER, 'up')}",
        )
        if host.round is not None:
            partner = host.round.partner
            down = pr.Envelope(
                agent=host.name,
                nonce=partner.nonce,
                run=host.run,
                stream=partner.inflow.stream,
                n=partner.inflow.taken + 1,
                term=partner.term,
                items=(msgspec.Raw(pr.encode_item(pr.Limits(99))),),
            )
            queue = pr.queue_of_agent(host.name, partner.nonce)
            self.network.send("nowhere", queue, pr.seal(down, FORGER, "down"))

    # -- peace ------------------------------------------------------------------------------

    def _heal(self) -> None:
        self.healed = True
        self.network.heal()
        self.store.doom = None
        for node in self.nodes:
            node.dies_sending = False
            node.thaw()
        for host in self.hosts.values():
            host.journal.doom, host.dies_acting = None, False
            host.thaw()
            host.up()
        self.watch_over()
        if self.files is not None:
            self.files.heal()

    def _end(self) -> None:
        """Wait until nothing moves, then have everything ended, and wait again."""
        limit = self.clock.now_us + round(HEALS_IN_S * SECOND_US)
        self._go_to(self.clock.now_us + round(4 * SECOND_US))
        while not self.witness.violations:
            if self._at_rest() or self.clock.now_us >= limit:
                break
            for request in last_wishes(self.store):
                self.ask(request)
            if self.files is not None:
                self.files.finish()
            self._go_to(self.clock.now_us + round(LOOK_S * SECOND_US))
        self.witness.judge("quiet")

    def _at_rest(self) -> bool:
        """Tell whether everything has ended and everybody knows it."""
        agents = self.hosts.values()
        if self.files is not None and not self.files.at_rest:
            return False
        return not self.store.rows and all(self.is_coupled(a) and a.at_rest for a in agents)

    def is_coupled(self, host: Host) -> bool:
        """Tell whether an agent and the controller that leads now have come together."""
        for node in self.nodes:
            if node.leads and node.turns is not None:
                links = node.turns.links
                return links.is_coupled(host.name) and host.coupled_with == links.queue
        return False


def _behaviours(chance: Random) -> dict[str, list[Behaviour]]:
    return {job: [_behaviour(chance) for _ in range(chance.choice((1, 3)))] for job in JOBS}


def _behaviour(chance: Random) -> Behaviour:
    return Behaviour(
        seconds=chance.choice((0, 0.3, 1, 2.5)),
        returncode=chance.choice((0, 0, 0, 1)),
        returns=chance.choice(({}, {"a": "x"}, {"b": "1"})),
        on_sigterm=chance.choice((None, None, "ignore", OnSigterm(1, 0))),
    )
