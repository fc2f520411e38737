"""The two formats of archives. Pure."""

from enum import StrEnum


class ArchiveFormat(StrEnum):
    """How an archive is packed; the value is the ending of its file."""

    ZIP = "zip"  # each file compressed by itself
    TAR_GZ = "tar.gz"  # all files compressed as one

    @property
    def media(self) -> str:
        """The content type."""
        return "application/zip" if self is ArchiveFormat.ZIP else "application/gzip"


LONGEST_MAGIC = 4


def format_of(head: bytes) -> ArchiveFormat | None:
    """Return the format that the first bytes of a file show, whatever its name is."""
    # An archive without any file begins with its end record.
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ArchiveFormat.ZIP
    return ArchiveFormat.TAR_GZ if head.startswith(b"\x1f\x8b") else None


def format_named(file_name: str) -> ArchiveFormat | None:
    """Return the format that the name of a file to be written asks for."""
    if file_name.endswith((".tar.gz", ".tgz")):
        return ArchiveFormat.TAR_GZ
    return ArchiveFormat.ZIP if file_name.endswith(".zip") else None
