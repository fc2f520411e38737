"""A RabbitMQ of the test's own: private folder, loopback, ports of its own, an ordinary process."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.system.child import kill_tree_of
from tests.system.waiting import wait_until

# Debian's /usr/sbin/rabbitmq-server turns into another user; this is the program behind it.
PLACES = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "/usr/lib/rabbitmq/sbin/rabbitmq-server")
START_S = 60.0


def program() -> str | None:
    """Return the path of the server, None where it is not installed."""
    found = [place for place in PLACES if Path(place).exists()]
    return found[0] if found else shutil.which("rabbitmq-server")


@contextmanager
def running_rabbit() -> Iterator[str]:
    """Run a server while the block lasts; gives its address."""
    server = program()
    assert server is not None
    folder = Path(tempfile.mkdtemp(prefix="str-"))
    port, distribution, epmd = (_free_port() for _ in range(3))
    log = (folder / "log").open("ab")
    process = subprocess.Popen(
        [server],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "RABBITMQ_NODENAME": f"stellwerk{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "logs"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(folder / "none"),
            "ERL_EPMD_PORT": str(epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        },
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=folder,
        start_new_session=True,
    )
    try:
        wait_until(
            lambda: _answers(port),
            within_s=START_S,
            why=lambda: f"RabbitMQ does not answer:\n{(folder / 'log').read_text()[-3000:]}",
        )
        yield f"amqp://guest:guest@127.0.0.1:{port}//"
    finally:
        kill_tree_of(folder)
        process.wait(20)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _answers(port: int) -> bool:
    with socket.socket() as connection:
        connection.settimeout(1)
        try:
            connection.connect(("127.0.0.1", port))
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return bool(connection.recv(8))
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
