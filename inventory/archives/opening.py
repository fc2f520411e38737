"""An archive on its way into the inventory: opened, and with the problems of opening it."""

from typing import IO

import msgspec

from inventory.archives.contents import Contents, contents_of
from inventory.archives.unpacking import LIMITS, Limits, unpack
from inventory.errors import Located


class Opened(msgspec.Struct, frozen=True):
    """What an archive says, and the problems of files that could not be read."""

    contents: Contents
    problems: tuple[Located, ...]


def opened(archive: IO[bytes], *, skip_unknown: bool = False, limits: Limits = LIMITS) -> Opened:
    """Return what an archive says.

    Raises:
        ArchiveRefused: it is none, is damaged as a whole, or holds more than it may.
    """
    unpacked = unpack(archive, limits)
    return Opened(contents_of(unpacked.members, skip_unknown=skip_unknown), unpacked.problems)
