"""The file order sources of an agent: what to watch, and what to tell of it.

Every change is an event and a row in one commit of the journal, so a crash between any two steps
leaves either both or none. Reads no directory.
"""

import logging
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from agents import protocol as pr
from agents.worker.journal import Journal
from agents.worker.watching.finding import Finding, Found, Wanted
from agents.worker.watching.rows import Known, Watched
from engine.expression import DictScope, EvaluationFailed, ExpressionSyntax, compile_expression
from engine.files.names import path_of, raw_of
from engine.files.rules import KIND
from engine.files.state import Arising
from engine.objects.model import FileOrderSource
from engine.objects.read import read_object

log = logging.getLogger(__name__)


NO_FACE = "-"
"""The face of no file: one that is known under another path has vanished."""


class Sources:
    """Knows the sources and their files. `arising` makes the id of the next event's arising.

    `environment` is what expressions for directories see.
    """

    def __init__(self, journal: Journal, arising: Callable[[], str]) -> None:
        self._journal, self._arising = journal, arising
        self.environment: Mapping[str, str] = {}
        self._documents: dict[str, tuple[str, FileOrderSource | None]] = {}
        self._watched: dict[str, Watched] = {}
        self._files: dict[str, dict[str, Known]] = {}
        self._generation = 0
        self._generations: dict[str, int] = {}
        self._changed = False

    # -- beginning --------------------------------------------------------------------------

    def load(self) -> None:
        """Begin with what the journal holds."""
        self._watched = {w.source: w for w in self._journal.files.watched()}
        self._files = {}
        for source, name, known in self._journal.files.files():
            self._files.setdefault(source, {})[name] = known
        for source in self._watched:
            self._renew(source)

    def forget(self) -> None:
        """Forget what is watched, as the journal has: the controller tells it anew."""
        self._watched, self._files, self._generations = {}, {}, {}
        self._changed = True

    def know(self, item: pr.Item) -> None:
        """Take in a version of a source that the site has signed."""
        if item.kind == KIND:
            found = read_object(item.kind, item.document).object
            document = found if isinstance(found, FileOrderSource) else None
            self._documents[item.path] = item.version, document

    # -- what the controller says -----------------------------------------------------------

    def take(self, message: pr.WatchMessage) -> None:
        """Take in a message of the controller."""
        match message:
            case pr.KnowFiles(source=source):
                if message.first:
                    self._rest(source)
                for file in message.files:
                    self._know_file(source, file)
            case pr.WatchFiles():
                self._watch(message)
            case pr.UnwatchFiles(source=source):
                self._journal.files.unwatch(source)
                self._watched.pop(source, None)
                self._files.pop(source, None)
                self._renew(source)

    def _rest(self, source: str) -> None:
        """Stop to watch until all was told that the controller knows; nothing is told meanwhile."""
        self._journal.files.rest(source)
        self._watched.pop(source, None)
        files = self._files.get(source, {})
        self._files[source] = {name: replace(known, told="") for name, known in files.items()}
        self._renew(source)

    def _know_file(self, source: str, file: pr.KnownFile) -> None:
        mine = self._files.setdefault(source, {}).get(file.name) or Known(file.arising)
        self._keep(source, file.name, replace(mine, told=file.arising.id))

    def _watch(self, message: pr.WatchFiles) -> None:
        source, known = message.source, self._watched.get(message.source)
        if message.mark:
            self._journal.add(pr.FilesTaken(source, message.mark))
            self._tell_differences(source)
        told = known.told if known is not None and not message.mark else None
        self._watched[source] = Watched(source, message.version, told)
        self._journal.files.watch(self._watched[source])
        self._renew(source)

    def _tell_differences(self, source: str) -> None:
        """Tell what this agent knows other than the controller."""
        files = self._files.setdefault(source, {})
        for name, known in files.items():
            if known.told == known.arising.id:
                continue
            if known.told:
                self._journal.add(pr.FileVanished(source, name, known.told))
            self._journal.add(pr.FileArose(source, name, known.arising))
            files[name] = replace(known, told=known.arising.id)
        self._journal.files.told(source)

    # -- what was found ---------------------------------------------------------------------

    def found(self, finding: Finding, now_us: int) -> None:
        """Take in what has changed in a directory; what is out of date is dropped."""
        source = finding.source
        if self._generations.get(source) != finding.generation or source not in self._watched:
            return
        for name in finding.vanished:
            self._vanished(source, name)
        for file in finding.arose:
            self._arose(source, file, now_us)
        watched = self._watched[source]
        if finding.problem is not None and finding.problem != watched.told:
            self._journal.add(pr.FileSourceTold(source, finding.problem, now_us))
            self._watched[source] = replace(watched, told=finding.problem)
            self._journal.files.watch(self._watched[source])

    def _vanished(self, source: str, name: str) -> None:
        known = self._files.get(source, {}).pop(name, None)
        if known is not None:
            self._journal.add(pr.FileVanished(source, name, known.arising.id))
            self._journal.files.drop(source, name)

    def _arose(self, source: str, file: Found, now_us: int) -> None:
        if file.name in self._files.get(source, {}):
            return
        arising = Arising(self._arising(), now_us, path_of(file.path), raw_of(file.path), file.face)
        self._journal.add(pr.FileArose(source, file.name, arising))
        self._keep(source, file.name, Known(arising, arising.id))

    def _keep(self, source: str, name: str, known: Known) -> None:
        self._files.setdefault(source, {})[name] = known
        self._journal.files.keep(source, name, known)

    # -- what to watch ----------------------------------------------------------------------

    def _renew(self, source: str) -> None:
        """Have a source looked at anew: what was found until now is out of date."""
        self._generation += 1
        self._generations[source] = self._generation
        self._changed = True

    def wanted(self) -> dict[str, Wanted] | None:
        """Return all that is to be watched, None where nothing has changed since the last call."""
        if not self._changed:
            return None
        self._changed = False
        return {source: self._wanted(source) for source in self._watched}

    def _wanted(self, source: str) -> Wanted:
        version, document = self._documents.get(source, ("", None))
        directory, problem = "", "This agent cannot read the version that was deployed."
        if document is not None and version == self._watched[source].version:
            directory, problem = _directory(document, self.environment)
        files = self._files.get(source, {})
        return Wanted(
            source,
            self._generations[source],
            directory,
            document.pattern if document else None,
            document.delay if document else 1,
            {name: _face(known, directory) for name, known in files.items()},
            problem,
        )


def _face(known: Known, directory: str) -> str:
    here = path_of(directory.encode("utf-8", "surrogateescape"))
    return known.arising.face if known.arising.path.rpartition("/")[0] == here else NO_FACE


def _directory(document: FileOrderSource, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the directory, or an empty text and why there is none."""
    found: object = document.directory
    if document.directory_expr is not None:
        try:
            scope = DictScope(env=environment)
            found = compile_expression(document.directory_expr).evaluate(scope)
        except (EvaluationFailed, ExpressionSyntax) as problem:
            return "", f"directoryExpr: {problem}"
    if not isinstance(found, str) or not found.startswith("/") or "\0" in found:
        return "", f"{found!r} is no absolute path of a directory."
    # "/" itself stays: the path of a file in it is "/name".
    return found.rstrip("/"), ""
