"""A session of its own for the reader of the journal, beside the one of Django's models."""

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from cockpit.embedded import Urls


@pytest.fixture
def dsn(transactional_db: None, parts: Urls) -> str:
    """How to reach the test database without Django."""
    return make_conninfo(parts.database_url, dbname=connection.settings_dict["NAME"])
