"""Following what jobs write to their output files, in chunks of whole lines.

Data is bytes; nothing is decoded or dropped silently. Of more than the cap the beginning and the
end are kept, with a line between them that says how much is left out, and the disk space of what
is left out is given back while the job still runs. One stat a stream and poll where nothing is new.
Secrets of an attempt are replaced here; then places are counted in bytes told, not in the file's.
"""

# Without pathlib: called for every job.
# ruff: noqa: PTH116, PTH123

import os
import stat
from collections.abc import Collection
from pathlib import Path
from typing import Literal

from msgspec import Struct

from agents.worker.hands import left_files
from agents.worker.hands.hole import punch
from agents.worker.masking import Masker

Stream = Literal["out", "err"]

STREAMS: tuple[Stream, Stream] = ("out", "err")
KINDS = (*STREAMS, "ret", "args")
CHUNK_BYTES = 256 * 1024
LINE_BYTES = 64 * 1024  # an unfinished line longer than this is told in parts
HEAD_BYTES = 10 << 20
TAIL_BYTES = 1 << 20
POLL_CHUNKS = 8
_PUNCH_BYTES = 8 << 20
_LONGEST_CHARACTER = 4


class Mark(Struct, frozen=True):
    """How far a stream has been read: offset in the file and number of the line there."""

    offset: int = 0
    line: int = 1


class Chunk(Struct, frozen=True):
    """A piece of a stream; ``data`` ends with a line unless that line is overlong or the last.

    ``end`` is the offset to go on from: beyond ``offset + len(data)`` where bytes were left out.
    A chunk after one that does not end with a newline goes on in the same line.
    """

    attempt: str
    stream: Stream
    offset: int
    data: bytes
    first_line: int
    end: int

    @property
    def next(self) -> Mark:
        """The mark after this chunk."""
        return Mark(self.end, self.first_line + self.data.count(b"\n"))


class OutputReader:
    """Marks of all attempts being followed; no file stays open."""

    def __init__(
        self, folder: Path, *, head_bytes: int = HEAD_BYTES, tail_bytes: int = TAIL_BYTES
    ) -> None:
        self.folder = str(folder.absolute() / "out")
        self.head_bytes = head_bytes
        self.tail_bytes = tail_bytes
        self._marks: dict[tuple[str, Stream], Mark] = {}
        self._maskers: dict[str, Masker] = {}
        self._told: dict[tuple[str, Stream], int] = {}
        self._punched: dict[str, int] = {}

    def path(self, attempt: str, kind: str) -> str:
        """Returns the path of a file of an attempt: ``out``, ``err``, ``ret`` or ``args``."""
        return f"{self.folder}/{attempt}.{kind}"

    def follow(self, attempt: str, *, out: Mark | None = None, err: Mark | None = None) -> None:
        """Goes on from marks, or begins anew; with secrets to hide only from the beginning."""
        self._marks[attempt, "out"] = out or Mark()
        self._marks[attempt, "err"] = err or Mark()
        if attempt in self._maskers:
            self._told[attempt, "out"] = self._told[attempt, "err"] = 0

    def hide(self, attempt: str, masker: Masker) -> None:
        """Hides the secrets of an attempt from now on; to be said before it is followed."""
        self._maskers[attempt] = masker

    def masker(self, attempt: str) -> Masker | None:
        """Returns what hides the secrets of an attempt, none if it has none."""
        return self._maskers.get(attempt)

    def poll(self, attempt: str, *, ended: bool = False) -> list[Chunk]:
        """Returns what is new, at most ``POLL_CHUNKS`` chunks a stream.

        With ``ended``, for an attempt whose process is gone, also an unfinished last line and the
        end of a capped stream; nothing is left when it returns an empty list.
        """
        chunks: list[Chunk] = []
        for stream in STREAMS:
            mark = self._marks.get((attempt, stream)) or Mark()
            path = self.path(attempt, stream)
            try:
                found = os.stat(path)
            except OSError:
                continue
            if found.st_size > mark.offset and stat.S_ISREG(found.st_mode):
                chunks += self._read(attempt, stream, mark, size=found.st_size, ended=ended)
        return chunks

    def return_values(self, attempt: str) -> left_files.Written:
        """Returns what the job wrote to its file of return values, none if there is no file."""
        return left_files.return_values(self.path(attempt, "ret"))

    def discard(self, attempt: str) -> None:
        """Deletes the files of an attempt and forgets it."""
        for kind in (*STREAMS, "ret"):
            path = self.path(attempt, kind)
            left_files.remove(path)
            self._punched.pop(path, None)
        self._maskers.pop(attempt, None)
        for stream in STREAMS:
            self._marks.pop((attempt, stream), None)
            self._told.pop((attempt, stream), None)

    def tidy(self, known: Collection[str]) -> int:
        """Returns the number of files deleted because nobody knows their attempt."""
        strangers = [
            file
            for file in Path(self.folder).iterdir()
            if file.suffix[1:] in KINDS and file.stem not in known
        ]
        for file in strangers:
            left_files.remove(str(file))
        return len(strangers)

    def _read(
        self, attempt: str, stream: Stream, mark: Mark, *, size: int, ended: bool
    ) -> list[Chunk]:
        chunks: list[Chunk] = []
        masker = self._maskers.get(attempt)
        try:
            fd = os.open(self.path(attempt, stream), os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return []  # the job has deleted or locked its own output
        with open(fd, "r+b", buffering=0):
            while mark.offset < size and len(chunks) < POLL_CHUNKS:
                piece = self._next(fd, mark, size, ended=ended, masker=masker)
                if piece is None:
                    break
                chunk = Chunk(attempt, stream, piece[0], piece[1], mark.line, piece[2])
                if masker is not None:
                    chunk = self._without_secrets(fd, chunk, masker)
                if chunk.data:
                    chunks.append(chunk)
                mark = Mark(piece[2], chunk.next.line)
            if not ended:
                self._give_back(fd, self.path(attempt, stream), size)
        self._marks[attempt, stream] = mark
        return chunks

    def _next(
        self, fd: int, mark: Mark, size: int, *, ended: bool, masker: Masker | None
    ) -> tuple[int, bytes, int] | None:
        """Returns the next piece with its offset and the one behind it; none for the moment."""
        head_left = self.head_bytes - mark.offset
        if head_left >= _LONGEST_CHARACTER or (self._fits(size) and ended):
            limit = CHUNK_BYTES if self._fits(size) and ended else min(CHUNK_BYTES, head_left)
            data = os.pread(fd, limit, mark.offset)
            last, full = ended and mark.offset + len(data) == size, len(data) == head_left
            if masker is not None and not ended:
                behind = os.pread(fd, masker.reach, mark.offset + len(data))
                data = data[: masker.settled(data + behind)]
            data = _cut(data, full=full, last=last)
            return (mark.offset, data, mark.offset + len(data)) if data else None
        if not ended:
            return None  # what comes now may be left out; only the end tells
        if size - mark.offset > self.tail_bytes:
            return self._leave_out(fd, mark, size)
        data = os.pread(fd, CHUNK_BYTES, mark.offset)
        data = _cut(data, full=False, last=mark.offset + len(data) == size)
        return (mark.offset, data, mark.offset + len(data)) if data else None

    def _without_secrets(self, fd: int, chunk: Chunk, masker: Masker) -> Chunk:
        """Returns the chunk as it is told, at its place among what is told."""
        at = self._told[chunk.attempt, chunk.stream]
        raw_end = chunk.offset + len(chunk.data)
        if chunk.end == raw_end:
            low = max(0, chunk.offset - masker.reach)
            before = os.pread(fd, chunk.offset - low, low)
            behind = os.pread(fd, masker.reach, raw_end)
            data = masker.told(before, chunk.data, behind)
            end = at + len(data)
        else:  # the line that stands for bytes left out
            data, end = chunk.data, at + chunk.end - chunk.offset
        self._told[chunk.attempt, chunk.stream] = end
        return Chunk(chunk.attempt, chunk.stream, at, data, chunk.first_line, end)

    def _fits(self, size: int) -> bool:
        return size <= self.head_bytes + self.tail_bytes

    def _leave_out(self, fd: int, mark: Mark, size: int) -> tuple[int, bytes, int]:
        """Returns the line that stands for the bytes between beginning and end."""
        end = size - self.tail_bytes
        newline = os.pread(fd, LINE_BYTES, end).find(b"\n") + 1
        end += newline or len(_continued(os.pread(fd, _LONGEST_CHARACTER, end)))
        inside = mark.offset > 0 and os.pread(fd, 1, mark.offset - 1) != b"\n"
        text = b"[%d bytes left out: output is longer than %d bytes]\n"
        line = text % (end - mark.offset, self.head_bytes + self.tail_bytes)
        return mark.offset, (b"\n" if inside else b"") + line, end

    def _give_back(self, fd: int, path: str, size: int) -> None:
        """Frees the blocks between beginning and end while the job goes on writing."""
        done = self._punched.get(path, self.head_bytes)
        until = size - 2 * self.tail_bytes
        if until - done >= _PUNCH_BYTES and punch(fd, done, until - done):
            self._punched[path] = until


def _cut(data: bytes, *, full: bool, last: bool) -> bytes:
    """Returns what of the data is told now: whole lines, or a part of an overlong one."""
    if last:
        return data
    lines = data.rfind(b"\n") + 1
    if lines:
        return data[:lines]
    return _whole(data) if full or len(data) >= LINE_BYTES else b""


def _whole(data: bytes) -> bytes:
    """Returns the data without the beginning of a UTF-8 sequence at its end."""
    for back in range(1, min(_LONGEST_CHARACTER, len(data))):
        byte = data[-back]
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return data[:-back] if needed > back else data
        if byte < 0x80:
            return data
    return data


def _continued(data: bytes) -> bytes:
    """Returns the bytes at the start that go on with an earlier UTF-8 sequence."""
    count = 0
    while count < len(data) and 0x80 <= data[count] < 0xC0:
        count += 1
    return data[:count]
