"""Which workflows of a plan day wait for which: notices of plannable boards, and added orders.

Knows no request. Workflows that post what a day expects are shown although they do not run on it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from cockpit.access.policy import Account
from cockpit.api.uses import deployed_relations
from cockpit.pages.addresses import board_at, workflow_at
from cockpit.pages.board_lines import KIND, PLANNABLE
from cockpit.pages.lock_lines import deployed
from cockpit.pages.plan_layers import Edge
from cockpit.pages.plan_lines import LOOKS
from dailyplan.grouping import GroupOfDay, group_day
from dailyplan.selecting import PlanFilter
from dailyplan.state import PlanState
from engine.workflow.relations import Relations
from engine.world import names_of

MOST_NODES = 300


class Node(NamedTuple):
    """A workflow or a board. `look` is its most urgent state, `planned` how many rows it has.

    A workflow without rows on the day has none; a board neither.
    """

    name: str
    kind: str
    href: str
    look: str
    planned: int
    states: dict[str, int]


class Link(NamedTuple):
    """One line of the table: a workflow leads to another, through a board or by adding an order."""

    before: Node
    via: str
    via_href: str
    after: Node


class Net(NamedTuple):
    """The graph of a day; `cut` tells that it has more than is drawn."""

    nodes: dict[str, Node]
    edges: list[Edge]
    links: list[Link]
    cut: bool


_URGENT = ("failed", "started", "submitted", "planned", "finished", "cancelled")


def net_of(account: Account, wanted: PlanFilter) -> Net:
    """Return what depends on what among the orders of a day."""
    known = dict(deployed_relations(account))
    boards = _plannable(account)
    edges = _edges(known, boards)
    named = {name for edge in edges for name in (edge.before, edge.after)}
    found = group_day(wanted, "workflow", limit=MOST_NODES, rows=0, only=named & known.keys())
    today = {group.path: group for group in found}
    near = _near(edges, set(today), set(boards.values()))
    kept = [e for e in edges if e.before in near and e.after in near]
    drawn = sorted({n for e in kept for n in (e.before, e.after)})
    cut, drawn = len(drawn) > MOST_NODES, drawn[:MOST_NODES]
    kept = [e for e in kept if e.before in set(drawn) and e.after in set(drawn)]
    nodes = {name: _node(name, known, today.get(name)) for name in drawn}
    return Net(nodes, kept, _links(kept, nodes), cut)


def _plannable(account: Account) -> dict[str, str]:
    """Return the paths of plannable boards by all names that workflows may use."""
    found: dict[str, str] = {}
    for path, raw in deployed(account, KIND).values_list("path", "document"):
        document: dict[str, Any] = msgspec.json.decode(bytes(raw))
        if document.get("boardType") == PLANNABLE:
            found |= dict.fromkeys(names_of(path), path)
    return found


def _edges(known: Mapping[str, Relations], boards: Mapping[str, str]) -> list[Edge]:
    workflows = {name: path for path in known for name in names_of(path)}
    found: dict[Edge, None] = {}
    for path, relations in known.items():
        for name in relations.boards_posted:
            if name in boards:
                found[Edge(path, boards[name], "posts")] = None
        for name in (*relations.boards_expected, *relations.boards_consumed):
            if name in boards:
                found[Edge(boards[name], path, "expects")] = None
        for name in relations.workflows_added:
            if name in workflows:
                found[Edge(path, workflows[name], "adds an order")] = None
    return list(found)


def _near(edges: Iterable[Edge], today: set[str], boards: set[str]) -> set[str]:
    """Return what is drawn: workflows of the day, what they lead to and wait for, one step on."""
    near = set(today)
    for _ in range(2):
        more = set(near)
        for before, after, _kind in edges:
            if before in near and (before in today or before in boards):
                more.add(after)
            if after in near and (after in today or after in boards):
                more.add(before)
        near = more
    return near


def _node(name: str, known: Mapping[str, Relations], group: GroupOfDay | None) -> Node:
    if name not in known:
        return Node(name, "board", board_at(name), "", 0, {})
    states = group.states if group else {}
    urgent = next((state for state in _URGENT if states.get(state)), "")
    look = LOOKS[PlanState[urgent.upper()]] if urgent else ""
    return Node(name, "workflow", workflow_at(name), look, sum(states.values()), states)


def _links(edges: Iterable[Edge], nodes: Mapping[str, Node]) -> list[Link]:
    edges = list(edges)
    found = [
        Link(nodes[e.before], "adds an order", "", nodes[e.after])
        for e in edges
        if e.kind == "adds an order"
    ]
    expecting: dict[str, list[str]] = {}
    for e in edges:
        if e.kind == "expects":
            expecting.setdefault(e.before, []).append(e.after)
    posted = {e.after for e in edges if e.kind == "posts"}
    nobody = Node("nobody", "", "", "", 0, {})
    for e in edges:
        if e.kind == "posts":
            via, href = e.after, nodes[e.after].href
            found += [
                Link(nodes[e.before], via, href, nodes[after]) for after in expecting.get(via, ())
            ]
    for board, waiting in expecting.items():
        if board not in posted:
            found += [Link(nobody, board, nodes[board].href, nodes[after]) for after in waiting]
    return sorted(found, key=lambda link: (link.before.name, link.via, link.after.name))
