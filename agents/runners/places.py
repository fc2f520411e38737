"""Chooses the place that a URL or local path means.

Each kind is imported only when it is asked for: a job loads no library that it does not use.
"""

import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from agents.runners.place import Place, RemotePlace, checked
from agents.runners.run import JobFailed


class Spot(NamedTuple):
    """A place, and the file in it that was named; empty where the URL names a folder.

    `host` and `folder` say where the place is, as it was asked for: no host for this machine, and
    no folder where files can only be read.
    """

    place: Place
    name: str
    host: str = ""
    folder: str = ""

    def identity(self, name: str) -> tuple[object, ...] | None:
        """Return what only the file of this name at this place has, None where nobody can know.

        A folder of this machine is known by whichever path.
        """
        if not self.folder:
            return None
        parent, last = posixpath.split(posixpath.normpath(f"{self.folder}/{name}"))
        if self.host:
            return self.host, parent, last
        try:
            facts = Path(parent or ".").stat()
        except OSError:
            return None  # the folder is not there yet
        return facts.st_dev, facts.st_ino, last


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
    return Spot(LocalPlace(folder), name, "", folder)


def _sftp(url: str, given: dict[str, Any], timeout_s: float) -> Spot:
    from agents.runners.sftp_place import SftpPlace

    host, port, path = _remote(url, given)
    place = SftpPlace(host, port or 22, given=given, timeout_s=timeout_s)
    return _spot(place, f"{host}:{port or 22}", path)


def _ftp(url: str, given: dict[str, Any], timeout_s: float) -> Spot:
    from agents.runners.ftp_place import FtpPlace

    host, port, path = _remote(url, given)
    tls = url.startswith("ftps:")
    place = FtpPlace(host, port, tls=tls, given=given, timeout_s=timeout_s)
    return _spot(place, f"{host}:{port or 21}", path)


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


def _spot(place: RemotePlace, host: str, path: str) -> Spot:
    if not path.endswith("/") and not place.is_folder(path):
        folder, name = split(path)
        return Spot(place.at(folder), name, host, folder)
    folder = path.rstrip("/") or "/"
    return Spot(place.at(folder), "", host, folder)


def _http(url: str, given: dict[str, Any], timeout_s: float) -> Spot:
    from agents.runners.http_place import HttpPlace

    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return Spot(HttpPlace(url, given=given, timeout_s=timeout_s), checked(name))
