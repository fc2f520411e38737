"""Where files are fetched from and put: the few operations that a transfer needs.

Names are relative to the place and use `/`. `made` chooses the place by the URL.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

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


class Spot(NamedTuple):
    """A place, and the file in it that was named; empty where the URL names a folder."""

    place: Place
    name: str


def checked(name: str) -> str:
    """Return a name that another machine has told, if it stays within its folder.

    Raises:
        JobFailed: it would lead elsewhere.
    """
    parts = name.split("/")
    if not name or "\0" in name or any(part in ("", ".", "..") for part in parts):
        raise JobFailed(f"The file name {name!r} leads out of its folder.")
    return name


def split(path: str) -> tuple[str, str]:
    """Return folder and file of a path; one that ends with `/` is a folder."""
    folder, slash, name = path.rpartition("/")
    return (folder or slash or "."), name


def made(url: str, *, side: str, arguments: Mapping[str, Any]) -> Spot:
    """Return the place that a URL or local path means.

    Args:
        url: what the job was told.
        side: `source` or `target`; its credentials are taken.
        arguments: of the job.
    """
    given = {
        name.removeprefix(f"{side}_"): value
        for name, value in arguments.items()
        if name.startswith(f"{side}_") or name in ("known_hosts", "ca_file")
    }
    scheme = url.partition("://")[0] if "://" in url else "file"
    if scheme == "file":
        return _local(url.removeprefix("file://"))
    if scheme == "sftp":
        return _sftp(url, given, arguments["timeout"])
    if scheme in ("ftp", "ftps"):
        return _ftp(url, given, arguments["timeout"])
    if scheme in ("http", "https") and side == "source":
        return _http(url, given, arguments["timeout"])
    raise JobFailed(f"{side}: {scheme}:// is not possible here.")


def _local(path: str) -> Spot:
    from agents.runners.local_place import LocalPlace, is_folder

    folder, name = (path, "") if is_folder(path) else split(path)
    return Spot(LocalPlace(folder), name)


def _sftp(url: str, given: dict[str, Any], timeout_s: float) -> Spot:
    from agents.runners.sftp_place import SftpPlace

    host, port, path = _remote(url, given)
    return _spot(SftpPlace(host, port or 22, given=given, timeout_s=timeout_s), path)


def _ftp(url: str, given: dict[str, Any], timeout_s: float) -> Spot:
    from agents.runners.ftp_place import FtpPlace

    host, port, path = _remote(url, given)
    tls = url.startswith("ftps:")
    return _spot(FtpPlace(host, port, tls=tls, given=given, timeout_s=timeout_s), path)


def _remote(url: str, given: dict[str, Any]) -> tuple[str, int | None, str]:
    """Return host, port and path of a URL; its user and password go to what is given."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise JobFailed("The URL names no host.")
    try:
        port = parts.port
    except ValueError:
        raise JobFailed("The URL has a port that is no number up to 65535.") from None
    if parts.username:
        given.setdefault("user", unquote(parts.username))
    if parts.password:
        given.setdefault("password", unquote(parts.password))
    # As curl has it: /~/ is below the user's home, all else is absolute.
    path = unquote(parts.path or "/")
    path = path.removeprefix("/~/") or "." if path.startswith("/~/") else path
    return parts.hostname, port, path


def _spot(place: RemotePlace, path: str) -> Spot:
    if not path.endswith("/") and not place.is_folder(path):
        folder, name = split(path)
        return Spot(place.at(folder), name)
    return Spot(place.at(path.rstrip("/") or "/"), "")


def _http(url: str, given: dict[str, Any], timeout_s: float) -> Spot:
    from agents.runners.http_place import HttpPlace

    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return Spot(HttpPlace(url, given=given, timeout_s=timeout_s), checked(name))
