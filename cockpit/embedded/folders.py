"""Private folders, secret files and log files on disk."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from cockpit.embedded.errors import UnsafeFolder

LOG_LIMIT_BYTES = 10 * 1024 * 1024


def private_folder(folder: Path, *, owner: int | None = None) -> Path:
    """Return the folder, made if missing, after checking that only its owner may enter.

    Raises:
        UnsafeFolder: it is a link or no folder, or somebody else owns it.
    """
    owner = os.getuid() if owner is None else owner
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
        if owner != os.getuid():
            os.chown(folder, owner, owner)
    except FileExistsError:
        pass
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise UnsafeFolder(folder, "it is not a folder")
    if found.st_uid != owner:
        raise UnsafeFolder(folder, f"user {found.st_uid} owns it, not user {owner}")
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)
    return folder


def secret_file(path: Path, make: Callable[[], str]) -> str:
    """Return the secret in a file, made with mode 0600 if missing; whole or not at all."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    write_private(fresh, make() + "\n")
    # A link does not replace: if another process was first, its secret is the one that counts.
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text().strip()


def write_private(path: Path, text: str, *, owner: int | None = None) -> None:
    """Write a new file that only its owner may read."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as file:
        if owner is not None:
            os.fchown(fd, owner, owner)
        file.write(text)
        file.flush()
        os.fsync(fd)


def open_log(path: Path) -> int:
    """Return a descriptor that appends to a log; one that has grown large is put aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(path.with_name(path.name + ".1"))
    except FileNotFoundError:
        pass
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def last_lines(path: Path, count: int) -> list[str]:
    """Return the end of a log, to be shown when something failed."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 8192))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return []
    return text.splitlines()[-count:]
