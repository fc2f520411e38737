"""What jobs wrote, stored as it comes: each byte once and in order, whatever the carrier does.

Knows neither the carrier nor agents; `history.receive` brings the chunks and carries the answers.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
import psycopg
import zstandard

from agents.protocol import LogChunk
from history import partitions
from history.log_lines import Open, after, joined_bytes
from history.write import moment

CHUNK_BYTES = 256 * 1024
"""Stored chunks are at most this long, so that any page of a log is near."""

_ATTEMPTS_A_NOTE = 100


class LogMoved(Exception):
    """Another instance stored output of the same attempt at the same time; nothing was written."""


class Stored(msgspec.Struct, frozen=True):
    """Up to where a stream of an attempt is stored: what its agent is to be told."""

    agent: str
    attempt: str
    stream: str
    offset: int


class Head(msgspec.Struct):
    """How much of an attempt's output is stored, see `history.models.Log`."""

    attempt: str
    day: dt.date
    agent: str
    chunks: int = 0
    lines: int = 0
    out_bytes: int = 0
    err_bytes: int = 0
    open_stream: str = ""
    open_bytes: int = 0

    def end_of(self, stream: str) -> int:
        """Return the length of a stream so far."""
        return self.out_bytes if stream == "out" else self.err_bytes

    def advance(self, stream: str, end: int) -> None:
        """Move the end of a stream."""
        if stream == "out":
            self.out_bytes = end
        else:
            self.err_bytes = end


def log_channel(controller: str) -> str:
    """Return the channel on which attempts whose log has grown are announced."""
    return f"stellwerk_logs_{controller}"


def store(
    conn: psycopg.Connection, controller: str, chunks: Sequence[LogChunk], today: dt.date
) -> list[Stored]:
    """Store what is new of the chunks in the open transaction, and return how far each stream is.

    Doubled and overlapping chunks are cut; one behind a gap is left out, and the answer tells the
    agent to send from the gap. Of one attempt, chunks are stored in the order given.

    Raises:
        LogMoved: another instance did it.
    """
    by_attempt: dict[str, list[LogChunk]] = defaultdict(list)
    for chunk in chunks:
        by_attempt[chunk.attempt].append(chunk)
    heads = _heads(conn, controller, by_attempt.keys())
    rows: list[tuple[object, ...]] = []
    changed: list[tuple[Head, int]] = []
    for attempt, given in by_attempt.items():
        head = heads.setdefault(attempt, Head(attempt, today, given[0].agent))
        before = head.chunks
        rows += _append(controller, head, given)
        if head.chunks != before:
            changed.append((head, before))
    _write(conn, controller, rows, changed)
    return [
        Stored(heads[a].agent, a, stream, heads[a].end_of(stream))
        for a, stream in dict.fromkeys((c.attempt, c.stream) for c in chunks)
    ]


def _append(controller: str, head: Head, chunks: Sequence[LogChunk]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for stream, at_us, data in _joined(_fitting(head, chunks)):
        parts = [data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)]
        rows += [_row(controller, head, stream, at_us, part) for part in parts]
    return rows


def _fitting(head: Head, chunks: Sequence[LogChunk]) -> Iterable[tuple[str, int, bytes]]:
    """Yield what is new and follows without a gap, also where chunks came out of order."""
    waiting = list(chunks)
    progress = True
    while waiting and progress:
        progress = False
        late: list[LogChunk] = []
        for chunk in waiting:
            end = head.end_of(chunk.stream)
            if chunk.offset > end:
                late.append(chunk)
                continue
            if chunk.end > end:
                head.advance(chunk.stream, chunk.end)
                progress = True
                if data := chunk.data[end - chunk.offset :]:
                    yield chunk.stream, chunk.at_us, data
        waiting = late


def _joined(pieces: Iterable[tuple[str, int, bytes]]) -> Iterable[tuple[str, int, bytes]]:
    """Yield pieces of one stream that follow each other as one, up to the size of a chunk."""
    last: tuple[str, int, bytes] | None = None
    for stream, at_us, data in pieces:
        if last and last[0] == stream and len(last[2]) + len(data) <= CHUNK_BYTES:
            last = (stream, last[1], last[2] + data)
            continue
        if last:
            yield last
        last = (stream, at_us, data)
    if last:
        yield last


def _row(controller: str, head: Head, stream: str, at_us: int, data: bytes) -> tuple[object, ...]:
    joined = joined_bytes(Open(head.open_stream, head.open_bytes), stream)
    lines, left_open = after(data, stream, joined)
    first_no = head.lines if joined else head.lines + 1
    head.lines = first_no + lines - 1
    head.chunks += 1
    head.open_stream, head.open_bytes = left_open.stream, left_open.bytes
    return (
        head.day,
        controller,
        head.attempt,
        head.chunks,
        stream,
        len(data),
        first_no,
        head.lines,
        joined,
        moment(at_us),
        zstandard.compress(data, 3),
    )


def _heads(conn: psycopg.Connection, controller: str, attempts: Iterable[str]) -> dict[str, Head]:
    found = conn.execute(
        "SELECT attempt, day, agent, chunks, lines, out_bytes, err_bytes, open_stream, open_bytes"
        " FROM history_log WHERE controller = %s AND attempt = ANY (%s)",
        (controller, list(attempts)),
    )
    return {row[0]: Head(*row) for row in found}


def _write(
    conn: psycopg.Connection,
    controller: str,
    rows: Sequence[tuple[object, ...]],
    changed: Sequence[tuple[Head, int]],
) -> None:
    if not rows:
        return
    _write_heads(conn, controller, changed)
    partitions.ensure(conn, {head.day for head, _ in changed})
    with conn.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)
    attempts = [head.attempt for head, _ in changed]
    for begin in range(0, len(attempts), _ATTEMPTS_A_NOTE):
        note = ",".join(attempts[begin : begin + _ATTEMPTS_A_NOTE])
        conn.execute("SELECT pg_notify(%s, %s)", (log_channel(controller), note))


def _write_heads(
    conn: psycopg.Connection, controller: str, changed: Sequence[tuple[Head, int]]
) -> None:
    written = conn.execute(
        _WRITE_HEADS,
        (
            [h.attempt for h, _ in changed],
            [h.day for h, _ in changed],
            [h.agent for h, _ in changed],
            [h.chunks for h, _ in changed],
            [h.lines for h, _ in changed],
            [h.out_bytes for h, _ in changed],
            [h.err_bytes for h, _ in changed],
            [h.open_stream for h, _ in changed],
            [h.open_bytes for h, _ in changed],
            [before for _, before in changed],
            controller,
        ),
    )
    if written.rowcount != len(changed):
        raise LogMoved("another instance stored output of the same attempts")


_COPY = (
    "COPY history_logchunk (day, controller, attempt, n, stream, length, first_no, last_no,"
    " joined_bytes, at, body) FROM STDIN"
)
# The number of chunks is the guard: whoever read it first writes, everybody else finds no row.
_WRITE_HEADS = """
    WITH given AS (
        SELECT * FROM unnest(%s::text[], %s::date[], %s::text[], %s::int[], %s::bigint[],
                             %s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::int[])
          AS u (attempt, day, agent, chunks, lines, out_bytes, err_bytes, open_stream, open_bytes,
                before))
    MERGE INTO history_log l USING (SELECT %s AS controller, given.* FROM given) g
       ON l.controller = g.controller AND l.attempt = g.attempt
     WHEN MATCHED AND l.chunks = g.before THEN UPDATE SET
          chunks = g.chunks, lines = g.lines, out_bytes = g.out_bytes, err_bytes = g.err_bytes,
          open_stream = g.open_stream, open_bytes = g.open_bytes
     WHEN NOT MATCHED THEN INSERT
          (controller, attempt, day, agent, chunks, lines, out_bytes, err_bytes, open_stream,
           open_bytes)
          VALUES (g.controller, g.attempt, g.day, g.agent, g.chunks, g.lines, g.out_bytes,
                  g.err_bytes, g.open_stream, g.open_bytes)"""
