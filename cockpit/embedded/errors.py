"""What can go wrong with the embedded parts, said in sentences a person can act on."""

from pathlib import Path


class EmbeddedPartsFailed(Exception):
    """Root of everything this package raises."""


class AlreadyRunning(EmbeddedPartsFailed):
    """Another process holds the home folder."""

    def __init__(self, home: Path, pid: int | None, address: str | None) -> None:
        self.home = home
        self.pid = pid
        self.address = address
        at = f" at {address}" if address else ""
        process = f" (process {pid})" if pid else ""
        super().__init__(f"Stellwerk is already running from {home}{at}{process}.")


class PartDidNotStart(EmbeddedPartsFailed):
    """A server ended or stayed silent while it was being started."""

    def __init__(self, part: str, why: str, log: Path) -> None:
        self.part = part
        super().__init__(f"{part} did not start: {why} Its log is {log}.")


class UnsafeFolder(EmbeddedPartsFailed):
    """A folder that must be private belongs to somebody else or is open to others."""

    def __init__(self, folder: Path, why: str) -> None:
        self.folder = folder
        super().__init__(f"{folder} cannot be used: {why}.")
