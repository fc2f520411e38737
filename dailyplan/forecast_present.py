"""What stands at the controller and at agents now, as a forecast needs it. Reads rows only.

Orders that have left or that start behind the end of the forecast are left out.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import psycopg

from agents.models import Agent, AgentClusterMember
from controller.models import Link
from controller.store_reads import Reads
from engine.facts import Fact, FactKey
from engine.order.model import Fresh, Order
from engine.order.requests import SignedItem
from simulation.forecast.snapshot import AgentSeen, ClusterSeen

AWAY_AFTER = dt.timedelta(minutes=10)
"""An agent that was silent for less is taken to come back at once."""

PROCESSES = 16
"""What an agent has where nobody limits it, at least. It knows how many these are, nobody else."""

ORDERS_AT_ONCE = 2_000
_OBJECTS = ("lock", "noticeboard", "jobresource")
_NAMED = re.compile(rb'"workflow(?:Name|Path)"\s*:\s*"([^"\\]+)"')
_fact = msgspec.msgpack.Decoder(Fact)

_UNDER_WAY = """
    SELECT order_id, changed_no FROM controller_orderrow
     WHERE controller = %s AND state NOT IN ('Finished', 'Cancelled')
       AND (state <> 'Fresh' OR agent IS NOT NULL) ORDER BY changed_no LIMIT %s"""
_TO_START = """
    SELECT order_id, changed_no FROM controller_orderrow
     WHERE controller = %s AND state = 'Fresh' AND agent IS NULL AND due_us <= %s
     ORDER BY due_us LIMIT %s"""
_FACTS = """
    SELECT kind, name, key, body FROM controller_fact
     WHERE controller = %s AND kind IN ('lock', 'notice', 'workflow', 'plan', 'throttle')"""
_COUNT = """
    SELECT count(*) FROM controller_orderrow
     WHERE controller = %s AND state NOT IN ('Finished', 'Cancelled')
       AND (state <> 'Fresh' OR agent IS NOT NULL OR due_us <= %s)"""


class Present(msgspec.Struct, frozen=True):
    """Orders in the order in which they last changed, facts, and the journal's last number."""

    orders: tuple[Order, ...]
    facts: tuple[tuple[FactKey, Fact], ...]
    last_no: int
    left_out: int


def read_present(
    conn: psycopg.Connection[Any], controller: str, *, until_us: int, most: int
) -> Present:
    """Return what stands, of one moment: the transaction has to be a repeatable read."""
    reads = Reads(conn, controller)
    ids = _ids(conn, _UNDER_WAY, (controller, most))
    ids += _ids(conn, _TO_START, (controller, until_us, most - len(ids)))
    ids.sort(key=lambda row: row[1])
    row = conn.execute(_COUNT.encode(), (controller, until_us)).fetchone()
    found = conn.execute(_FACTS.encode(), (controller,)).fetchall()
    return Present(
        orders=tuple(_due(_orders(reads, [i for i, _ in ids]), until_us)),
        facts=tuple(((kind, n, key), _fact.decode(body)) for kind, n, key, body in found),
        last_no=reads.last_no(),
        left_out=max(0, (row[0] if row else 0) - len(ids)),
    )


def _ids(conn: psycopg.Connection[Any], statement: str, values: tuple[Any, ...]) -> list[Any]:
    return conn.execute(statement.encode(), values).fetchall()


def _orders(reads: Reads, ids: Sequence[str]) -> Iterable[Order]:
    for at in range(0, len(ids), ORDERS_AT_ONCE):
        piece = ids[at : at + ORDERS_AT_ONCE]
        found = reads.orders(piece)
        yield from (found[i][0] for i in piece if i in found)


def _due(orders: Iterable[Order], until_us: int) -> Iterable[Order]:
    """Leave out orders that wait at their agent for a start behind the end of the forecast."""
    for order in orders:
        far = isinstance(order.state, Fresh) and (order.scheduled_us or 0) > until_us
        if not far:
            yield order


def read_items(
    conn: psycopg.Connection[Any], controller: str, walked: set[tuple[str, str]], to_come: set[str]
) -> tuple[list[SignedItem], dict[str, str]]:
    """Return what is deployed as far as it is needed, and the current version of each workflow.

    Args:
        conn: a session.
        controller: whose.
        walked: paths and versions of workflows that orders walk.
        to_come: paths or names of workflows that orders are going to be added to.
    """
    reads = Reads(conn, controller)
    found = [item for kind in _OBJECTS for item in reads.current_items(kind)]
    current: dict[str, str] = {}
    known: dict[tuple[str, str], SignedItem] = {}
    for path, version in walked:
        _, _, _, document, signature = reads.item("workflow", path, version)
        known[path, version] = SignedItem("workflow", path, version, document, signature)
    wanted = to_come | {name for item in known.values() for name in named_in(item)}
    asked: set[str] = set()
    while wanted - asked:
        name = (wanted - asked).pop()
        asked.add(name)
        item = reads.current_item("workflow", name)
        if item is not None:
            known[item.path, item.version] = item
            current[item.path] = item.version
            wanted |= named_in(item)
    return [*found, *known.values()], current


def named_in(item: SignedItem) -> set[str]:
    """Return the workflows that a document names: instructions may add orders to them."""
    return {name.decode() for name in _NAMED.findall(item.document)}


def read_agents(
    controller: str, now: dt.datetime, seen: Mapping[str, int]
) -> tuple[tuple[AgentSeen, ...], tuple[ClusterSeen, ...]]:
    """Return the registered agents and clusters; one that nobody has heard of lately is away.

    Args:
        controller: whose.
        now: the moment.
        seen: how many jobs have run at once at agents, for those that nobody limits.
    """
    links = {link.agent: link for link in Link.objects.filter(controller=controller)}
    agents = tuple(
        AgentSeen(
            agent.id,
            agent.process_limit or max(PROCESSES, seen.get(agent.id, 0)),
            _is_there(links.get(agent.id), now),
        )
        for agent in Agent.objects.all()
    )
    clusters: dict[str, list[tuple[str, int]]] = {}
    for member in AgentClusterMember.objects.select_related("agent"):
        if member.agent.enabled:
            clusters.setdefault(member.cluster_id, []).append((member.agent_id, member.priority))
    return agents, tuple(ClusterSeen(name, tuple(of)) for name, of in clusters.items())


def unlimited_agents() -> frozenset[str]:
    """Return the agents whose number of processes nobody has said."""
    return frozenset(Agent.objects.filter(process_limit=None).values_list("id", flat=True))


def _is_there(link: Link | None, now: dt.datetime) -> bool:
    if link is None:
        return False
    return link.state == "coupled" or (link.seen_at is not None and now - link.seen_at < AWAY_AFTER)
