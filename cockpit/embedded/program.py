"""What the supervisor must know of a server program; PostgreSQL and Valkey each say it."""

import signal
from typing import Protocol

from cockpit.embedded.identity import Identity


class Program(Protocol):
    """One server program over one data folder."""

    name: str
    identity: Identity
    stop_signal: signal.Signals
    """Ends the server cleanly without waiting for its clients."""

    environment: dict[str, str]

    def prepare(self) -> None:
        """Make folders, data and configuration as far as they are missing."""

    def command(self) -> list[str]:
        """Return the command line that runs the server in the foreground."""

    def handle(self) -> int | None:
        """Return a pidfd of the server that now holds the data folder, or None."""

    def answers(self) -> bool:
        """Whether the server takes requests, ready for use."""
