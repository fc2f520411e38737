"""Looking at file order sources and the files in their directories, as API and pages show them.

Reads rows only and decides nothing. Lists go by keyset, in the order of code points.
"""

from collections.abc import Sequence

import msgspec

from controller.looking_rows import documents, paths_of, rows
from engine.facts import Fact
from engine.files.rules import KIND
from engine.files.state import FileState, SourceState
from engine.objects.model import FileOrderSource

_decode = msgspec.msgpack.Decoder[Fact](Fact).decode


class SourceSeen(msgspec.Struct, frozen=True):
    """A file order source with how many names it knows, and how many wait for their order.

    `document` is None where it was revoked and orders of its files are left.
    """

    path: str
    document: FileOrderSource | None
    state: SourceState
    files: int
    refused: int


class FileSeen(msgspec.Struct, frozen=True):
    """A name in the directory of a source."""

    name: str
    state: FileState


def file_sources(controller: str, *, after: str = "", limit: int = 100) -> list[SourceSeen]:
    """Return file order sources by path."""
    return _sources(controller, paths_of(controller, (KIND, "file"), after, limit))


def file_source(controller: str, path: str) -> SourceSeen | None:
    """Return a file order source; None where there is nothing of it."""
    (found,) = _sources(controller, [path])
    return found if found.document is not None or found.files else None


def files_of(controller: str, source: str, *, after: str = "", limit: int = 100) -> list[FileSeen]:
    """Return the files of a source by name."""
    found = rows(
        "SELECT key, body FROM controller_fact WHERE controller=%s AND kind='file' AND name=%s"
        ' AND key COLLATE "C" > %s ORDER BY key COLLATE "C" LIMIT %s',
        controller, source, after, limit,
    )  # fmt: skip
    decoded = ((name, _decode(bytes(body))) for name, body in found)
    return [FileSeen(name, state) for name, state in decoded if isinstance(state, FileState)]


def _sources(controller: str, paths: Sequence[str]) -> list[SourceSeen]:
    known = documents(controller, KIND, paths)
    counted = {name: (files, refused) for name, files, refused in _counts(controller, paths)}
    states = {
        name: _decode(bytes(body))
        for name, body in rows(
            "SELECT name, body FROM controller_fact"
            " WHERE controller=%s AND kind=%s AND name = ANY(%s)",
            controller, KIND, list(paths),
        )
    }  # fmt: skip
    return [
        SourceSeen(
            path,
            document if isinstance(document := known.get(path), FileOrderSource) else None,
            state if isinstance(state := states.get(path), SourceState) else SourceState(),
            *counted.get(path, (0, 0)),
        )
        for path in paths
    ]


def _counts(controller: str, paths: Sequence[str]) -> list[tuple[str, int, int]]:
    return rows(
        "SELECT name, count(*), count(due_us) FROM controller_fact"
        " WHERE controller=%s AND kind='file' AND name = ANY(%s) GROUP BY name",
        controller, list(paths),
    )  # fmt: skip
