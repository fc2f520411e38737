"""A folder of another machine, over FTP or FTPS.

Files are listed by MLSD and told of by MLST (RFC 3659), where a server has them; else by SIZE and
MDTM, and then folders cannot be gone into. What arrives is renamed to its name at the end.
"""

import calendar
import contextlib
import ftplib
import posixpath
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from socket import socket
from typing import Any, TypeVar

from agents.runners.ftp_connection import connect, sentences
from agents.runners.place import PIECE, Entry, Reading, checked
from agents.runners.run import JobFailed

_UNKNOWN_COMMAND = frozenset({"500", "501", "502", "504"})
_FILE, _FOLDER = "file", "dir"

Given = TypeVar("Given")


class FtpPlace:
    """Files below a folder; one connection for all that is asked of it, one file at a time."""

    def __init__(
        self, host: str, port: int | None, *, tls: bool, given: Mapping[str, Any], timeout_s: float
    ) -> None:
        self._host, self._folder = host, "."
        self._ftp = connect(host, port=port, tls=tls, given=given, timeout_s=timeout_s)
        with sentences(host):
            self._home = self._ftp.pwd()

    def at(self, folder: str) -> "FtpPlace":
        """Return this place, which is that folder from now on."""
        self._folder = folder
        return self

    def is_folder(self, path: str) -> bool:
        """Tell whether a path is a folder there."""
        with sentences(self._host):
            try:
                self._ftp.cwd(_plain(path))
                self._ftp.cwd(self._home)
            except ftplib.error_perm:
                return False
        return True

    def files(self, *, recursive: bool) -> Iterator[Entry]:
        """Yield the files in the folder, sorted."""
        yield from sorted(self._below("", recursive=recursive))

    def _below(self, folder: str, *, recursive: bool) -> Iterator[Entry]:
        for told, facts in self._listed(self._path(folder)):
            kind = facts.get("type", "").lower()
            if kind in ("cdir", "pdir") or told in (".", ".."):
                continue
            name = checked(f"{folder}/{told}" if folder else told)
            if kind == _FILE:
                yield _entry(name, facts)
            elif kind == _FOLDER and recursive:
                yield from self._below(name, recursive=True)

    def _listed(self, path: str) -> list[tuple[str, dict[str, str]]]:
        with sentences(self._host):
            try:
                return self._lines(lambda: list(self._ftp.mlsd(path)))
            except ftplib.error_perm as refused:
                if str(refused)[:3] not in _UNKNOWN_COMMAND:
                    raise
            names = [posixpath.basename(name) for name in self._names(path)]
        found = ((name, self._facts(posixpath.join(path, name))) for name in names)
        return [(name, facts) for name, facts in found if facts is not None]

    def _names(self, path: str) -> list[str]:
        try:
            return self._lines(lambda: self._ftp.nlst(path))
        except ftplib.error_perm as refused:
            if str(refused)[:3] == "550" and "no such" not in str(refused).lower():
                return []  # many say so of an empty folder
            raise

    def _lines(self, listing: Callable[[], list[Given]]) -> list[Given]:
        """Return a listing; files are to come as bytes again after it, not as lines of text."""
        try:
            return listing()
        finally:
            self._ftp.voidcmd("TYPE I")

    def find(self, name: str) -> Entry | None:
        """Return one file, None if there is none."""
        facts = self._facts(self._path(name))
        if facts is None or facts.get("type", _FILE).lower() != _FILE:
            return None
        return _entry(name, facts)

    def _facts(self, path: str) -> dict[str, str] | None:
        """Return what the server tells of a file or folder, None if there is none."""
        with sentences(self._host):
            try:
                lines = self._ftp.sendcmd(f"MLST {path}").splitlines()
                return _facts_in(next(line for line in lines[1:] if line.startswith(" ")))
            except StopIteration:
                raise JobFailed(f"{self._host}: it does not tell of {path}") from None
            except ftplib.error_perm as refused:
                if str(refused)[:3] not in _UNKNOWN_COMMAND:
                    return None
            return self._asked(path)

    def _asked(self, path: str) -> dict[str, str] | None:
        try:
            size = self._ftp.sendcmd(f"SIZE {path}")[3:].strip()
        except ftplib.error_perm:
            return None
        facts = {"type": _FILE, "size": size}
        with contextlib.suppress(ftplib.error_perm):
            facts["modify"] = self._ftp.sendcmd(f"MDTM {path}")[3:].strip()
        return facts

    def reading(self, name: str) -> "_Open":
        """Open a file."""
        return _Open(self._ftp, self._host, self._path(name))

    def write(self, name: str, pieces: Iterator[bytes]) -> None:
        """Make a new file. As durable as the server makes it; the name is one of its own."""
        with sentences(self._host):
            data = self._ftp.transfercmd(f"STOR {self._path(name)}")
        with data:
            for piece in pieces:
                with sentences(self._host):
                    data.sendall(piece)
            with sentences(self._host):
                _say_goodbye(data)
        with sentences(self._host):
            self._ftp.voidresp()

    def put_in_place(self, name: str, final: str, changed_s: float) -> None:
        """Give a file its final name, in place of any other one; at once where the server can."""
        path, target = self._path(name), self._path(final)
        with sentences(self._host):
            if changed_s:
                stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(changed_s))
                with contextlib.suppress(ftplib.error_perm):  # MFMT is a draft that many have
                    self._ftp.voidcmd(f"MFMT {stamp} {path}")
            try:
                self._ftp.rename(path, target)
            except ftplib.error_perm:
                if self.find(final) is None:
                    raise
                self._ftp.delete(target)  # a server that renames to free names only
                self._ftp.rename(path, target)

    def make_folder(self, name: str) -> None:
        """Make a folder with those above it, where it is missing."""
        path = self._path(name)
        steps = [path[:i] for i, c in enumerate(path) if c == "/" and i] + [path]
        if self.is_folder(path):
            return
        with sentences(self._host):
            for step in steps:
                if not self.is_folder(step):
                    self._ftp.mkd(step)

    def remove(self, name: str) -> None:
        """Delete a file."""
        path = self._path(name)
        with sentences(self._host):
            try:
                self._ftp.delete(path)
            except ftplib.error_perm:
                if self.find(name) is not None:
                    raise

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(OSError, EOFError, ftplib.Error):
            self._ftp.quit()
        self._ftp.close()

    def _path(self, name: str) -> str:
        return _plain(posixpath.join(self._folder, checked(name)) if name else self._folder)


class _Open:
    """A remote file that is open within a `with`."""

    def __init__(self, ftp: ftplib.FTP, host: str, path: str) -> None:
        self._ftp, self._host, self._path = ftp, host, path

    def __enter__(self) -> Reading:
        with sentences(self._host):
            self._data = self._ftp.transfercmd(f"RETR {self._path}")
        self._whole = False
        return self

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes, none at the end.

        Raises:
            JobFailed: the server says that this was not all.
        """
        with sentences(self._host):
            found = b"" if self._whole else self._data.recv(min(size, PIECE))
            if not found and not self._whole:
                self._whole = True
                self._data.close()
                self._ftp.voidresp()
        return found

    def __exit__(self, *_: object) -> None:
        self._data.close()
        if not self._whole:  # what the server answers belongs to no later command
            self._ftp.close()


def _say_goodbye(data: socket) -> None:
    """End TLS in order: without it a server may take the file for a broken one."""
    if isinstance(data, ssl.SSLSocket):
        data.unwrap()


def _plain(path: str) -> str:
    if "\r" in path or "\n" in path or "\0" in path:
        raise JobFailed(f"The path {path!r} cannot be written in FTP.")
    return path


def _facts_in(line: str) -> dict[str, str]:
    """Return the facts of a line of MLST, as in ` type=file;size=12; /in/a.csv`."""
    pairs = (fact.partition("=") for fact in line.strip().partition(" ")[0].split(";") if fact)
    return {key.lower(): value for key, _, value in pairs}


def _entry(name: str, facts: Mapping[str, str]) -> Entry:
    size, modify = facts.get("size", ""), facts.get("modify", "")[:14]
    try:
        changed = float(calendar.timegm(time.strptime(modify, "%Y%m%d%H%M%S"))) if modify else 0.0
    except ValueError:
        changed = 0.0
    return Entry(name, int(size) if size.isdigit() else -1, changed)
