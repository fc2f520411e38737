"""What an agent is told at its start: a few variables, nothing else of the environment counts."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec


class ConfigMissing(Exception):
    """A variable that an agent cannot do without."""


class AgentConfig(msgspec.Struct, frozen=True):
    """The agent's own configuration. `processes` bounds all its jobs together.

    File order sources may watch directories below `watch_roots` only; anywhere if there are none.
    """

    agent: str
    home: Path
    broker_url: str
    controller: str = "controller"
    join_token: str = ""
    processes: int = 0
    watch_roots: tuple[str, ...] = ()

    @property
    def process_limit(self) -> int:
        """How many processes may run at once where nobody says otherwise."""
        return self.processes or max(16, 8 * (os.cpu_count() or 1))


def from_environment(env: Mapping[str, str], agent: str = "", processes: int = 0) -> AgentConfig:
    """Return the configuration; every variable may be given as `X_FILE`, the path of a file.

    Raises:
        ConfigMissing: no agent id, no broker.
    """
    agent = agent or _read(env, "STELLWERK_AGENT_ID")
    broker = _read(env, "BROKER_URL")
    if not agent:
        raise ConfigMissing("Give the agent an id: --id ID or STELLWERK_AGENT_ID.")
    if not broker:
        raise ConfigMissing("Give the agent its broker: BROKER_URL.")
    home = _read(env, "STELLWERK_HOME") or str(Path("var") / "agents" / agent)
    return AgentConfig(
        agent=agent,
        home=Path(home).absolute(),
        broker_url=broker,
        controller=_read(env, "STELLWERK_CONTROLLER_ID") or "controller",
        join_token=_read(env, "STELLWERK_JOIN_TOKEN"),
        processes=processes or int(_read(env, "STELLWERK_AGENT_PROCESSES") or 0),
        watch_roots=tuple(filter(None, _read(env, "STELLWERK_WATCH_ROOTS").split(os.pathsep))),
    )


def _read(env: Mapping[str, str], name: str) -> str:
    file = env.get(f"{name}_FILE")
    return Path(file).read_text().strip() if file else env.get(name, "")
