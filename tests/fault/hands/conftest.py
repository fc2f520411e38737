"""A folder of its own for each test, cleaned of processes afterwards."""

from tests.component.hands.conftest import agent, agents, folder

__all__ = ["agent", "agents", "folder"]
