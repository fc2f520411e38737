"""What controller and agents tell each other about file order sources.

Pure: parts of the two numbered streams of `agents.protocol`. Knows no directory.
"""

from typing import TypeAlias

import msgspec

from engine.files.state import Arising

# -- down: from the controller to an agent -------------------------------------------------------


class KnownFile(msgspec.Struct, frozen=True, array_like=True):
    """A file that the controller counts as there."""

    name: str
    arising: Arising


class KnowFiles(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Some of the files of a source that the controller counts as there.

    The `first` message begins anew: it knows none but those that follow.
    """

    source: str
    files: tuple[KnownFile, ...]
    first: bool = False


class WatchFiles(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Has a source watched, in a version that came as an `Item`.

    With a `mark` all files that the controller knows were told before this, and the agent answers
    with it.
    """

    source: str
    version: str
    mark: str = ""


class UnwatchFiles(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Has a source watched no more; its files are forgotten."""

    source: str


WatchMessage: TypeAlias = KnowFiles | WatchFiles | UnwatchFiles

# -- up: from an agent to the controller ---------------------------------------------------------


class FileArose(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A file has come into the directory of a source and is complete; harmless if said again."""

    source: str
    name: str
    arising: Arising


class FileVanished(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The file of an arising is there no more; harmless if said again."""

    source: str
    name: str
    arising: str


class FileSourceTold(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """What keeps the agent from watching a source, empty where nothing does."""

    source: str
    problem: str
    at_us: int


class FilesTaken(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Answers a `WatchFiles` with a mark: what follows goes on from what the controller told."""

    source: str
    mark: str


WatchReport: TypeAlias = FileArose | FileVanished | FileSourceTold | FilesTaken
