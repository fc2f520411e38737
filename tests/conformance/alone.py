"""Cases that end processes, or limit an agent: each on a small system of its own."""

import tempfile
from pathlib import Path

from tests.conformance.case import Case
from tests.conformance.ground import Ground
from tests.conformance.real import Real
from tests.system.child import kill_tree_of
from tests.system.parts import Parts
from tests.system.stellwerk import System

CONTROLLER = "controller"


class Alone:
    """Runs cases one after the other, over one database server and one broker."""

    def __init__(self) -> None:
        self._parts: Parts | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="stw-")

    def run(self, case: Case, name: str) -> list[str]:
        """Return what differs from the expectation; empty is right."""
        if self._parts is None:
            self._parts = Parts(Path(self._folder.name)).start()
        with System(self._parts) as system:
            for agent in case.agents:
                system.register(agent)
            system.controller()
            hands = Processes(system, case)
            for agent in case.agents:
                hands.do("agent_up", agent)
            for agent in case.agents:
                system.wait_coupled(agent)
            dsn = system.parts.database_url(system.database)
            ground = Ground(dsn, system.site, list(case.agents), CONTROLLER)
            try:
                return Real(case, name, ground, hands).run()
            finally:
                ground.close()

    def close(self) -> None:
        """Stop what was started."""
        if self._parts is not None:
            self._parts.stop()
        self._folder.cleanup()


class Processes:
    """The processes of a system, ended and started as a case says."""

    def __init__(self, system: System, case: Case) -> None:
        self._system, self._case = system, case

    def do(self, command: str, agent: str) -> None:
        """Carry out a command; see the README of the cases for what each means."""
        system = self._system
        match command:
            case "controller_down":
                for child in system.controllers.values():
                    child.kill()
            case "controller_up":
                for child in system.controllers.values():
                    child.start()
            case "agent_down":
                system.agents[agent].kill()
            case "agent_up":
                limit = self._case.agents[agent].process_limit
                more = {"STELLWERK_AGENT_PROCESSES": str(limit)} if limit else {}
                system.agent(agent, more=more)
            case "kill_agent_host":
                system.agents[agent].kill()
                kill_tree_of(system.folder_of(agent))
            case _:
                raise AssertionError(f"nobody knows how to do {command}")
