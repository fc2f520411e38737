"""What is to be watched, and what was found: values between the agent's loop and its eye."""

from collections.abc import Mapping

import msgspec


class Wanted(msgspec.Struct, frozen=True):
    """A directory to watch. `known` are faces of files by name.

    `generation` rises with each change of this: findings of an earlier one are out of date.
    `directory` may be wrong; then `problem` tells it.
    """

    source: str
    generation: int
    directory: str
    pattern: str | None
    delay_s: int
    known: Mapping[str, str]
    problem: str = ""


class Found(msgspec.Struct, frozen=True):
    """A file that has come and is complete; `path` in bytes."""

    name: str
    path: bytes
    face: str


class Finding(msgspec.Struct, frozen=True):
    """What has changed in a directory. First some files vanished, then others arose.

    `problem` None: it is as before; empty: the directory is watched.
    """

    source: str
    generation: int
    arose: tuple[Found, ...] = ()
    vanished: tuple[str, ...] = ()
    problem: str | None = None
