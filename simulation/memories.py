"""How much a controller's round remembers: as the product does, less, or everything.

What happens must not depend on it. Every kind also tells the witness what its turns have taken.
"""

from typing import Any, Literal, TypeAlias

from agents import protocol as pr
from controller.changes import Changes
from controller.items import WORKFLOW, object_of
from controller.round import Round
from controller.turn import Turn
from engine.world import World
from simulation.parts import Parts
from simulation.store import MemoryStore
from simulation.witness import Took, Witness

Memory: TypeAlias = Literal["turn", "term", "whole"]


def round_of(parts: Parts, memory: Memory, witness: Witness, *, looks: int) -> type[Round]:
    """Return the round of a simulated controller, made of the parts that are to be driven.

    `looks`: how many who wait a turn looks at; more go on in the next turn.
    """
    recorded = _recorded(parts.turn, looks)

    kind, leading = _KINDS[memory], parts.leading

    class Recorded(kind, leading):  # type: ignore[misc, valid-type]  # made of given parts
        turn = recorded

        def commit(self, turn: Any) -> None:
            witness.took = turn.took
            super().commit(turn)

    return Recorded


def _recorded(base: type[Turn], looks: int) -> type[Turn]:
    class Recorded(base):  # type: ignore[misc, valid-type]  # as above
        def __init__(self, *args: Any, **named: Any) -> None:
            super().__init__(*args, **named)
            self.took: list[Took] = []
            self.waking._left = looks  # noqa: SLF001  # small worlds have short queues

        def reported(self, agent: str, n: int, item: pr.Up) -> None:
            run, before = self.links[agent].run, self.last_no
            super().reported(agent, n, item)
            self.took.append(Took(agent, run, n, item, before, self.last_no))

    return Recorded


class Product:
    """Remembers what the product does."""


class Forgetting(Round):
    """Remembers nothing from one turn to the next."""

    def forget(self, changes: Changes) -> None:
        """Forget everything that has a row."""
        super().forget(changes)
        self.world.orders.clear()
        self.world.facts.clear()
        self.world.queues.clear()
        self.world.objects.clear()
        self.world.current.clear()
        self.stored.clear()


class Knowing(Round):
    """Knows everything from the begin of its term: nothing is ever loaded."""

    def new_world(self) -> World:
        """Return a world with all that the rows hold."""
        known = super().new_world()
        world = World(complete=True)
        world.wakes = known.wakes
        self.stored = {}
        load_all(self._store, world, self.stored)
        return world

    def forget(self, changes: Changes) -> None:
        """Forget nothing; only objects are named anew by a deployment."""
        if changes.in_force:
            load_items(self._store, self.world)

    @property
    def _store(self) -> MemoryStore:
        assert isinstance(self.rows, MemoryStore)  # noqa: S101  # simulated rows
        return self.rows


_KINDS: dict[Memory, type] = {"turn": Forgetting, "term": Product, "whole": Knowing}


def load_all(store: MemoryStore, world: World, stored: dict[str, int]) -> None:
    """Place everything that a store holds in a complete world."""
    for order, results in store.orders(list(store.rows)).values():
        world.put(order)
        stored[order.id] = results
    load_items(store, world)
    world.facts.update(store.fact_rows)
    for (key, order_id), rank in store.queue_rows.items():
        world.queue(key).add((*rank, order_id))


def load_items(store: MemoryStore, world: World) -> None:
    """Place all versions of workflows, and the current ones of other objects."""
    for kind, path, version in store.items:
        if kind == WORKFLOW:
            program = store.program(path, version)
            if program is not None:
                world.programs[path, version] = program
            world.current[path] = store.current_version(path)
        elif (item := store.current_item(kind, path)) and (found := object_of(item)):
            for name in (path, path.rpartition("/")[2]):
                world.objects[kind, name] = (path, found)
