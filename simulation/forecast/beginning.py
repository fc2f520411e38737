"""The world at the begin of a forecast, made of a snapshot."""

from collections.abc import Iterable

from controller.items import WORKFLOW, object_of, program_of
from engine.effects import waits_for
from engine.order import model as m
from engine.order.requests import SignedItem
from engine.world import World, names_of
from simulation.forecast.branches import AssumingProgram, by_workflow
from simulation.forecast.snapshot import Snapshot


def world_of(snapshot: Snapshot) -> World:
    """Return a world that knows everything that the snapshot holds."""
    world = World(complete=True)
    world.no = snapshot.last_no
    given = given_names(snapshot)
    went = by_workflow(snapshot.went)
    for item in snapshot.items:
        if item.kind == WORKFLOW:
            _place_program(world, item, given.get(item.path, frozenset()), went.get(item.path, {}))
        elif found := object_of(item):
            for name in names_of(item.path):
                world.objects.setdefault((item.kind, name), (item.path, found))
            world.objects[item.kind, item.path] = (item.path, found)
    for path, version in sorted(snapshot.current.items()):
        if (path, version) in world.programs:
            world.name(path, version)
    world.facts.update(snapshot.facts)
    _place_orders(world, snapshot.orders)
    return world


def _place_program(
    world: World, item: SignedItem, given: frozenset[str], went: dict[str, dict[str, int]]
) -> None:
    found = program_of(item)
    if not isinstance(found, str):
        world.programs[item.path, item.version] = AssumingProgram(
            item.path, item.version, found.workflow, went=went, given=given
        )


def _place_orders(world: World, orders: Iterable[m.Order]) -> None:
    """Place orders whose workflow version can be read, and let those wait in queues that do."""
    for order in orders:
        if (order.workflow, order.version) not in world.programs:
            continue
        world.put(order)
        for key, rank in waits_for(order).items():
            world.queue(key).add((*rank, order.id))


def given_names(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Return by workflow the names of variables that each of its orders brings along."""
    found: dict[str, frozenset[str]] = {}
    brought = [(o.workflow, o.arguments) for o in snapshot.orders]
    brought += [(new.workflow, new.arguments) for new in snapshot.coming]
    for workflow, arguments in brought:
        names = frozenset(arguments)
        found[workflow] = found[workflow] & names if workflow in found else names
    return found
