"""What a transfer needs of where files are fetched from and put. Names are relative, with `/`."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from agents.runners.run import JobFailed

PIECE = 1 << 18


class Entry(NamedTuple):
    """A file: its name, its size in bytes and when it was changed, seconds since 1970.

    A size below 0 and a moment of 0 are not known.
    """

    name: str
    size: int
    changed_s: float


class Reading(Protocol):
    """An open file to read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes, none at the end."""


class Place(Protocol):
    """A folder somewhere."""

    def files(self, *, recursive: bool) -> Iterator[Entry]:
        """Yield the files in the folder."""

    def find(self, name: str) -> Entry | None:
        """Return one file, None if there is none."""

    def reading(self, name: str) -> AbstractContextManager[Reading]:
        """Open a file."""

    def write(self, name: str, pieces: Iterator[bytes]) -> None:
        """Make a new file, durably; one of this name must not exist."""

    def put_in_place(self, name: str, final: str, changed_s: float) -> None:
        """Give a file its final name, in place of any other one, at once and durably."""

    def make_folder(self, name: str) -> None:
        """Make a folder with those above it, where it is missing."""

    def remove(self, name: str) -> None:
        """Delete a file."""

    def close(self) -> None:
        """End what is open."""


class RemotePlace(Place, Protocol):
    """A folder of another machine, whose connection is there before the folder is known."""

    def at(self, folder: str) -> "Place":
        """Return this place, which is that folder from now on."""

    def is_folder(self, path: str) -> bool:
        """Tell whether a path is a folder there."""


def checked(name: str) -> str:
    """Return a name that another machine has told, if it stays within its folder.

    Raises:
        JobFailed: it would lead elsewhere.
    """
    parts = name.split("/")
    if not name or "\0" in name or any(part in ("", ".", "..") for part in parts):
        raise JobFailed(f"The file name {name!r} leads out of its folder.")
    return name
