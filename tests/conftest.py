"""What all tests share: servers of their own, never those of a running installation."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import LazySettings
from django.db import connection, connections
from hypothesis import Phase, settings
from psycopg.conninfo import make_conninfo

from cockpit.embedded import Urls, running_parts
from tests.missing import pytest_make_collect_report, pytest_runtest_makereport
from tests.pace import others

# Explaining a failure traces every line of every example, which makes them all two times slower.
settings.register_profile("fast", phases=[phase for phase in Phase if phase is not Phase.explain])
settings.load_profile("fast")

__all__ = ["others", "pytest_make_collect_report", "pytest_runtest_makereport"]


@pytest.fixture(scope="session")
def parts() -> Iterator[Urls]:
    """PostgreSQL and Valkey for this test session, in a home of their own."""
    home = Path(tempfile.mkdtemp(prefix="stt-"))
    try:
        with running_parts(home) as urls:
            yield urls
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(parts: Urls) -> None:
    """Let Django's test database be made on the server of this session."""
    import environ

    found = environ.Env.db_url_config(parts.database_url)
    database = connections.databases["default"]
    database.update({k: v for k, v in found.items() if k != "OPTIONS"})
    database["OPTIONS"] = {**found.get("OPTIONS", {})}
    os.environ.update(parts.environment())


@pytest.fixture
def dsn(transactional_db: None, parts: Urls) -> str:
    """How to reach the test database without Django."""
    return make_conninfo(parts.database_url, dbname=connection.settings_dict["NAME"])


@pytest.fixture
def conn(dsn: str) -> Iterator[psycopg.Connection]:
    """A session of its own, beside the one of Django's models."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        yield conn


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, settings: LazySettings) -> None:
    """Give every test a home of its own, so that none touches an installation's keys."""
    settings.STELLWERK_HOME = tmp_path / "home"
    settings.STELLWERK_SIGNING_KEY = ""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the browser's tests come last: its driver keeps an event loop running in this thread."""
    items.sort(key=lambda item: "acceptance" in item.path.parts)
