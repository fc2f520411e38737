"""The single steps of an all-in-one start that reach outside: ports, commands, the first page."""

import errno
import os
import re
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from cockpit.allinone_plan import Ground, Options, agent_home, agent_ids, manage

PORT_LIMIT_S = 5.0
"""Members of a killed predecessor need a moment to end and free their ports."""

SERVED = re.compile(rb"HTTP/[0-9.]+ [234]")
"""The first words of an answer that is not the server's own failure."""

LINK = "link.json"
"""The file in an agent's state folder that says it has joined."""


class NotPossible(Exception):
    """What was asked for cannot be done; the message says why and what to do."""


class Prepared(msgspec.Struct, frozen=True):
    """What `manage.py prepare` tells."""

    login: str | None = None
    """How to sign in for the first time; None once there are users."""
    tokens: dict[str, str] = {}
    """The joining token of each agent that asked for one."""


def from_environment(environment: Mapping[str, str], name: str) -> str | None:
    """Return a variable, or the text of the file that `NAME_FILE` points to, or None."""
    if environment.get(name):
        return environment[name]
    path = environment.get(f"{name}_FILE")
    return Path(path).read_text().strip() if path else None


def wait_for_ports(options: Options) -> None:
    """Wait until the ports of the cockpit members are free.

    Raises:
        NotPossible: another program keeps one.
    """
    deadline = time.monotonic() + PORT_LIMIT_S
    for port in options.ports:
        while not _is_free(options.host, port):
            if time.monotonic() > deadline:
                raise NotPossible(
                    f"Port {port} is taken by another program. Choose another one with --port, "
                    f"for example: make up ARGS='--port {port + 80}'."
                )
            time.sleep(0.1)


def prepare(options: Options, ground: Ground) -> Prepared:
    """Return login and tokens after bringing the database up to date.

    Raises:
        NotPossible: the command failed; its last words are in the message.
    """
    joining = [
        agent_id
        for agent_id in agent_ids(options)
        if not (agent_home(ground.home, agent_id) / LINK).exists()
    ]
    done = _run(ground, manage(ground, "prepare", "--join", *joining))
    if done.returncode != 0:
        raise NotPossible(f"The database could not be prepared:\n{done.stderr[-2000:]}")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Prepared)


def deploy_demo(ground: Ground) -> str:
    """Return what came of deploying the demo's workflows."""
    folder = ground.root / "demo"
    if not folder.is_dir():
        return "there is no folder demo/ to deploy"
    done = _run(ground, manage(ground, "deploy", "--folder", "demo", str(folder)))
    if done.returncode != 0:
        return f"the demo was not deployed:\n{(done.stdout + done.stderr)[-2000:]}"
    return "the demo's workflows are deployed"


def page_answers(options: Options) -> bool:
    """Whether the first cockpit member serves pages."""
    host = options.reachable_host
    request = f"GET /health/live HTTP/1.0\r\nHost: {host}\r\n\r\n"
    try:
        with socket.create_connection((host.strip("[]"), options.port), timeout=5) as connection:
            connection.sendall(request.encode())
            return bool(SERVED.match(connection.recv(64)))
    except OSError:
        return False


def _run(ground: Ground, command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ground.root,
        env=dict(ground.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        # A Ctrl-C is for the caller; what runs here is short and is waited for.
        process_group=0,
    )


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as refusal:
            if refusal.errno == errno.EADDRINUSE:
                return False
            raise NotPossible(
                f"Cannot listen at {host}:{port}: {os.strerror(refusal.errno or 0)}."
            ) from None
    return True
