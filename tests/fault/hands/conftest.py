"""A folder of its own for each test, cleaned of processes afterwards."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.component.hands.driver import Agent, clean


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "hands"
    clean(tmp_path / "hands")


@pytest.fixture
def agents(folder: Path) -> Iterator[Callable[..., Agent]]:
    made: list[Agent] = []

    def make(**more: object) -> Agent:
        made.append(Agent(folder, **more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for agent in made:
        if not agent.pool.epoll.closed:
            agent.pool.close()


@pytest.fixture
def agent(agents: Callable[..., Agent]) -> Agent:
    return agents()
