"""Reading what jobs wrote: pages by line number, the tail, search, and the raw bytes.

Chunks are read a few at a time, so that a log of any length costs little memory. Callers have
checked permission on the job run before they name its attempt.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator

import msgspec
import zstandard
from django.conf import settings
from django.db import DataError, OperationalError, connection, transaction
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from agents.readable import readable
from history.log_lines import Line, Piece, lines_of
from history.logs import CHUNK_BYTES
from history.models import Log, LogChunk

CHUNKS_AT_ONCE = 8
FOUND_LIMIT = 1_000
SEARCH_S = 10
LINES_AT_ONCE = 5_000

_UNIX = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class PatternRefused(Exception):
    """A search pattern that the database does not understand, or that takes too long."""


class Size(msgspec.Struct, frozen=True):
    """How much of a log is there: lines over both streams, bytes a stream."""

    lines: int = 0
    out_bytes: int = 0
    err_bytes: int = 0


class Found(msgspec.Struct, frozen=True):
    """The result of a search: how many lines match, and the numbers of the first ones."""

    count: int
    lines: list[int]


def size(attempt: str) -> Size:
    """Return how much is stored of an attempt's log; zeros where nothing is."""
    log = _log(attempt)
    return Size(log.lines, log.out_bytes, log.err_bytes) if log else Size()


def page(attempt: str, from_line: int, lines: int) -> list[Line]:
    """Return up to `lines` lines from number `from_line` on; fewer at the end, none behind it."""
    log = _log(attempt)
    found: list[Line] = []
    if log is None or lines < 1:
        return found
    for line in lines_of(_pieces(log, from_line)):
        if line.no >= from_line + lines:
            break
        if line.no >= from_line:
            found.append(line)
    return found


def tail(attempt: str, lines: int) -> list[Line]:
    """Return the last lines."""
    log = _log(attempt)
    return page(attempt, max(1, log.lines - lines + 1), lines) if log else []


def search(attempt: str, text: str, *, is_regex: bool = False, ignore_case: bool = False) -> Found:
    """Return the lines that contain a text, or match a regular expression of PostgreSQL.

    Raises:
        PatternRefused: the expression cannot be read, or the search takes too long.
    """
    log = _log(attempt)
    if log is None or not text:
        return Found(0, [])
    lines = lines_of(_pieces(log, 1))
    numbers = (
        _matching(lines, text, ignore_case=ignore_case)
        if is_regex
        else _containing(lines, text, ignore_case=ignore_case)
    )
    count, first = 0, []
    for no in numbers:
        count += 1
        if count <= FOUND_LIMIT:
            first.append(no)
    return Found(count, first)


def raw(attempt: str, stream: str) -> Iterator[bytes]:
    """Yield the bytes of one stream (`out`, `err`) exactly as they were written."""
    log = _log(attempt)
    if log:
        yield from (piece.data for piece in _pieces(log, 0) if piece.stream == stream)


def text_of(line: Line) -> str:
    """Return a line for people: bytes that are no UTF-8 are read as Windows-1252."""
    return readable(line.text)


def _log(attempt: str) -> Log | None:
    return Log.objects.filter(controller=settings.STELLWERK_CONTROLLER_ID, attempt=attempt).first()


def _pieces(log: Log, from_line: int) -> Iterator[Piece]:
    chunks = LogChunk.objects.filter(controller=log.controller, attempt=log.attempt, day=log.day)
    chunks = chunks.order_by("last_no", "n")
    last: tuple[int, int] = (from_line, 0)
    while True:
        # A row comparison walks the primary key; an OR of two comparisons would not.
        after = RawSQL("(last_no, n) > (%s, %s)", last, BooleanField())  # numbers of our own
        found = list(
            chunks.filter(after).values_list(
                "last_no", "n", "stream", "first_no", "joined_bytes", "at", "body"
            )[:CHUNKS_AT_ONCE]
        )
        for last_no, n, stream, first_no, joined, at, body in found:
            last = (last_no, n)
            data = zstandard.decompress(bytes(body), max_output_size=CHUNK_BYTES)
            at_us = (at - _UNIX) // dt.timedelta(microseconds=1)
            yield Piece(stream, first_no, joined, at_us, data)
        if len(found) < CHUNKS_AT_ONCE:
            return


def _containing(lines: Iterable[Line], text: str, *, ignore_case: bool) -> Iterator[int]:
    if ignore_case:
        pattern = re.compile(re.escape(text), re.IGNORECASE)
        return (line.no for line in lines if pattern.search(text_of(line)))
    if not text.isascii():
        return (line.no for line in lines if text in text_of(line))
    needle = text.encode()
    return (line.no for line in lines if needle in line.text)


def _matching(lines: Iterable[Line], pattern: str, *, ignore_case: bool) -> Iterator[int]:
    """Yield numbers of matching lines.

    The database matches, because its expressions do not explode and a statement can be ended;
    Python's can hold up a whole process.
    """
    batch: list[Line] = []
    for line in lines:
        batch.append(line)
        if len(batch) == LINES_AT_ONCE:
            yield from _matched(batch, pattern, ignore_case=ignore_case)
            batch = []
    yield from _matched(batch, pattern, ignore_case=ignore_case)


def _matched(batch: list[Line], pattern: str, *, ignore_case: bool) -> list[int]:
    operator = "~*" if ignore_case else "~"
    texts = [text_of(line).replace("\0", "\u2400") for line in batch]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{SEARCH_S}s'")
        try:
            with transaction.atomic():
                cursor.execute(
                    "SELECT at FROM unnest(%s::text[]) WITH ORDINALITY AS l (line, at)"  # noqa: S608
                    f" WHERE line {operator} %s",
                    [texts, pattern],
                )
                return [batch[at - 1].no for (at,) in cursor.fetchall()]
        except DataError as problem:
            raise PatternRefused(f"The expression cannot be read: {problem}") from None
        except OperationalError:
            raise PatternRefused("The search took too long.") from None
