"""ForkList: one child for each element of a list, or for each subagent of a cluster."""

from typing import Any

from engine.errors import EngineError
from engine.order import events as e
from engine.order import model as m
from engine.order.resource_scope import resources_in
from engine.order.scope import evaluate
from engine.steps.failure import fail
from engine.steps.site import Site
from engine.values import Function, normalise, text_of, to_json
from engine.workflow.model import ForkList
from engine.world import Step, World

Child = tuple[str, dict[str, Any]]
NAME_LENGTH = 120


def decide_fork_list(world: World, order: m.Order, node: ForkList, site: Site) -> list[Step]:
    """Return the children of the list; an empty one is passed by."""
    if site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    over_agents = node.children is None
    found = (
        _subagents(world, order, node, site) if over_agents else _elements(world, order, node, site)
    )
    if not found:
        return [(order.id, e.OrderMoved(world.program_of(order).onward(order.position)))]
    children = tuple((f"{order.id}|{name}", "") for name, _ in found)
    for child, _ in children:
        if world.find(child) is not None:
            outcome = m.Outcome("failed", message=f"order {child} exists already")
            return fail(world, order, outcome, site)
    return [(order.id, e.OrderForked(children, tuple(element for _, element in found)))]


def _elements(world: World, order: m.Order, node: ForkList, site: Site) -> list[Child]:
    """Return name and arguments of each child."""
    elements = normalise(_value(world, order, node.children, site))
    if not isinstance(elements, list):
        raise ListUnusable(f"ForkList: {node.children} is no list")
    naming = _value(world, order, node.child_to_id, site)
    if not isinstance(naming, Function):
        raise ListUnusable("ForkList: childToId is no function")
    found: dict[str, dict[str, Any]] = {}
    for n, element in enumerate(elements):
        name = text_of(naming.call([element, n]))
        _check_name(name, n, found)
        fields = to_json(element)
        found[name] = fields if isinstance(fields, dict) else {}
    return list(found.items())


def _check_name(name: str, n: int, known: dict[str, dict[str, Any]]) -> None:
    place = f"ForkList, element {n}"
    if name in known:
        raise ListUnusable(f"{place}: its id {name!r} is that of another element")
    if not name or len(name) > NAME_LENGTH or "|" in name or not name.isprintable():
        raise ListUnusable(f"{place}: {name[:NAME_LENGTH]!r} cannot be the id of a child")


def _subagents(world: World, order: m.Order, node: ForkList, site: Site) -> list[Child]:
    """Return a child for each subagent of a cluster, which gets its id in a variable."""
    cluster = node.subagent_cluster_id or node.agent_name or ""
    if node.subagent_cluster_id_expr is not None:
        cluster = text_of(normalise(_value(world, order, node.subagent_cluster_id_expr, site)))
    members = site.members(cluster) if site.members else None
    names = (cluster,) if members is None else members
    return [(name, {node.subagent_id_variable: name}) for name in names if name]


def _value(world: World, order: m.Order, text: object, site: Site) -> object:
    return evaluate(text, order, world.program_of(order), site.now_us, resources_in(world))


class ListUnusable(EngineError):
    """A list that no children can be made of; no child is made."""
