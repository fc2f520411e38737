"""What opens a transaction, and statements with big arrays in it, past Django's cursor.

Django's own cursor writes every value into the text of the statement, which costs more than the
statement itself where arrays have thousands of elements.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import msgspec
import psycopg
from django.db import connection

Transaction = Callable[[], AbstractContextManager[object]]
"""Opens a transaction, fenced where there is a term."""


def fetched(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows that a statement gives."""
    with connection.wrap_database_errors, _cursor() as cursor:
        return cursor.execute(statement.encode(), values).fetchall()


def changed(statement: str, values: Sequence[Any]) -> int:
    """Return how many rows a statement has changed."""
    with connection.wrap_database_errors, _cursor() as cursor:
        return cursor.execute(statement.encode(), values).rowcount


def as_json(rows: Sequence[msgspec.Struct]) -> str:
    """Return rows as one value for `json_to_recordset`, bytes as Base64.

    An array for each column would cost the driver more than PostgreSQL needs for all of it.
    """
    return msgspec.json.encode(rows).decode()


def _cursor() -> "psycopg.Cursor[tuple[Any, ...]]":
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)
