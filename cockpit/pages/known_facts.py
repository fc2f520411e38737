"""What the controller knows besides orders, read in bulk for pages. Knows no request.

Facts lie at the paths of locks, boards and workflows: whoever asks has looked at these through the
gate before.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec
from django.conf import settings
from django.db.models import Count

from agents.models import Agent
from cockpit.access.gate import rows
from cockpit.access.policy import Account, Verb, may_at
from controller.models import Fact, Link, OrderRow, Waiter
from engine.facts import Fact as KnownFact
from engine.facts import FactKey
from engine.order.model import Order

_decode_order = msgspec.msgpack.Decoder(Order).decode
decode_fact = msgspec.msgpack.Decoder[KnownFact](KnownFact).decode
_WITHOUT_FOLDER = frozenset({"plan", "throttle"})


def facts_of(account: Account, keys: Collection[FactKey]) -> dict[FactKey, KnownFact]:
    """Return those of the facts that differ from nothing and that the account may see."""
    wanted = [
        key for key in set(keys) if key[0] in _WITHOUT_FOLDER or may_at(account, Verb.LOOK, key[1])
    ]
    if not wanted:
        return {}
    found = rows(Fact, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID,
        kind__in={kind for kind, _, _ in wanted},
        name__in={name for _, name, _ in wanted},
        key__in={key for _, _, key in wanted},
    )
    bodies = {
        (kind, name, key): body
        for kind, name, key, body in found.values_list("kind", "name", "key", "body")
    }
    return {key: decode_fact(bytes(bodies[key])) for key in wanted if key in bodies}


def bare_orders(account: Account, ids: Iterable[str]) -> dict[str, Order]:
    """Return those of the orders that the controller has, without their results."""
    found = rows(OrderRow, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID,
        order_id__in=[i for i in ids if "\0" not in i],
    )
    return {i: _decode_order(bytes(body)) for i, body in found.values_list("order_id", "body")}


def agents_away(account: Account, agents: Collection[str]) -> dict[str, datetime]:
    """Return which of the agents have been heard of and are away now, with since when."""
    if not agents:
        return {}
    found = rows(Link, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, agent__in=agents, seen_at__isnull=False
    )
    lost = found.exclude(state="coupled").values_list("agent", "seen_at")
    return {agent: seen_at for agent, seen_at in lost if seen_at is not None}


def agents_unheard(account: Account, agents: Collection[str]) -> set[str]:
    """Return which of the agents have never said anything."""
    if not agents:
        return set()
    heard = rows(Link, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, agent__in=agents, seen_at__isnull=False
    )
    return set(agents).difference(heard.values_list("agent", flat=True))


def agents_disabled(account: Account, agents: Collection[str]) -> set[str]:
    """Return which of the agents start no job because somebody has disabled them."""
    if not agents:
        return set()
    found = rows(Agent, account).filter(pk__in=agents, enabled=False)
    return set(found.values_list("pk", flat=True))


def waiting_counts(account: Account, kind: str, names: Collection[str]) -> dict[str, int]:
    """Return how many orders wait for each lock, or for any notice of each board."""
    found = rows(Waiter, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, kind=kind, name__in=names
    )
    return dict(found.values("name").annotate(n=Count("order_id")).values_list("name", "n"))
