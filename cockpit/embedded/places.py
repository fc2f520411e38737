"""Where the embedded parts keep data, sockets and logs. Pure: paths in, paths out."""

import hashlib
import re
from pathlib import Path

import msgspec

from cockpit.embedded.identity import Identity

SOCKET_PATH_LIMIT = 107
"""Bytes in `sun_path` of a unix socket, without the closing NUL (unix(7))."""

LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"
"""PostgreSQL puts a lock file beside its socket; nothing in the folder is longer."""

PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+@-]+")
"""Paths that need no quoting in a list of folders, a URL or a configuration file."""


class Places(msgspec.Struct, frozen=True):
    """The folders and files of one home."""

    home: Path
    logs: Path
    valkey_data: Path
    valkey_runtime: Path
    postgres_data: Path
    postgres_runtime: Path

    @property
    def postgres_private(self) -> Path:
        """The folder that holds PostgreSQL's data folder."""
        return self.postgres_data.parent

    @property
    def valkey_socket(self) -> Path:
        """The socket Valkey answers at."""
        return self.valkey_runtime / "valkey.sock"

    @property
    def valkey_pid_file(self) -> Path:
        """The file Valkey writes its process id to."""
        return self.valkey_runtime / "valkey.pid"

    @property
    def password_file(self) -> Path:
        """The generated password of the embedded PostgreSQL."""
        return self.home / "postgres.password"


def places_of(home: Path, *, user_id: int, identity: Identity) -> Places:
    """Return the places for an absolute home and the user and way the servers run."""
    runtime = runtime_folder(home, user_id)
    private, postgres_runtime = home, runtime
    if identity is Identity.NOBODY:
        private = Path("/var/lib") / f"stellwerk-{_mark(home)}"
        postgres_runtime = private / "run"
    return Places(
        home=home,
        logs=home / "logs",
        valkey_data=home / "valkey",
        valkey_runtime=runtime,
        postgres_data=private / "postgres",
        postgres_runtime=postgres_runtime,
    )


def runtime_folder(home: Path, user_id: int) -> Path:
    """Return the folder for sockets: in the home, or a short one where that cannot hold them.

    The answer depends on nothing that differs between two logins, so that a server left behind
    is found again.
    """
    inside = home / "run"
    if fits_a_socket(inside):
        return inside
    return Path("/tmp") / f"stellwerk-{user_id}-{_mark(home)}"  # noqa: S108 checked to be private before use


def fits_a_socket(folder: Path) -> bool:
    """Whether sockets in this folder have a path short and plain enough."""
    longest = str(folder / LONGEST_SOCKET_NAME)
    return len(longest.encode()) <= SOCKET_PATH_LIMIT and bool(PLAIN_PATH.fullmatch(longest))


def _mark(home: Path) -> str:
    return hashlib.sha256(str(home).encode()).hexdigest()[:12]
