"""What is told and believed: letters, acknowledgements, and what may be forgotten after them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agents import protocol as pr
from cluster.lease import Token
from controller.changes import Changes
from engine import seal
from engine.order.events import OrderAdded
from engine.order.requests import AddOrders
from simulation.witness import Invariant

if TYPE_CHECKING:
    from simulation.host import Host
    from simulation.night import Night
    from simulation.node import Node


class Obeyed(Invariant):
    """An agent believes no letter of a term below the highest that its journal knows."""

    name = "I2 obeyed writer"

    def __init__(self) -> None:
        self._highest: dict[str, int] = {}

    def began(self, night: "Night", host: "Host") -> Iterator[str]:
        self._highest[host.name] = host.number("term")
        return iter(())

    def journalled(
        self, night: "Night", host: "Host", items: Sequence[tuple[int, pr.Up]]
    ) -> Iterator[str]:
        self._highest[host.name] = host.number("term")
        return iter(())

    def opened(self, night: "Night", host: "Host", envelope: pr.Envelope) -> Iterator[str]:
        if envelope.term < self._highest.get(host.name, 0):
            yield f"{host.name} obeys term {envelope.term}, it knows {self._highest[host.name]}"


class Released(Invariant):
    """Nothing is deleted at its source before the other side has it durably."""

    name = "I7 release"

    def __init__(self) -> None:
        self._taken: dict[tuple[str, str], int] = {}

    def committed(self, night: "Night", token: Token, changes: Changes) -> Iterator[str]:
        for link in changes.links:
            known = self._taken.get((link.agent, link.run), 0)
            self._taken[link.agent, link.run] = max(known, link.taken_n)
        for agent, n in changes.acknowledged.items():
            host, link = night.hosts[agent], night.store.link_rows[agent]
            has = host.number("taken") if host.fact("stream") == link.stream else None
            if has is not None and n > has and not night.disturbed:
                yield f"messages to {agent} up to {n} are deleted, it has {has}"

    def released(self, night: "Night", host: "Host", upto: int) -> Iterator[str]:
        known = self._taken.get((host.name, host.run), 0)
        if upto > known:
            yield f"{host.name} deletes events up to {upto}, the controller has {known}"


class Acknowledged(Invariant):
    """What was acknowledged or answered is durable, and only what is durable was told."""

    name = "I11 acknowledgement"

    def sent_down(self, night: "Night", node: "Node", told: pr.Envelope) -> Iterator[str]:
        known = night.store.link_rows.get(told.agent)
        durable = known.taken_n if known and known.run == told.ack_stream else 0
        if told.ack > durable and node.leads and told.ack_stream:
            yield f"{told.agent} is told that {told.ack} was taken, durable is {durable}"

    def sent_up(self, night: "Night", host: "Host", told: pr.Envelope) -> Iterator[str]:
        durable = host.number("taken") if host.fact("stream") == told.ack_stream else 0
        if told.ack > durable:
            yield f"{host.name} acknowledges {told.ack}, durable is {durable}"
        for word in told.words:
            if isinstance(word, pr.Hello) and word.have > durable:
                yield f"{host.name} says that it has {word.have}, durable is {durable}"
        last = told.n + len(told.items) - 1
        if told.items and last > host.durable_n:
            yield f"{host.name} tells event {last}, durable is {host.durable_n}"

    def committed(self, night: "Night", token: Token, changes: Changes) -> Iterator[str]:
        added = {entry.order for entry in changes.entries if isinstance(entry.event, OrderAdded)}
        for command, answer in changes.answers:
            if isinstance(night.asked.get(command), AddOrders):
                for one in answer.answers:
                    if one.ok and one.id not in added:
                        yield f"{one.id} was accepted, and is not in the journal"


class Authentic(Invariant):
    """Whatever is believed was said by the other side, and what is deployed the site has signed."""

    name = "I13 authenticity"

    def __init__(self) -> None:
        self._said: dict[str, set[bytes]] = {}

    def committed(self, night: "Night", token: Token, changes: Changes) -> Iterator[str]:
        for agent, _, body in changes.outbox:
            self._said.setdefault(agent, set()).add(body)
        for item in changes.items:
            if not seal.verify(night.stage.public_key, item):
                yield f"{item.kind} {item.path} {item.version} was taken over unsigned"

    def sent_down(self, night: "Night", node: "Node", told: pr.Envelope) -> Iterator[str]:
        said = self._said.get(told.agent, set())
        for item in told.items:
            if bytes(item) not in said:
                yield f"{told.agent} is told what is not durable: {pr.decode_down(item)}"

    def taken_down(self, night: "Night", host: "Host", message: pr.Down) -> Iterator[str]:
        if pr.encode_item(message) not in self._said.get(host.name, ()):
            yield f"{host.name} takes in what nobody has said: {message}"
