"""A small system with a watched directory, whose agent finds what a test says."""

from typing import Any

from agents.worker.watching.finding import Finding, Found
from engine.facts import FactKey
from engine.files.rules import KIND
from engine.files.state import FileState, SourceState
from engine.order import requests as rq
from engine.order.model import Order
from tests.simulation.scenes import AGENT, Document, Night

IN = "/data/in"


class Watched(Night):
    """A system with the workflow `flow` and the source `incoming` at the first agent."""

    def __init__(self, *instructions: Document, **more: Any) -> None:
        self.declared = more.pop("declared", {"file": {"type": "String"}})
        preparation = {"parameters": self.declared}
        super().__init__(*instructions, orderPreparation=preparation, **more)
        self._faces = 0
        self.source()

    def source(self, path: str = "incoming", **fields: Any) -> None:
        """Deploy the source."""
        document = {"workflowName": "flow", "agentName": AGENT, "directory": IN, **fields}
        assert self.system.deploy({}, {(KIND, path): document}).ok
        self.wait(0)

    def revoke(self) -> None:
        """Withdraw the source."""
        assert self.ask(rq.TakeItems((), ((KIND, "incoming"),))).ok
        self.wait(1)

    def arises(self, *names: str, agent: str = AGENT, face: str = "") -> None:
        """Let the agent find files that are complete."""
        self._faces += 1
        face = face or f"1.{self._faces}.0.0"
        files = [Found(name, f"{IN}/{name}".encode(), face) for name in names]
        self.finds(agent, arose=tuple(files))

    def vanishes(self, *names: str, agent: str = AGENT) -> None:
        """Let the agent find that files are gone."""
        self.finds(agent, vanished=names)

    def finds(self, agent: str = AGENT, source: str = "incoming", **what: Any) -> None:
        """Let the agent find something."""
        hold = self.system.agents[agent].hold
        assert hold is not None
        wanted = hold.sources.wanted()
        for found in (wanted or {}).values():
            self.generations[agent, found.source] = found.generation
        finding = Finding(source, self.generations.get((agent, source), 0), **what)
        hold.sources.found(finding, self.system.clock.now_us)
        self.wait(0.001)

    generations: dict[tuple[str, str], int]

    def __new__(cls, *_: Any, **__: Any) -> "Watched":
        made = super().__new__(cls)
        made.generations = {}
        return made

    def file(self, name: str = "a.csv") -> FileState:
        """Return what the controller knows of a file."""
        key: FactKey = ("file", "incoming", name)
        found = self.system.store.fact_rows.get(key, FileState())
        assert isinstance(found, FileState)
        return found

    def told(self) -> SourceState:
        """Return what the controller knows of the source."""
        found = self.system.store.fact_rows.get((KIND, "incoming", ""), SourceState())
        assert isinstance(found, SourceState)
        return found

    def there(self) -> list[Order]:
        """Return the orders that are there now."""
        return [row.order for _, row in sorted(self.system.store.rows.items())]

    def one(self) -> Order:
        """Return the only order."""
        (order,) = self.there()
        return order

    def added(self) -> int:
        """Return how many orders were ever added."""
        kinds = [type(entry.event).__name__ for entry in self.system.store.journal]
        return kinds.count("OrderAdded")
