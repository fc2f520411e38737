"""Day partitions of the history: made ahead of their day, dropped as a whole when they are old."""

import datetime as dt
from collections.abc import Iterable

import psycopg
from psycopg import sql

TABLES = ("history_orderrun", "history_orderrunstate", "history_jobrun", "history_logchunk")
DAYS_AHEAD = 7

_LOCK = 0x5354_4850_4152_5453
"""Advisory lock of everybody who makes or drops partitions."""

# Rows of runs and job runs change a few times: room in their page spares index entries.
_ROOM = {"history_orderrun": "WITH (fillfactor = 70)", "history_jobrun": "WITH (fillfactor = 85)"}


def ensure(conn: psycopg.Connection, days: Iterable[dt.date]) -> None:
    """Make the partitions of these days where they are missing, in an open transaction or alone."""
    with conn.transaction():
        missing = sorted(set(days) - present(conn))
        if not missing:
            return
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        for day in sorted(set(missing) - present(conn)):
            for table in TABLES:
                _make(conn, table, day)


def ensure_around(conn: psycopg.Connection, today: dt.date, ahead: int = DAYS_AHEAD) -> None:
    """Make the partitions of today and of the days before and after it."""
    ensure(conn, (today + dt.timedelta(days=n) for n in range(-1, ahead + 1)))


def present(conn: psycopg.Connection) -> set[dt.date]:
    """Return the days that have partitions in all tables."""
    found = conn.execute(
        "SELECT right(c.relname, 8) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = ANY (%s::regclass[]) GROUP BY 1 HAVING count(*) = %s",
        (list(TABLES), len(TABLES)),
    )
    return {dt.date.fromisoformat(suffix) for (suffix,) in found}


def drop(conn: psycopg.Connection, day: dt.date) -> bool:
    """Drop the partitions of a day; counts of groups follow.

    A day that still has live orders keeps these and answers False; its other rows go.
    """
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        # Dropping waits for readers, and readers behind it would wait too: rather try again later.
        conn.execute("SET LOCAL lock_timeout = '2s'")
        return _retire(conn, day)


def partition(table: str, day: dt.date) -> sql.Identifier:
    """Return the name of a day's partition of a table."""
    return sql.Identifier(f"{table}_{day:%Y%m%d}")


def _make(conn: psycopg.Connection, table: str, day: dt.date) -> None:
    # Made beside and attached: unlike CREATE … PARTITION OF this does not lock readers out.
    conn.execute(
        sql.SQL("CREATE TABLE IF NOT EXISTS {} (LIKE {} INCLUDING ALL) {}").format(
            partition(table, day), sql.Identifier(table), sql.SQL(_ROOM.get(table, ""))
        )
    )
    conn.execute(
        sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
            sql.Identifier(table),
            partition(table, day),
            sql.Literal(day.isoformat()),
            sql.Literal((day + dt.timedelta(days=1)).isoformat()),
        )
    )


def _retire(conn: psycopg.Connection, day: dt.date) -> bool:
    runs = partition("history_orderrun", day)
    _uncount(conn, runs)
    conn.execute("DELETE FROM history_log WHERE day = %s", (day,))
    kept = conn.execute(sql.SQL("SELECT count(*) FROM {} WHERE live").format(runs)).fetchone()
    if kept and kept[0]:
        conn.execute(sql.SQL("DELETE FROM {} WHERE NOT live").format(runs))
        _empty(conn, day, TABLES[1:])
        return False
    for table in TABLES:
        conn.execute(sql.SQL("DROP TABLE {}").format(partition(table, day)))
    return True


def _empty(conn: psycopg.Connection, day: dt.date, tables: Iterable[str]) -> None:
    for table in tables:
        conn.execute(sql.SQL("TRUNCATE {}").format(partition(table, day)))


def _uncount(conn: psycopg.Connection, runs: sql.Identifier) -> None:
    conn.execute(
        sql.SQL(
            "UPDATE history_groupcount c SET count = c.count - gone.n FROM"
            ' (SELECT controller, workflow, "group", parent IS NOT NULL AS child, count(*) AS n'
            " FROM {} WHERE NOT live GROUP BY 1, 2, 3, 4) AS gone"
            " WHERE c.controller = gone.controller AND c.workflow = gone.workflow"
            ' AND c."group" = gone."group" AND c.child = gone.child'
        ).format(runs)
    )
