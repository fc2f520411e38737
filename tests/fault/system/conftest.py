"""One set of servers for the folder, one system of real processes for each test."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.envoy import Envoy
from tests.system.parts import Parts
from tests.system.stellwerk import System


@pytest.fixture(scope="session")
def servers() -> Iterator[Parts]:
    home = Path(tempfile.mkdtemp(prefix="sts-"))
    parts = Parts(home)
    try:
        yield parts.start()
    finally:
        parts.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def system(servers: Parts) -> Iterator[System]:
    with System(servers) as made:
        yield made


@pytest.fixture
def envoy(system: System) -> Iterator[Envoy]:
    made = Envoy(system)
    yield made
    made.close()
