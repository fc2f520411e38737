"""What an all-in-one start consists of: options and the processes that follow from them. Pure."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from cockpit.processes import Child

NOT_FOR_AGENTS = ("DATABASE_URL", "BROKER_URL", "CHANNEL_URL", "DJANGO_", "STELLWERK_")
"""Beginnings of the variables an agent must not see; it gets the few that are its own."""

AGENTS_OWN = ("STELLWERK_AGENT_PROCESSES", "STELLWERK_CONTROLLER_ID")


class Options(msgspec.Struct, frozen=True):
    """What was asked for on the command line."""

    host: str = "127.0.0.1"
    port: int = 8000
    agents: int = 1
    controllers: int = 1
    cockpits: int = 1
    demo: bool = False
    browser: bool = True

    @property
    def address(self) -> str:
        """Where the first cockpit member answers."""
        return f"http://{self.reachable_host}:{self.port}/"

    @property
    def reachable_host(self) -> str:
        """The host to call from this machine; a wildcard cannot be called."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"[{host}]" if ":" in host else host

    @property
    def ports(self) -> range:
        """The ports of all cockpit members."""
        return range(self.port, self.port + self.cockpits)


class Ground(msgspec.Struct, frozen=True):
    """What the processes stand on."""

    python: str
    root: Path
    """The folder with manage.py, or with the installed packages."""
    home: Path
    environment: Mapping[str, str]
    """Of this process, with the addresses of store and broker."""


def manage(ground: Ground, *words: str) -> list[str]:
    """Return the command line of a management command."""
    script = ground.root / "manage.py"
    django = [str(script)] if script.exists() else ["-m", "django"]
    return [ground.python, *django, *words]


def cockpits(options: Options, ground: Ground) -> list[Child]:
    """Return the cockpit members, on neighbouring ports."""
    host = [] if options.host == Options().host else ["--host", options.host]
    return [
        _child(
            ground,
            f"cockpit-{number}",
            manage(ground, "cockpit", "--member", f"cockpit-{number}", "--port", str(port), *host),
        )
        for number, port in enumerate(options.ports, 1)
    ]


def controllers(options: Options, ground: Ground) -> list[Child]:
    """Return the controllers; the first to get the lease is active, the others stand by."""
    controller_id = ground.environment.get("STELLWERK_CONTROLLER_ID") or "controller"
    return [
        _child(
            ground,
            f"controller-{number}",
            manage(ground, "controller", "--id", controller_id, "--node", f"controller-{number}"),
        )
        for number in range(1, options.controllers + 1)
    ]


def agents(options: Options, ground: Ground, tokens: Mapping[str, str]) -> list[Child]:
    """Return the agents; one without a link gets the token that joins it."""
    return [
        Child(
            name=agent_id,
            command=[ground.python, "-m", "agents.worker", "--id", agent_id],
            environment=agent_environment(ground, agent_id, tokens.get(agent_id)),
            folder=ground.root,
            log=ground.home / "logs" / f"{agent_id}.log",
            stop_limit_s=20.0,
        )
        for agent_id in agent_ids(options)
    ]


def agent_ids(options: Options) -> list[str]:
    """Return the names of the agents."""
    return [f"agent-{number}" for number in range(1, options.agents + 1)]


def agent_home(home: Path, agent_id: str) -> Path:
    """Return the state folder of an agent."""
    return home / "agents" / agent_id


def agent_environment(ground: Ground, agent_id: str, token: str | None) -> dict[str, str]:
    """Return the variables of an agent: the machine's, and its own few. No store, no keys."""
    kept = {
        name: value
        for name, value in ground.environment.items()
        if name in AGENTS_OWN or not name.startswith(NOT_FOR_AGENTS)
    }
    own = {
        "STELLWERK_AGENT_ID": agent_id,
        "STELLWERK_HOME": str(agent_home(ground.home, agent_id)),
        "BROKER_URL": ground.environment["BROKER_URL"],
    }
    return {**kept, **own, **({"STELLWERK_JOIN_TOKEN": token} if token else {})}


def _child(ground: Ground, name: str, command: list[str]) -> Child:
    return Child(
        name=name,
        command=command,
        environment=dict(ground.environment),
        folder=ground.root,
        log=ground.home / "logs" / f"{name}.log",
    )
