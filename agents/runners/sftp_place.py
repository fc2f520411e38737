"""A folder of another machine, over SFTP."""

import asyncio
import posixpath
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from stat import S_ISDIR, S_ISREG
from typing import Any, TypeVar

import asyncssh

from agents.runners.place import PIECE, Entry, Reading, checked
from agents.runners.run import JobFailed
from agents.runners.ssh_connection import connect

Given = TypeVar("Given")


class SftpPlace:
    """Files below a folder; one connection for all that is asked of it, in one event loop."""

    def __init__(self, host: str, port: int, *, given: Mapping[str, Any], timeout_s: float) -> None:
        self._runner = asyncio.Runner()
        self._host, self._timeout_s, self._folder = host, timeout_s, "."
        self._connection = self._runner.run(
            connect(host, port=port, given=given, timeout_s=timeout_s)
        )
        self._sftp = self._do(self._connection.start_sftp_client())

    def at(self, folder: str) -> "SftpPlace":
        """Return this place, which is that folder from now on."""
        self._folder = folder
        return self

    def is_folder(self, path: str) -> bool:
        """Tell whether a path is a folder there."""
        return bool(self._do(self._sftp.isdir(path)))

    def files(self, *, recursive: bool) -> Iterator[Entry]:
        """Yield the files in the folder, sorted."""

        async def found() -> list[Entry]:
            return [entry async for entry in self._below("", recursive=recursive)]

        yield from sorted(self._do(found()))

    async def _below(self, folder: str, *, recursive: bool) -> AsyncIterator[Entry]:
        async for one in self._sftp.scandir(self._path(folder)):
            told = str(one.filename)  # decoded, as the folder was given as a text
            if told in (".", ".."):
                continue
            name = checked(f"{folder}/{told}" if folder else told)
            mode = one.attrs.permissions or 0
            if S_ISREG(mode):
                yield Entry(name, one.attrs.size or 0, float(one.attrs.mtime or 0))
            elif S_ISDIR(mode) and recursive:
                async for entry in self._below(name, recursive=True):
                    yield entry

    def find(self, name: str) -> Entry | None:
        """Return one file, None if there is none."""
        try:
            attrs = self._runner.run(self._waited(self._sftp.stat(self._path(name))))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return None
        except (asyncssh.Error, OSError, TimeoutError) as problem:
            raise self._failed(problem) from None
        if not S_ISREG(attrs.permissions or 0):
            return None
        return Entry(name, attrs.size or 0, float(attrs.mtime or 0))

    def reading(self, name: str) -> "_Open":
        """Open a file."""
        return _Open(self, self._path(name))

    def write(self, name: str, pieces: Iterator[bytes]) -> None:
        """Make a new file; one of this name must not exist. Durable where the server can."""
        file = self._do(self._sftp.open(self._path(name), "xb"))
        try:
            for piece in pieces:
                self._do(file.write(piece))
            self._synced(file)
        finally:
            self._do(file.close())

    def put_in_place(self, name: str, final: str, changed_s: float) -> None:
        """Give a file its final name, in place of any other one, at once."""
        if changed_s:
            self._do(self._sftp.utime(self._path(name), (changed_s, changed_s)))
        self._do(self._sftp.posix_rename(self._path(name), self._path(final)))

    def make_folder(self, name: str) -> None:
        """Make a folder with those above it, where it is missing."""
        self._do(self._sftp.makedirs(self._path(name), exist_ok=True))

    def remove(self, name: str) -> None:
        """Delete a file."""
        try:
            self._runner.run(self._waited(self._sftp.remove(self._path(name))))
        except asyncssh.SFTPNoSuchFile:
            return
        except (asyncssh.Error, OSError, TimeoutError) as problem:
            raise self._failed(problem) from None

    def close(self) -> None:
        """End the connection."""
        self._connection.abort()
        self._runner.close()

    def _path(self, name: str) -> str:
        return posixpath.join(self._folder, checked(name)) if name else self._folder

    def _synced(self, file: Any) -> None:
        try:
            self._runner.run(self._waited(file.fsync()))
        except asyncssh.SFTPOpUnsupported:
            return  # it is as durable as that server makes it

    def _do(self, work: Awaitable[Given]) -> Given:
        try:
            return self._runner.run(self._waited(work))
        except (asyncssh.Error, OSError, TimeoutError) as problem:
            raise self._failed(problem) from None

    async def _waited(self, work: Awaitable[Given]) -> Given:
        return await asyncio.wait_for(work, self._timeout_s)

    def _failed(self, problem: Exception) -> JobFailed:
        return JobFailed(f"{self._host}: {str(problem) or 'it does not answer'}")


class _Open:
    """A remote file that is open within a `with`."""

    def __init__(self, place: SftpPlace, path: str) -> None:
        self._place, self._path = place, path

    def __enter__(self) -> Reading:
        self._file = self._place._do(self._place._sftp.open(self._path, "rb"))  # noqa: SLF001
        return self

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes, none at the end."""
        data: Any = self._place._do(self._file.read(min(size, PIECE)))  # noqa: SLF001
        return bytes(data)

    def __exit__(self, *_: object) -> None:
        self._place._do(self._file.close())  # noqa: SLF001
