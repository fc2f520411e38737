"""An agent that ends and begins again in one folder, with real processes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.component.agents.agent import TestedAgent
from tests.component.hands.driver import clean


@pytest.fixture
def agents(tmp_path: Path) -> Iterator[Callable[[], TestedAgent]]:
    made: list[TestedAgent] = []

    def begin() -> TestedAgent:
        made.append(TestedAgent(tmp_path / "agent"))
        made[-1].begin()
        return made[-1]

    yield begin
    for agent in made:
        if not agent.pool.epoll.closed:
            agent.end()
    clean(tmp_path / "agent")
