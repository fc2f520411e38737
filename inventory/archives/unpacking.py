"""Reads archives that nobody vouches for: everything wrong with them at once, in bounded room.

Nothing is written to disk, so links and paths can lead nowhere; they are refused all the same.
What an archive says of its sizes is not believed: bytes are counted as they come. Pure.
"""

import gzip
import io
import stat
import tarfile
import zipfile
import zlib
from typing import IO, NoReturn

import msgspec

from engine.workflow.problem import problem, shown
from inventory.archives.file_names import name_problems
from inventory.archives.format import LONGEST_MAGIC, ArchiveFormat, format_of
from inventory.errors import ArchiveRefused, Located
from inventory.source import LARGEST_BYTES

FILE = "file"
"""As the kind of a located problem: its path is the name of a file in the archive."""

_CHUNK = 64 * 1024
_END_RECORD = 22
_DIRECTORY_BYTES_PER_ENTRY = 1_200
_ENCRYPTED = 0x1
_UTF8 = 0x800
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGED = (
    zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, OSError,
    ValueError, NotImplementedError, RuntimeError, RecursionError, OverflowError, MemoryError,
)  # fmt: skip


class Member(msgspec.Struct, frozen=True):
    """A file of an archive."""

    name: str
    content: bytes


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much an archive may hold.

    `ratio` is unpacked to packed bytes and counts beyond the first `free` bytes: small archives of
    JSON may be packed well.
    """

    entries: int = 10_000
    total: int = 256 * 1024 * 1024
    largest: int = LARGEST_BYTES
    ratio: int = 100
    free: int = 8 * 1024 * 1024


LIMITS = Limits()


class Unpacked(msgspec.Struct, frozen=True):
    """The files that could be read, by name, and what is wrong with others."""

    members: tuple[Member, ...]
    problems: tuple[Located, ...]


class _Full(Exception):
    """A limit is reached; nothing more is read."""


def unpack(archive: IO[bytes], limits: Limits = LIMITS) -> Unpacked:
    """Return the files of an archive, which can be sought in; its format shows in its bytes.

    Raises:
        ArchiveRefused: it is none, is damaged as a whole, or holds more than it may.
    """
    archive.seek(0)
    head = archive.read(LONGEST_MAGIC)
    size = archive.seek(0, io.SEEK_END)
    archive.seek(0)
    form = format_of(head)
    if form is None:
        _refuse("archive-unknown", "This is no archive: give a zip or tar.gz file.")
    reading = _Reading(limits, size)
    try:
        (reading.zip if form is ArchiveFormat.ZIP else reading.tar)(archive)
    except _Full as full:
        raise ArchiveRefused([*reading.problems, *full.args]) from None
    except _DAMAGED:
        reading.problems.append(_told("", "archive-damaged", "The archive is damaged."))
        raise ArchiveRefused(reading.problems) from None
    members = sorted(reading.members.items())
    return Unpacked(tuple(Member(*each) for each in members), tuple(reading.problems))


class _Reading:
    """What has been read of one archive so far."""

    def __init__(self, limits: Limits, size: int) -> None:
        self.members: dict[str, bytes] = {}
        self.problems: list[Located] = []
        self._limits = limits
        self._packed = max(size, 1)
        self._unpacked = 0
        self._entries = 0

    def zip(self, archive: IO[bytes]) -> None:
        """Read a zip archive."""
        self._refuse_directory(archive)
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                name = info.orig_filename
                if self._wanted(name, is_folder=info.is_dir(), wrong=_wrong_in_zip(info)):
                    self._take_zipped(opened, info)

    def tar(self, archive: IO[bytes]) -> None:
        """Read a tar.gz archive."""
        with gzip.GzipFile(fileobj=archive) as plain:
            counted = _Counted(plain, self)
            with tarfile.open(fileobj=counted, mode="r|", encoding="utf-8") as opened:
                for info in opened:
                    if self._wanted(info.name, is_folder=info.isdir(), wrong=_wrong_in_tar(info)):
                        self._take_tarred(opened, info)

    def count(self, read: int) -> None:
        """Note unpacked bytes.

        Raises:
            _Full: there are more than there may be.
        """
        self._unpacked += read
        limits = self._limits
        if self._unpacked > limits.total:
            raise _Full(_told("", "archive-large", f"It holds more than {limits.total} bytes."))
        if self._unpacked > limits.free and self._unpacked > limits.ratio * self._packed:
            sentence = f"It unpacks to more than {limits.ratio} times its size."
            raise _Full(_told("", "archive-ratio", sentence))

    def _wanted(self, name: str, *, is_folder: bool, wrong: str) -> bool:
        self._entries += 1
        if self._entries > self._limits.entries:
            sentence = f"It holds more than {self._limits.entries} files."
            raise _Full(_told("", "archive-entries", sentence))
        name = name.removesuffix("/") if is_folder else name.removeprefix("./")
        if is_folder and name in ("", "."):
            return False
        found = [Located(FILE, name, each) for each in name_problems(name.removeprefix("./"))]
        if wrong:
            found.append(_told(name, "file-unusable", wrong))
        if not is_folder and name in self.members:
            found.append(_told(name, "file-twice", f"The archive has {shown(name)} twice."))
        self.problems += found
        return not found and not is_folder

    def _take_zipped(self, opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        try:
            with opened.open(info) as file:
                self._take(info.orig_filename.removeprefix("./"), file, counts=True)
        except _DAMAGED:
            self.problems.append(_told(info.filename, "file-damaged", "The file is damaged."))

    def _take_tarred(self, opened: tarfile.TarFile, info: tarfile.TarInfo) -> None:
        file = opened.extractfile(info)
        if file is not None:
            self._take(info.name.removeprefix("./"), file, counts=False)

    def _take(self, name: str, file: IO[bytes], *, counts: bool) -> None:
        parts: list[bytes] = []
        size = 0
        while part := file.read(_CHUNK):
            if counts:
                self.count(len(part))
            size += len(part)
            if size > self._limits.largest:
                sentence = f"The file has more than {self._limits.largest} bytes."
                self.problems.append(_told(name, "too-large", sentence))
                return
            parts.append(part)
        self.members[name] = b"".join(parts)

    def _refuse_directory(self, archive: IO[bytes]) -> None:
        """Refuse a directory that would take much room before anything of it was seen."""
        start = max(0, self._packed - _END_RECORD - 0x10000)
        archive.seek(start)
        tail = archive.read()
        archive.seek(0)
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) < at + _END_RECORD:
            _refuse("archive-damaged", "The archive is damaged: it has no end.")
        size = int.from_bytes(tail[at + 12 : at + 16], "little")
        if size > self._limits.entries * _DIRECTORY_BYTES_PER_ENTRY or b"PK\x06\x07" in tail:
            sentence = f"It holds more than {self._limits.entries} files."
            _refuse("archive-entries", sentence)


class _Counted(io.RawIOBase):
    """The unpacked stream of a tar.gz; tells how much was read of it."""

    def __init__(self, plain: gzip.GzipFile, reading: _Reading) -> None:
        self._plain = plain
        self._reading = reading

    def read(self, size: int = -1) -> bytes:
        part = self._plain.read(size if 0 <= size <= _CHUNK else _CHUNK)
        self._reading.count(len(part))
        return part


def _wrong_in_zip(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "Links and devices are not taken."
    if info.flag_bits & _ENCRYPTED:
        return "The file is encrypted."
    if not info.is_dir() and info.compress_type not in _METHODS:
        return "The file is packed in a way that is not read here; use deflate."
    if not info.flag_bits & _UTF8 and not info.orig_filename.isascii():
        return "The name is no UTF-8."
    return ""


def _wrong_in_tar(info: tarfile.TarInfo) -> str:
    if info.isdir() or (info.isreg() and not info.issparse()):
        return ""
    return "Links, devices and files with holes are not taken."


def _told(name: str, code: str, sentence: str) -> Located:
    return Located(FILE, name, problem((), code, sentence))


def _refuse(code: str, sentence: str) -> NoReturn:
    raise ArchiveRefused([_told("", code, sentence)])
