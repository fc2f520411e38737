"""A connection to an SSH server, whose host key must be known: there is no way to trust any."""

from collections.abc import Mapping
from typing import Any

import asyncssh

from agents.runners.run import JobFailed

ALIVE_EVERY_S = 30
ALIVE_MISSES = 10
"""After so many questions without an answer the connection is lost: a machine may be very busy."""


async def connect(
    host: str,
    *,
    port: int,
    given: Mapping[str, Any],
    timeout_s: float,
) -> asyncssh.SSHClientConnection:
    """Return an open connection.

    Args:
        host: the machine.
        port: of its SSH server.
        given: user, password, key, passphrase and known_hosts, as far as they are given.
        timeout_s: after which connecting is given up.

    Raises:
        JobFailed: not reached, not trusted, or not let in.
    """
    options = {
        "port": port,
        "connect_timeout": timeout_s,
        "login_timeout": timeout_s,
        "keepalive_interval": ALIVE_EVERY_S,
        "keepalive_count_max": ALIVE_MISSES,
    }
    try:
        return await asyncssh.connect(host, **options, **_credentials(given))
    except asyncssh.HostKeyNotVerifiable as problem:
        raise JobFailed(f"The host key of {host} is not known: {problem.reason}") from None
    except asyncssh.PermissionDenied as problem:
        raise JobFailed(f"{host} refuses the user: {problem.reason}") from None
    except (OSError, asyncssh.Error, TimeoutError) as problem:
        why = str(problem) or type(problem).__name__
        raise JobFailed(f"{host} port {port} cannot be reached: {why}") from None


def _credentials(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given of them; a key or password that is given is the only thing tried."""
    options: dict[str, Any] = {}
    if "user" in given:
        options["username"] = given["user"]
    if "known_hosts" in given:
        options["known_hosts"] = _known_hosts(given["known_hosts"])
    if "key" in given or "password" in given:
        keys = [_key(given["key"], given.get("passphrase"))] if "key" in given else None
        options |= {"client_keys": keys, "agent_path": None}
    if "password" in given:
        options["password"] = given["password"]
    return options


def _known_hosts(text: str) -> Any:
    """Return what asyncssh takes: lines as they stand in a file of known hosts, or its path."""
    return asyncssh.import_known_hosts(text) if " " in text.strip() else text


def _key(text: str, passphrase: str | None) -> Any:
    try:
        if "PRIVATE KEY" in text:
            return asyncssh.import_private_key(text.strip() + "\n", passphrase)
        return asyncssh.read_private_key(text, passphrase)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, OSError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise JobFailed(f"key: It cannot be used: {why}") from None
