"""The files that `toFile` makes for a job run: private, and gone once its process is gone."""

import os
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from agents.worker.job_scope import files_folder

_SUFFIX = files_folder("", "")[1:]


class JobFiles:
    """The folders of attempts in one folder of the agent."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._present: set[str] = set()

    def write(self, attempt: str, files: Mapping[str, bytes]) -> None:
        """Write the files of an attempt, by their paths in its folder; all of them or none.

        Raises:
            OSError: there is no place for them.
        """
        if not files:
            return
        self._present.add(attempt)
        folder = Path(files_folder(self._folder, attempt))
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            for path, content in files.items():
                (folder / path).parent.mkdir(mode=0o700)
                write_private(str(folder / path), content, new=True)
        except BaseException:
            self.remove(attempt)
            raise

    def remove(self, attempt: str) -> None:
        """Delete the files of an attempt, if it has some; what is gone already is as well."""
        if attempt in self._present:
            self._present.discard(attempt)
            shutil.rmtree(files_folder(self._folder, attempt), ignore_errors=True)

    def sweep(self, running: Collection[str]) -> None:
        """Delete the files of attempts whose process is gone: the agent was away when it ended."""
        with suppress(FileNotFoundError):
            for folder in Path(self._folder).glob(f"*{_SUFFIX}"):
                attempt = folder.name.removesuffix(_SUFFIX)
                self._present.add(attempt)
                if attempt not in running:
                    self.remove(attempt)


def write_private(path: str, content: bytes, *, new: bool = False) -> None:
    """Write a file that only this user can read; a `new` one must not be there yet."""
    only = os.O_EXCL | os.O_NOFOLLOW if new else os.O_TRUNC
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | only | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
