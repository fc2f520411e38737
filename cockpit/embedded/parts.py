"""Both embedded parts together: started, watched and stopped in order."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from cockpit.embedded.folders import private_folder
from cockpit.embedded.identity import Identity, identity_for, namespace_allowed
from cockpit.embedded.places import places_of
from cockpit.embedded.postgres import Postgres
from cockpit.embedded.running import RunningLock
from cockpit.embedded.server import Server
from cockpit.embedded.valkey import Valkey

ADDRESSES = "addresses.json"


class Urls(msgspec.Struct, frozen=True):
    """Where the store and the broker are; holds a password, so never log it."""

    database_url: str
    broker_url: str

    def environment(self) -> dict[str, str]:
        """Return the variables that tell a process about both."""
        return {"DATABASE_URL": self.database_url, "BROKER_URL": self.broker_url}


def remember(home: Path, urls: Urls) -> None:
    """Leave the addresses in the home, so that commands in another terminal find them."""
    fresh = home / f"{ADDRESSES}.new"
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(msgspec.json.encode(urls.environment()))
    fresh.rename(home / ADDRESSES)


def remembered(home: Path) -> dict[str, str]:
    """Return the variables that the last start over this home has left, empty before any."""
    try:
        return msgspec.json.decode((home / ADDRESSES).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}


class Embedded:
    """PostgreSQL and Valkey over one home folder; an address given from outside replaces one."""

    def __init__(
        self,
        home: Path,
        *,
        database_url: str | None = None,
        broker_url: str | None = None,
        identity: Identity | None = None,
    ) -> None:
        self._home = home.absolute()
        self._outside = (database_url, broker_url)
        self._identity = identity
        self._servers: list[Server] = []

    def start(self) -> Urls:
        """Return the addresses once everything answers; what still runs is adopted.

        Raises:
            EmbeddedPartsFailed: a part did not start, or a folder is not private.
        """
        private_folder(self._home)
        database_url, broker_url = self._outside
        try:
            urls = Urls(database_url or self._start_postgres(), broker_url or self._start_valkey())
            remember(self._home, urls)
            return urls
        except BaseException:
            self.stop()
            raise

    def watch(self) -> None:
        """Start a part again whenever it ends, until `stop`; returns at once."""
        for server in self._servers:
            server.watch()

    def stop(self) -> None:
        """End what was started or adopted here: the broker first, the store last."""
        while self._servers:
            self._servers.pop().stop()

    def _start_postgres(self) -> str:
        identity = self._identity or identity_for(
            os.getuid(), namespace_is_allowed=os.getuid() == 0 and namespace_allowed()
        )
        places = places_of(self._home, user_id=os.getuid(), identity=identity)
        postgres = Postgres(places, identity)
        self._launch(Server(postgres, places.logs / "postgres.log"))
        return postgres.url

    def _start_valkey(self) -> str:
        places = places_of(self._home, user_id=os.getuid(), identity=Identity.OWN)
        valkey = Valkey(places)
        self._launch(Server(valkey, places.logs / "valkey.log"))
        return valkey.url

    def _launch(self, server: Server) -> None:
        self._servers.append(server)
        server.start()


@contextmanager
def running_parts(home: Path) -> Iterator[Urls]:
    """Run both parts over a home of one's own while the block lasts.

    Raises:
        AlreadyRunning: an installation runs from this home.
    """
    parts = Embedded(home)
    with RunningLock(home):
        try:
            urls = parts.start()
            parts.watch()
            yield urls
        finally:
            parts.stop()
