"""Numbered lines out of pieces of two streams. Pure.

Lines of both streams are numbered together in the order in which they were stored, so that a number
always means the same line. A line goes on in the next piece only if that is of the same stream and
nothing of the other came between; very long lines are cut, each part with its own number.
"""

from collections.abc import Iterable, Iterator

import msgspec

LINE_LIMIT = 8_192
"""Bytes of a line, without its end; what is longer is cut."""


class Open(msgspec.Struct, frozen=True):
    """The last line so far, where it lacks its end: its stream and how many bytes it has."""

    stream: str = ""
    bytes: int = 0


class Piece(msgspec.Struct, frozen=True):
    """A stored piece of output. `joined_bytes` of its first line stand before it."""

    stream: str
    first_no: int
    joined_bytes: int
    at_us: int
    data: bytes


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One line without its end. `at_us` is when its first byte was shipped."""

    no: int
    stream: str
    at_us: int
    text: bytes


def joined_bytes(last: Open, stream: str) -> int:
    """Return how many bytes the first line of the next piece of a stream has already."""
    return last.bytes if last.stream == stream else 0


def split(data: bytes, joined: int = 0) -> tuple[list[bytes], bool]:
    """Return the lines of a piece without their ends, and whether the last one lacks its end."""
    lines = data.split(b"\n")
    is_open = lines[-1] != b""
    if not is_open:
        lines.pop()
    if joined + len(lines[0]) > LINE_LIMIT or max(map(len, lines)) > LINE_LIMIT:
        return _cut(lines, joined), is_open
    return lines, is_open


def after(data: bytes, stream: str, joined: int) -> tuple[int, Open]:
    """Return how many lines a piece has, and the open line it leaves."""
    lines, is_open = split(data, joined)
    if not is_open:
        return len(lines), Open()
    size = len(lines[-1]) + (joined if len(lines) == 1 else 0)
    return len(lines), Open(stream, size)


def lines_of(pieces: Iterable[Piece]) -> Iterator[Line]:
    """Yield the lines of consecutive pieces in order; the first one may be the rest of a line."""
    last: Line | None = None
    for piece in pieces:
        texts, _ = split(piece.data, piece.joined_bytes)
        no = piece.first_no
        for text in texts:
            if last is not None and last.no == no:
                last = Line(no, last.stream, last.at_us, last.text + text)
            else:
                if last is not None:
                    yield last
                last = Line(no, piece.stream, piece.at_us, text)
            no += 1
    if last is not None:
        yield last


def _cut(lines: list[bytes], joined: int) -> list[bytes]:
    found: list[bytes] = []
    room = LINE_LIMIT - joined
    for line in lines:
        found.append(line[:room])
        found += [line[at : at + LINE_LIMIT] for at in range(room, len(line), LINE_LIMIT)]
        room = LINE_LIMIT
    return found
