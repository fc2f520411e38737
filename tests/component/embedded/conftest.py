"""A home whose database is already made, to be copied: making one costs more than most tests."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.embedded import Embedded, running_parts


@pytest.fixture(scope="session")
def made_home() -> Iterator[Path]:
    """A home that was started and stopped once; never to be started itself."""
    folder = Path(tempfile.mkdtemp(prefix="stw-"))
    with running_parts(folder):
        pass
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def empty_home() -> Iterator[Path]:
    """A new home; whatever a test leaves running in it is stopped afterwards."""
    # Short, unlike pytest's own: most tests want the sockets where they usually are.
    folder = Path(tempfile.mkdtemp(prefix="stw-"))
    yield folder
    if (folder / "postgres" / "postmaster.pid").exists() or (folder / "run/valkey.pid").exists():
        left = Embedded(folder)
        left.start()
        left.stop()
    shutil.rmtree(folder)


@pytest.fixture
def home(empty_home: Path, made_home: Path) -> Path:
    """A home with a database in it."""
    shutil.copytree(made_home, empty_home, symlinks=True, dirs_exist_ok=True)
    return empty_home
