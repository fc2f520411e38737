"""One state folder, one agent: the lock on it, the guard against a copy of it, the run's name."""

import fcntl
import os
import tempfile
from pathlib import Path

from agents.worker.journal import Journal


class FolderInUse(Exception):
    """Another process works with this state folder or with a copy of it."""


def lock_folder(folder: Path) -> tuple[int, str]:
    """Lock the state folder and return the descriptor with the identity of the lock.

    Raises:
        FolderInUse: another process has the lock.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise FolderInUse(f"Another agent works in {folder}.") from None
    facts = os.fstat(fd)
    return fd, f"{_machine()}:{facts.st_dev}:{facts.st_ino}"


def _machine() -> str:
    for path in ("/etc/machine-id", "/proc/sys/kernel/random/boot_id"):
        try:
            return Path(path).read_text().strip()
        except OSError:
            continue
    return "unknown"


class Guard:
    """Remembers outside of the state folder how far a run has come on this machine.

    A state folder that was restored from a copy begins behind it, and one that was copied finds it
    locked. A run `is_new` until something of it was noted. Not synced: it has to outlive the
    process, not the machine.
    """

    def __init__(self, run: str, *, place: Path | None = None) -> None:
        place = place or _memory()
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if place.stat().st_uid != os.getuid():
            raise FolderInUse(f"{place} belongs to somebody else.")
        self._path = place / run
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(
                f"An agent with a copy of this journal (run {run}) is running."
            ) from None
        self.is_new = not self._seen()

    def _seen(self) -> bytes:
        return os.pread(self._fd, 20, 0)

    def check(self, last_n: int) -> bool:
        """Tell whether the journal is at least as far as this machine has seen it."""
        return last_n >= int(self._seen() or b"0")

    def note(self, last_n: int) -> None:
        """Remember how far the journal has come; called after each commit."""
        os.pwrite(self._fd, b"%020d" % last_n, 0)

    def forget(self) -> None:
        """Remove the memory of a run that is over."""
        self._path.unlink(missing_ok=True)
        os.close(self._fd)


def _memory() -> Path:
    """Return a folder that survives a reboot where there is one; `TMPDIR` decides if it is set."""
    lasting = Path("/var/tmp")  # noqa: S108  # a folder of one's own in it, checked for its owner
    usable = "TMPDIR" not in os.environ and os.access(lasting, os.W_OK)
    parent = lasting if usable else Path(tempfile.gettempdir())
    return parent / f"stellwerk-agents-{os.getuid()}"


def begin_run(journal: Journal, run: str) -> str:
    """Return the name of the journal's run, beginning it with `run` if the journal is new."""
    known = journal.fact("run")
    if known:
        return known.decode()
    journal.set("run", run.encode())
    journal.commit()
    return run
