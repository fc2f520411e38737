"""What a turn turns out to need, loaded into its world in bulk where it can be."""

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from controller.changes import Store, storable
from controller.items import WORKFLOW, object_of
from engine.errors import EventNotApplicable, NotLoaded
from engine.facts import DEFAULTS, FactKey
from engine.world import World

T = TypeVar("T")
ENTRIES_AT_ONCE = 1_000
MEMBERS_AT_ONCE = 1_000


class Loading:
    """Fills a partial world from a store. `stored`: how many results of an order have rows."""

    def __init__(self, world: World, store: Store, stored: dict[str, int]) -> None:
        self.world, self.store, self.stored = world, store, stored

    def orders(self, ids: Iterable[str]) -> None:
        """Load orders and their parents in bulk, so that single look-ups stay rare."""
        world = self.world
        wanted = set(ids) - world.orders.keys() - world.absent
        world.absent.update(i for i in wanted if not storable(i))
        wanted -= world.absent
        while wanted:
            found = self.store.orders(wanted)
            for order, results in found.values():
                world.put(order)
                self.stored[order.id] = results
            world.absent.update(wanted - found.keys())
            parents = {order.parent for order, _ in found.values() if order.parent}
            wanted = parents - world.orders.keys() - world.absent

    def until(self, decide: Callable[[], T]) -> T:
        """Return what `decide` returns, loading what it turns out to need.

        Raises:
            EventNotApplicable: nobody has it, or its row holds something else than it should.
        """
        loaded: set[tuple[str, ...]] = set()
        while True:
            try:
                return decide()
            except NotLoaded as missing:
                # A queue is loaded piece by piece; anything else is there once it was loaded.
                if missing.key in loaded and missing.key[0] != "queue":
                    raise EventNotApplicable(f"the row of {missing.key} is not its own") from None
                loaded.add(missing.key)
                self._load(*missing.key)

    def _load(self, kind: str, *key: str) -> None:
        match kind:
            case "order":
                self.orders(key)
            case "workflow":
                self._workflow(key[0])
            case "program":
                self._program(*key)
            case "object":
                self._object(*key)
            case "fact":
                self.facts([(key[0], key[1], key[2])])
            case "queue":
                self._queue((key[0], key[1], key[2]))
            case "files" | "members":
                self._names(kind, key[0], key[1])
            case _:
                raise EventNotApplicable(f"nobody can load {kind} {key}")

    def _names(self, kind: str, of: str, after: str) -> None:
        if kind == "files":
            names = self.store.file_names(of, after, MEMBERS_AT_ONCE)
            self.world.named_files[of, after] = tuple(names)
        else:
            self.world.members[of, after] = tuple(self.store.orders_of(of, after, MEMBERS_AT_ONCE))

    def _workflow(self, name: str) -> None:
        item = self.store.current_item(WORKFLOW, name) if storable(name) else None
        self.world.current[name] = item.version if item else ""
        if item is not None:
            self.world.named[name] = item.path

    def _program(self, path: str, version: str) -> None:
        program = self.store.program(path, version)
        if program is None:
            raise EventNotApplicable(f"version {version} of {path} was never taken over")
        self.world.programs[path, version] = program

    def _object(self, kind: str, name: str) -> None:
        item = self.store.current_item(kind, name) if storable(name) else None
        found = object_of(item) if item else None
        self.world.objects[kind, name] = (item.path, found) if item and found else None

    def facts(self, keys: Collection[FactKey]) -> None:
        """Load facts in bulk; those that this world has stay as they are."""
        keys = [key for key in keys if key not in self.world.facts]
        known = [key for key in keys if all(map(storable, key))]
        found = self.store.facts(known) if known else {}
        for key in keys:
            self.world.facts[key] = found.get(key, DEFAULTS[key[0]])

    def _queue(self, key: tuple[str, str, str]) -> None:
        queue = self.world.queue(key)
        known = all(map(storable, key))
        after = queue.bound or queue.start
        rows = self.store.queue(key, after, ENTRIES_AT_ONCE) if known else []
        queue.loaded(rows, whole=len(rows) < ENTRIES_AT_ONCE)
        self.orders(order_id for _, _, order_id in rows)
