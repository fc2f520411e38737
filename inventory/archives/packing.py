"""Writes archives whose bytes follow from their files alone. Pure but for the file written to.

Files come sorted by name and carry no times, owners or rights, so equal contents give equal
archives.
"""

import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Iterable
from typing import IO

from inventory.archives.format import ArchiveFormat
from inventory.archives.unpacking import Member

_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip archive can tell."""
_MODE = 0o644
_LEVEL = 6


def pack(members: Iterable[Member], form: ArchiveFormat, out: IO[bytes]) -> None:
    """Write the files, which come sorted by name, one at a time; `out` can be sought in."""
    if form is ArchiveFormat.ZIP:
        _zip(members, out)
    else:
        _tar_gz(members, out)


def packed(members: Iterable[Member], form: ArchiveFormat) -> bytes:
    """Return the archive of files that come in any order."""
    out = io.BytesIO()
    pack(sorted(members, key=lambda member: member.name), form, out)
    return out.getvalue()


def _zip(members: Iterable[Member], out: IO[bytes]) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for member in members:
            info = zipfile.ZipInfo(member.name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # Unix, on every machine
            info.external_attr = (stat.S_IFREG | _MODE) << 16
            archive.writestr(info, member.content)


def _tar_gz(members: Iterable[Member], out: IO[bytes]) -> None:
    with (
        gzip.GzipFile("", "wb", _LEVEL, out, mtime=0) as plain,
        tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.size, info.mode = len(member.content), _MODE
            archive.addfile(info, io.BytesIO(member.content))
