"""File order sources as part of a turn: who watches what, and what agents tell of files.

The controller's rows say which files are there; an agent tells what differs. Where the two streams
begin anew, the agent is told what the rows say, and goes on from there.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from agents import protocol as pr
from controller.items import object_of
from engine.errors import EngineError
from engine.facts import FactKey
from engine.files import rules
from engine.files.rules import KIND
from engine.objects.model import FileOrderSource
from engine.order.requests import SignedItem, TakeItems
from engine.world import Step

if TYPE_CHECKING:
    from controller.turn import Turn

log = logging.getLogger(__name__)

TOLD_AT_ONCE = 500
RETRIED_AT_ONCE = 1_000
KINDS = ("file", KIND)


class Files:
    """Takes in what agents tell of files, and tells them what to watch."""

    def __init__(self, turn: "Turn") -> None:
        self._turn = turn
        self._strange: set[tuple[str, str]] = set()

    # -- what agents tell -------------------------------------------------------------------

    def told(self, agent: str, item: pr.WatchReport) -> None:
        """Take in what the agent of a source says; of any other agent it is of an earlier time."""
        world, found = self._turn.world, self._document(item.source)
        if found is None or found.agent_name != agent:
            self._refuse(agent, item.source)
            return
        awaits = self._turn.loading.until(lambda: world.file_source(item.source)).awaits
        if awaits and not (isinstance(item, pr.FilesTaken) and item.mark == awaits):
            return  # said before it knew what this side knows
        match item:
            case pr.FileArose(source=source, name=name, arising=arising):
                self._take(partial(rules.arose, world, source, name, arising))
                self._add(source, name)
            case pr.FileVanished(source=source, name=name, arising=gone):
                self._take(partial(rules.vanished, world, source, name, gone))
            case pr.FileSourceTold(source=source, problem=problem, at_us=at_us):
                self._take(partial(rules.told, world, source, problem, at_us))
            case pr.FilesTaken(source=source) if awaits:
                self._take(partial(rules.asked, world, source, ""))
            case _:  # answered before
                return

    def _refuse(self, agent: str, source: str) -> None:
        """Have an agent watch a source no more that is not its own, once in a turn."""
        if (agent, source) not in self._strange:
            self._strange.add((agent, source))
            log.info("files.strange_source", extra={"agent": agent, "source": source})
            self._turn.out.say(agent, pr.UnwatchFiles(source))

    def due(self, key: FactKey) -> None:
        """Add an order that is wanted, or let go of further files of a withdrawn source."""
        kind, source, name = key
        if kind == "file":
            self._add(source, name)
        else:
            self._take(partial(rules.release, self._turn.world, source))

    def _add(self, source: str, name: str) -> None:
        turn = self._turn
        for order_id, _ in self._take(partial(rules.add, turn.world, source, name, turn.now_us)):
            if not order_id.startswith("|"):
                turn.advance(order_id)

    def _take(self, decide: Callable[[], list[Step]]) -> list[Step]:
        """Take what follows; an error is told and spares everything else."""
        try:
            steps = self._turn.loading.until(decide)
            self._turn.take_all(steps)
        except EngineError as problem:
            log.warning("files.not_taken", extra={"problem": str(problem)})
            return []
        return steps

    def _document(self, source: str) -> FileOrderSource | None:
        found = self._turn.loading.until(lambda: self._turn.world.object(KIND, source))
        known = found[1] if found is not None and found[0] == source else None
        return known if isinstance(known, FileOrderSource) else None

    # -- what agents are to watch -----------------------------------------------------------

    def begin(self, agent: str) -> None:
        """Tell an agent everything: its stream begins anew."""
        for item in self._turn.store.current_items(KIND):
            if agent_of(item) == agent:
                self._watch(agent, item, anew=True)

    def before(self, request: TakeItems) -> dict[str, str]:
        """Return which agents watch the sources that a request is about; ask before it is taken."""
        paths = [i.path for i in request.items if i.kind == KIND]
        paths += [path for kind, path in request.revoked if kind == KIND]
        found = ((path, self._document(path)) for path in paths)
        return {path: document.agent_name for path, document in found if document is not None}

    def renewed(self, request: TakeItems, before: dict[str, str]) -> None:
        """Tell agents of sources that were deployed, changed or withdrawn."""
        world, out = self._turn.world, self._turn.out
        for item in (i for i in request.items if i.kind == KIND):
            agent, earlier = agent_of(item), before.get(item.path)
            if earlier is not None and earlier != agent:
                out.say(earlier, pr.UnwatchFiles(item.path))
            self._take(partial(rules.watch_again, world, item.path))
            if agent is not None:
                self._watch(agent, item, anew=agent != earlier)
        taken = {item.path for item in request.items if item.kind == KIND}
        for kind, path in request.revoked:
            if kind == KIND and path not in taken and path in before:
                out.say(before[path], pr.UnwatchFiles(path))
                self._take(partial(rules.withdraw, world, path))
        self._retry(request)

    def _watch(self, agent: str, item: SignedItem, *, anew: bool) -> None:
        out, world, mark = self._turn.out, self._turn.world, ""
        out.send(agent, item)
        if anew:
            out.say(agent, pr.KnowFiles(item.path, (), first=True))
            for some in _slices(self._known(item.path)):
                out.say(agent, pr.KnowFiles(item.path, some))
            mark = f"{out.link(agent).stream}/{world.no + 1}"
            self._take(partial(rules.asked, world, item.path, mark))
        out.say(agent, pr.WatchFiles(item.path, item.version, mark))

    def _known(self, source: str) -> Iterator[pr.KnownFile]:
        """Yield the files that count as there."""
        for name in self._names(source):
            arisen = self._turn.loading.until(partial(self._turn.world.file, source, name)).arisen
            if arisen is not None:
                yield pr.KnownFile(name, arisen)

    def _names(self, source: str) -> Iterator[str]:
        """Yield the names of a source that have rows, and those of this turn."""
        after, world = "", self._turn.world
        told = sorted(n for kind, s, n in world.changed if (kind, s) == ("file", source))
        while names := self._turn.store.file_names(source, after, TOLD_AT_ONCE):
            self._turn.loading.facts([("file", source, name) for name in names])
            told = [name for name in told if name not in names]
            yield from names
            after = names[-1]
        yield from told

    def _retry(self, request: TakeItems) -> None:
        """Try again at once what was refused: the workflow may be there now."""
        deployed = {part for i in request.items for part in (i.path, i.path.rpartition("/")[2])}
        for path in [item.path for item in self._turn.store.current_items(KIND)]:
            document = self._document(path)
            if document is not None and deployed & {path, document.workflow_name}:
                for name in islice(self._names(path), RETRIED_AT_ONCE):
                    self._add(path, name)


def agent_of(item: SignedItem) -> str | None:
    """Return the agent that a source names."""
    document = object_of(item)
    return document.agent_name if isinstance(document, FileOrderSource) else None


def _slices(files: Iterable[pr.KnownFile]) -> Iterator[tuple[pr.KnownFile, ...]]:
    some: list[pr.KnownFile] = []
    for file in files:
        some.append(file)
        if len(some) == TOLD_AT_ONCE:
            yield tuple(some)
            some = []
    if some:
        yield tuple(some)
