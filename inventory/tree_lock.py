"""Keeps edits and moves of folders apart: no object ends up under a folder that has left."""

from enum import StrEnum

from django.db import connection

_LOCK = 0x73746C77  # any number that nothing else in the database uses


class Hold(StrEnum):
    """How the tree of folders is held until the end of the transaction."""

    EDIT = "pg_advisory_xact_lock_shared"  # paths of folders stay; beside other edits
    MOVE = "pg_advisory_xact_lock"  # paths of folders change; alone


def hold_tree(hold: Hold) -> None:
    """Wait for the tree and hold it; belongs inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {hold.value}(%s)", [_LOCK])
