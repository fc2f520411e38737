"""One server for all tests here, one database for each."""

from collections.abc import Iterator

import pytest

from tests.component.cluster.database import database, postgres


@pytest.fixture(scope="session")
def cluster_server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def dsn(cluster_server: str) -> Iterator[str]:
    with database(cluster_server) as dsn:
        yield dsn
