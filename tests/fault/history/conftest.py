"""A session of its own for followers, beside the one of Django's models."""

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import LazySettings
from django.db import connection
from psycopg.conninfo import make_conninfo

from cockpit.embedded import Urls


@pytest.fixture
def dsn(transactional_db: None, parts: Urls) -> str:
    """How to reach the test database without Django."""
    return make_conninfo(parts.database_url, dbname=connection.settings_dict["NAME"])


@pytest.fixture
def conn(dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        yield conn


@pytest.fixture
def controller(settings: LazySettings) -> str:
    settings.STELLWERK_CONTROLLER_ID = "c"
    return "c"
