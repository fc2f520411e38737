"""What agents tell of their software is what is built."""

import tomllib
from pathlib import Path

from agents.version import VERSION

PROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"


def test_agents_tell_the_version_of_the_project() -> None:
    assert tomllib.loads(PROJECT.read_text())["project"]["version"] == VERSION
