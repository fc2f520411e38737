"""A database with the plan's tables, and a site around it."""

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import LazySettings
from django.db import connection
from psycopg.conninfo import make_conninfo

from cockpit.embedded import Urls
from tests.plan_site import C, Site


@pytest.fixture
def dsn(transactional_db: None, parts: Urls) -> str:
    """How to reach the test database without Django."""
    return make_conninfo(parts.database_url, dbname=connection.settings_dict["NAME"])


@pytest.fixture(autouse=True)
def controller(settings: LazySettings) -> str:
    settings.STELLWERK_CONTROLLER_ID = C
    return C


@pytest.fixture
def site(dsn: str) -> Iterator[Site]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        yield Site(conn)
