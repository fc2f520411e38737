"""What every background service stands on."""

import msgspec

from cluster.lease import Token
from controller.purge import Keep


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """Where the store and the broker are, for whom, by which right, and how long things are kept.

    `dsn` and `broker_url` hold passwords: never log them.
    """

    dsn: str
    broker_url: str
    controller: str
    token: Token
    history_days: int = 90
    journal: Keep = Keep()
