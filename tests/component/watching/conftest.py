"""A directory to watch, and no events of the file system but where a test asks for them."""

from pathlib import Path

import pytest

from agents.worker.watching.watch import Watch


@pytest.fixture(autouse=True)
def _deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hear no events but where a test is about them: looking alone has to do."""
    monkeypatch.setattr(Watch, "_listen", lambda _self, _folder: None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    return made
