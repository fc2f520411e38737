"""A folder of this machine."""

import os
from collections.abc import Iterator
from pathlib import Path

from agents.runners.place import Entry, Reading, checked


def is_folder(path: str) -> bool:
    """Tell whether a path means a folder."""
    return path.endswith("/") or Path(path).is_dir()


class LocalPlace:
    """Files below a folder; symbolic links to folders are not followed."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def files(self, *, recursive: bool) -> Iterator[Entry]:
        """Yield the files in the folder, sorted."""
        found = self._folder.rglob("*") if recursive else self._folder.iterdir()
        for path in sorted(found):
            if path.is_file():
                yield self._entry(path)

    def find(self, name: str) -> Entry | None:
        """Return one file, None if there is none."""
        path = self._folder / checked(name)
        return self._entry(path) if path.is_file() else None

    def reading(self, name: str) -> "_Open":
        """Open a file."""
        return _Open(self._folder / checked(name))

    def write(self, name: str, pieces: Iterator[bytes]) -> None:
        """Make a new file, durably; one of this name must not exist."""
        path = self._folder / checked(name)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
        with os.fdopen(fd, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())

    def put_in_place(self, name: str, final: str, changed_s: float) -> None:
        """Give a file its final name, in place of any other one, at once and durably."""
        path = self._folder / checked(name)
        if changed_s:
            os.utime(path, (changed_s, changed_s))
        path.replace(self._folder / checked(final))
        fd = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def make_folder(self, name: str) -> None:
        """Make a folder with those above it, where it is missing."""
        (self._folder / checked(name) if name else self._folder).mkdir(parents=True, exist_ok=True)

    def remove(self, name: str) -> None:
        """Delete a file."""
        (self._folder / checked(name)).unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing stays open."""

    def _entry(self, path: Path) -> Entry:
        facts = path.stat()
        return Entry(path.relative_to(self._folder).as_posix(), facts.st_size, facts.st_mtime)


class _Open:
    """A file that is open within a `with`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Reading:
        self._file = self._path.open("rb")
        return self._file

    def __exit__(self, *_: object) -> None:
        self._file.close()
