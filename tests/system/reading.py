"""What the journals of controller and agents hold, read from outside."""

import sqlite3
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import msgspec
import psycopg

from agents.protocol import Happened, Up
from controller.journal import Entry, decode
from engine.order import events as e

_decode_up = msgspec.msgpack.Decoder(Up).decode

# Deleted events go into a table of the test's own: a journal forgets what the controller has.
_KEEP = """
CREATE TABLE IF NOT EXISTS kept (n INTEGER, body BLOB);
CREATE TRIGGER IF NOT EXISTS keep AFTER DELETE ON event
  BEGIN INSERT INTO kept VALUES (OLD.n, OLD.body); END;
"""


class Batch(NamedTuple):
    """A row of the controller's journal."""

    first_no: int
    last_no: int
    term: int
    entries: list[Entry]


def batches(conn: psycopg.Connection) -> list[Batch]:
    """Return the controller's journal, oldest first."""
    rows = conn.execute(
        "SELECT first_no, last_no, term, body FROM controller_journalbatch ORDER BY first_no"
    )
    return [Batch(first, last, term, decode(bytes(body))) for first, last, term, body in rows]


def entries(conn: psycopg.Connection) -> list[Entry]:
    """Return all entries of the controller's journal."""
    return [entry for batch in batches(conn) for entry in batch.entries]


def gaps(found: list[Batch]) -> list[str]:
    """Return what is wrong with numbers and terms; a sound journal has nothing."""
    problems, next_no, term = [], found[0].first_no if found else 1, 0
    for batch in found:
        numbers = [entry.no for entry in batch.entries]
        if numbers != list(range(next_no, next_no + len(numbers))) or numbers[-1] != batch.last_no:
            problems.append(f"numbers {numbers[0]}..{numbers[-1]} where {next_no} was next")
        if batch.term < term:
            problems.append(f"term {batch.term} behind term {term} at {batch.first_no}")
        next_no, term = batch.last_no + 1, max(term, batch.term)
    return problems


def keep_events(journal: Path) -> None:
    """Let an agent's journal keep what it deletes, for the test to read."""
    with sqlite3.connect(journal, timeout=10) as db:
        db.executescript(_KEEP)
    db.close()


def agent_events(journal: Path) -> list[Happened]:
    """Return everything that an agent has ever reported of orders."""
    db = sqlite3.connect(f"file:{journal}?mode=ro", uri=True, timeout=10)
    try:
        rows = db.execute("SELECT n, body FROM event UNION ALL SELECT n, body FROM kept ORDER BY n")
        found = [_decode_up(body) for _, body in rows.fetchall()]
    finally:
        db.close()
    return [item for item in found if isinstance(item, Happened)]


def processed(found: list[Entry] | list[Happened]) -> Counter[str]:
    """Count the ends of job runs by attempt."""
    events = [(item.event) for item in found]
    return Counter(event.attempt for event in events if isinstance(event, e.OrderProcessed))


def agent_numbers(journal: Path) -> list[int]:
    """Return the numbers of all events that an agent's journal has ever had."""
    db = sqlite3.connect(f"file:{journal}?mode=ro", uri=True, timeout=10)
    try:
        rows = db.execute("SELECT n FROM event UNION ALL SELECT n FROM kept ORDER BY n").fetchall()
    finally:
        db.close()
    return [int(n) for (n,) in rows]
