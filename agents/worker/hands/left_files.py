"""The files that a job leaves in the agent's folder: by then they may be anything, of any size.

A job can put a folder, a pipe or a device in the place of a file that is its own. None of them may
block or end the agent.
"""

# Without pathlib: called for every job.
# ruff: noqa: PTH108

import os
import shutil
import stat
from typing import BinaryIO

from msgspec import Struct

RETURN_VALUES_BYTES = 1 << 20


class Unreadable(Struct, frozen=True):
    """Why the return values of a job cannot be taken."""

    why: str


Written = bytes | Unreadable | None


def opened(path: str) -> BinaryIO:
    """Returns a file open for reading, at once.

    Raises:
        OSError: There is none, it is no regular file, or it may not be read.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(f"{path} is no regular file")
    return os.fdopen(fd, "rb")


def return_values(path: str) -> Written:
    """Returns what the job wrote to its file of return values, none if there is no file."""
    try:
        with opened(path) as file:
            written = file.read(RETURN_VALUES_BYTES + 1)
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return None
    except OSError:
        return Unreadable("the job left something that is no readable file")
    if len(written) > RETURN_VALUES_BYTES:
        return Unreadable(f"{size} bytes, at most {RETURN_VALUES_BYTES} are taken")
    return written


def remove(path: str) -> None:
    """Deletes what lies at a path, whatever it is; what is gone already is as well."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError:
        shutil.rmtree(path, ignore_errors=True)
