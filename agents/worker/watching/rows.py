"""What the agent's journal holds of file order sources: which to watch, and the files known there.

Changes are gathered and written in the commit of the events that they belong to.
"""

import sqlite3
from collections.abc import Iterator

import msgspec

from engine.files.state import Arising

_SCHEMA = """
CREATE TABLE IF NOT EXISTS watched (source TEXT PRIMARY KEY, version TEXT, told TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS file (source TEXT, name TEXT, id TEXT, at_us INTEGER, path TEXT,
  raw TEXT, face TEXT, told TEXT, PRIMARY KEY (source, name)) WITHOUT ROWID;
"""


class Watched(msgspec.Struct, frozen=True):
    """A source to watch; `told` is what the controller was told last, None: nothing yet."""

    source: str
    version: str
    told: str | None = None


class Known(msgspec.Struct, frozen=True):
    """A file of a source; `told` is the arising that the controller has under this name."""

    arising: Arising
    told: str = ""


class FileRows:
    """Reads and writes; the caller begins and commits."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._gathered: list[tuple[str, tuple[object, ...]]] = []
        db.executescript(_SCHEMA)

    # -- reads ------------------------------------------------------------------------------

    def watched(self) -> Iterator[Watched]:
        """Yield the sources to watch."""
        for row in self._db.execute("SELECT source, version, told FROM watched").fetchall():
            yield Watched(*row)

    def files(self) -> Iterator[tuple[str, str, Known]]:
        """Yield known files with source and name."""
        for source, name, *arising, told in self._db.execute(
            "SELECT source, name, id, at_us, path, raw, face, told FROM file"
        ):
            yield source, name, Known(Arising(*arising), told)

    # -- writes, gathered -------------------------------------------------------------------

    @property
    def dirty(self) -> bool:
        """Tell whether something waits to be written."""
        return bool(self._gathered)

    def watch(self, watched: Watched) -> None:
        """Keep a source."""
        row = (watched.source, watched.version, watched.told)
        self._gathered.append(("INSERT OR REPLACE INTO watched VALUES (?,?,?)", row))

    def rest(self, source: str) -> None:
        """Drop a source and keep its files, none of which was told."""
        self._gathered.append(("DELETE FROM watched WHERE source=?", (source,)))
        self._gathered.append(("UPDATE file SET told='' WHERE source=?", (source,)))

    def told(self, source: str) -> None:
        """Keep that all files of a source were told."""
        self._gathered.append(("UPDATE file SET told=id WHERE source=?", (source,)))

    def unwatch(self, source: str) -> None:
        """Drop a source with its files."""
        self._gathered.append(("DELETE FROM watched WHERE source=?", (source,)))
        self._gathered.append(("DELETE FROM file WHERE source=?", (source,)))

    def keep(self, source: str, name: str, known: Known) -> None:
        """Keep a file."""
        a = known.arising
        row = (source, name, a.id, a.at_us, a.path, a.raw, a.face, known.told)
        self._gathered.append(("INSERT OR REPLACE INTO file VALUES (?,?,?,?,?,?,?,?)", row))

    def drop(self, source: str, name: str) -> None:
        """Drop a file."""
        self._gathered.append(("DELETE FROM file WHERE source=? AND name=?", (source, name)))

    def write(self) -> None:
        """Write what was gathered, in order."""
        for statement, row in self._gathered:
            self._db.execute(statement, row)

    def settled(self) -> None:
        """Forget what was gathered: it was written, or is lost."""
        self._gathered = []

    def forget(self) -> None:
        """Delete everything."""
        self._gathered = []
        self._db.execute("DELETE FROM watched")
        self._db.execute("DELETE FROM file")
