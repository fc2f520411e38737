"""Purging the journal: what every registered follower has, and what is older than its limit.

A follower that lies behind the limit is torn: it is told so when it reads on (`JournalTorn`) and
begins anew from state rows. The newest turn always stays, so that this cannot go unseen.
"""

import msgspec
import psycopg

from controller.follower import Transaction
from controller.journal import decode

BATCHES_AT_ONCE = 500


class Keep(msgspec.Struct, frozen=True):
    """How long entries stay: `least_s` even where everybody has them, `most_s` at most."""

    least_s: int = 24 * 3600
    most_s: int = 14 * 24 * 3600


def purge(
    conn: psycopg.Connection,
    controller: str,
    keep: Keep,
    *,
    now_us: int,
    transaction: Transaction,
) -> int:
    """Delete what nobody needs any more, and return how many turns that were.

    Works in many small transactions, each opened by `transaction`.
    """
    purged = 0
    while True:
        with transaction(conn):
            gone = _purge_some(conn, controller, keep, now_us)
        purged += gone
        if gone < BATCHES_AT_ONCE:
            return purged


def smallest_position(conn: psycopg.Connection, controller: str) -> int:
    """Return the number up to which every registered follower has come; 0 where none is."""
    found = conn.execute(
        "SELECT coalesce(min(no), 0) FROM controller_feedposition WHERE controller = %s",
        (controller,),
    ).fetchone()
    return int(found[0]) if found else 0


def torn_followers(conn: psycopg.Connection, controller: str) -> list[str]:
    """Return the followers that still need entries which are purged."""
    found = conn.execute(
        "SELECT follower FROM controller_feedposition"
        " WHERE controller = %(controller)s AND no + 1 <"
        " (SELECT min(first_no) FROM controller_journalbatch WHERE controller = %(controller)s)"
        " ORDER BY follower",
        {"controller": controller},
    )
    return [name for (name,) in found]


def _purge_some(conn: psycopg.Connection, controller: str, keep: Keep, now_us: int) -> int:
    gone = conn.execute(
        _PURGE,
        {
            "controller": controller,
            "position": smallest_position(conn, controller),
            "least_us": now_us - keep.least_s * 1_000_000,
            "most_us": now_us - keep.most_s * 1_000_000,
            "limit": BATCHES_AT_ONCE,
        },
    ).fetchall()
    pairs = {(entry.order, first_no) for first_no, body in gone for entry in decode(body)}
    if pairs:
        conn.execute(
            "DELETE FROM controller_journalindex i USING unnest(%s::text[], %s::bigint[])"
            " AS g (order_id, first_no) WHERE i.controller = %s"
            " AND i.order_id = g.order_id AND i.first_no = g.first_no",
            ([order for order, _ in pairs], [no for _, no in pairs], controller),
        )
    return len(gone)


# By the order of numbers, so that what stays has no holes: it stops at the first turn to keep.
_PURGE = """
    WITH oldest AS (
        SELECT first_no, last_no, at_us FROM controller_journalbatch
         WHERE controller = %(controller)s ORDER BY first_no LIMIT %(limit)s),
    keeping AS (
        SELECT min(first_no) AS first_no FROM oldest
         WHERE NOT (at_us < %(most_us)s OR (at_us < %(least_us)s AND last_no <= %(position)s))
            OR last_no = (SELECT max(last_no) FROM controller_journalbatch
                           WHERE controller = %(controller)s))
    DELETE FROM controller_journalbatch b USING oldest, keeping
     WHERE b.controller = %(controller)s AND b.first_no = oldest.first_no
       AND (keeping.first_no IS NULL OR b.first_no < keeping.first_no)
 RETURNING b.first_no, b.body"""
