"""Files that come and go in a simulated night, in one directory that all agents see, as on NFS.

Everything here draws from a source of chance of its own: a night without files is the same night.
"""

from collections.abc import Iterable, Mapping
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from agents.worker.watching.finding import Finding, Found, Wanted
from agents.worker.watching.sight import Look, Sight
from engine.files.rules import KIND
from simulation.clock import Clock
from simulation.documents import AGENTS, FLOWS, Installed

if TYPE_CHECKING:
    from simulation.night import Night

DIRECTORY = "/files"
SOURCES = ("source-1", "source-2")
NAMES = ("a", "b", "c")
LOOK_EVERY_S = 0.5
COMES_EVERY_S = 1.5
CHANGES_EVERY_S = 6.0


class Arisen(msgspec.Struct, frozen=True):
    """A file that an agent has found: which one in which source."""

    source: str
    name: str
    inode: int


class Folders:
    """The directories of all sources. Each file has a number of its own, as an inode."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, Look]] = {source: {} for source in SOURCES}
        self._inode = 0

    def put(self, source: str, name: str) -> None:
        """Write a file, or another one in its place."""
        self._inode += 1
        self.files[source][name] = Look(self._inode, 0, self._inode, self._inode)

    def write(self, source: str, name: str) -> None:
        """Let a file grow."""
        look = self.files[source][name]
        self.files[source][name] = msgspec.structs.replace(look, size=look.size + 1)


class Eye:
    """What an agent sees of the directories, by the real comparison."""

    def __init__(self, folders: Folders, clock: Clock) -> None:
        self._folders, self._clock = folders, clock
        self._sights: dict[str, tuple[Wanted, Sight, bool]] = {}
        self._looked_s = -LOOK_EVERY_S
        self.found: dict[tuple[str, str], Arisen] = {}

    def watch(self, wanted: Mapping[str, Wanted], /) -> None:
        """Watch these directories from now on, and no others."""
        earlier, self._sights = self._sights, {}
        for source, found in wanted.items():
            known = earlier.get(source)
            if known is None or known[0].generation != found.generation:
                known = found, Sight(found.known, found.delay_s), False
            self._sights[source] = known

    def findings(self) -> Iterable[Finding]:
        """Look once in a while."""
        now = self._clock.seconds()
        if now - self._looked_s < LOOK_EVERY_S:
            return []
        self._looked_s = now
        return [f for source in self._sights for f in self._look(source, now)]

    def _look(self, source: str, now: float) -> list[Finding]:
        wanted, sight, told = self._sights[source]
        self._sights[source] = wanted, sight, True
        sight.begin()
        arose = []
        for name, look in sorted(self._folders.files.get(source, {}).items()):
            if sight.see(name, look, now) is not None:
                self.found[source, name] = Arisen(source, name, look.inode)
                arose.append(Found(name, f"{wanted.directory}/{name}".encode(), look.face))
        vanished = tuple(sight.end())
        if not (arose or vanished or not told):
            return []
        problem = None if told else ""
        return [Finding(source, wanted.generation, tuple(arose), vanished, problem)]


class FileLife:
    """Lets files come, grow and vanish, and people change the sources, until all has healed."""

    def __init__(self, night: "Night", seed: int) -> None:
        self._night, self.folders = night, Folders()
        self._chance = Random(f"files {seed}")  # noqa: S311  # for a night, not for secrets
        self._emptied = False
        self.ordered: set[int] = set()

    def begin(self) -> None:
        """Deploy the sources and let files come."""
        for source in SOURCES:
            self._deploy(source, FLOWS[0])
        self._every(COMES_EVERY_S, self._file)
        self._every(CHANGES_EVERY_S, self._change)

    def _every(self, mean_s: float, action: Any) -> None:
        def happen() -> None:
            if not self._night.healed:
                action()
                self._night.later(self._chance.expovariate(1 / mean_s), happen)

        self._night.later(self._chance.expovariate(1 / mean_s), happen)

    def _file(self) -> None:
        source = self._chance.choice(SOURCES)
        files, name = self.folders.files[source], self._chance.choice(NAMES)
        what = self._chance.choice(("put", "put", "write", "remove"))
        if what == "remove":
            files.pop(name, None)
        elif what == "write" and name in files:
            self.folders.write(source, name)
        elif name not in files or self._chance.random() < 0.3:
            self.folders.put(source, name)

    def _change(self) -> None:
        flow = self._chance.choice((*FLOWS, "nowhere"))
        self._deploy(self._chance.choice(SOURCES), flow)

    def _deploy(self, source: str, flow: str) -> None:
        document = {
            "workflowName": flow,
            "agentName": self._chance.choice(AGENTS),
            "directory": f"{DIRECTORY}/{source}",
            "delay": self._chance.choice((1, 2)),
        }
        self._night.deploy(Installed({}, {(KIND, source): document}))

    # -- peace ------------------------------------------------------------------------------

    def heal(self) -> None:
        """Have every file get its order."""
        for source in SOURCES:
            self._deploy(source, FLOWS[1])

    def finish(self) -> None:
        """Remove all files once each has got its order."""
        inodes = {look.inode for files in self.folders.files.values() for look in files.values()}
        if not self._emptied and inodes <= self.ordered:
            self._emptied = True
            for files in self.folders.files.values():
                files.clear()

    @property
    def at_rest(self) -> bool:
        """Whether nothing is known of any file any more."""
        return self._emptied and not any(
            kind == "file" for kind, _, _ in self._night.store.fact_rows
        )
