"""Reads a directory: its regular files, by one open folder, and nothing that a link leads to.

Names are asked for relative to the open folder and without following links, so what happens to the
path meanwhile leads nowhere else.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from agents.worker.watching.birth import born_ns
from agents.worker.watching.sight import Look


class NotAllowed(Exception):
    """A directory outside of those that this agent may watch."""


@contextmanager
def opened(directory: str, roots: Sequence[str] = ()) -> Iterator[int]:
    """Yield the descriptor of an open directory.

    Args:
        directory: an absolute path.
        roots: where it has to lie, links resolved; anywhere where there are none.

    Raises:
        OSError: there is none, or it cannot be read.
        NotAllowed: it lies elsewhere.
    """
    folder = os.open(directory or "/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if roots:
            real = Path(f"/proc/self/fd/{folder}").readlink()
            if not any(real.is_relative_to(os.path.realpath(root)) for root in roots):
                raise NotAllowed(f"{directory} lies outside of what this agent may watch")
        yield folder
    finally:
        os.close(folder)


def names(folder: int) -> Iterator[str]:
    """Yield the names of regular files; bytes that are no UTF-8 are escaped as Python does."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                yield entry.name


def look(folder: int, name: str) -> Look | None:
    """Return what a file looks like now, None where there is no regular file of the name."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    born = born_ns(folder, os.fsencode(name))
    return Look(found.st_ino, found.st_size, found.st_mtime_ns, born)
