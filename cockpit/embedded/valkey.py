"""Valkey as Celery's broker: its command line, and how to tell that it answers."""

import signal
import socket
from pathlib import Path

from cockpit.embedded.carried import valkey_server
from cockpit.embedded.folders import private_folder
from cockpit.embedded.identity import Identity
from cockpit.embedded.places import Places
from cockpit.embedded.proc import handle_of

ANSWER_LIMIT_S = 2.0


class Valkey:
    """The program `valkey-server` over one data folder, reached by a unix socket only."""

    name = "Valkey"
    identity = Identity.OWN
    stop_signal = signal.SIGTERM
    environment = {"LC_ALL": "C"}

    def __init__(self, places: Places) -> None:
        self._places = places

    @property
    def url(self) -> str:
        """The address in the form that Celery takes."""
        return f"redis+socket://{self._places.valkey_socket}"

    def prepare(self) -> None:
        """Make the folders and drop what an earlier server left behind."""
        private_folder(self._places.valkey_data)
        private_folder(self._places.valkey_runtime)

    def command(self) -> list[str]:
        """Return the command line; everything the server is told is on it."""
        return command_line(valkey_server(), self._places)

    def handle(self) -> int | None:
        """Return a pidfd of the server that holds the data folder, or None."""
        try:
            pid = int(self._places.valkey_pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return handle_of(pid, str(self._places.valkey_data))

    def answers(self) -> bool:
        """Whether the server takes commands; False while it still loads its data."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_LIMIT_S)
            try:
                connection.connect(str(self._places.valkey_socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:
                return False


def command_line(binary: Path, places: Places) -> list[str]:
    """Return how the server is run: durable to a second, and never dropping a message.

    `set-proc-title no` keeps the data folder visible, by which the server is recognised later.
    """
    options = {
        "port": "0",
        "unixsocket": str(places.valkey_socket),
        "unixsocketperm": "700",
        "pidfile": str(places.valkey_pid_file),
        "dir": str(places.valkey_data),
        "daemonize": "no",
        "set-proc-title": "no",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "notice",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [str(binary), *words]
