"""Reading output files in chunks."""

import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.worker.hands import output
from agents.worker.hands.output import CHUNK_BYTES, LINE_BYTES, Chunk, Mark, OutputReader

MIB = 1 << 20


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., None]:
    (tmp_path / "out").mkdir()

    def append(data: bytes, kind: str = "out") -> None:
        with (tmp_path / "out" / f"a.{kind}").open("ab") as file:
            file.write(data)

    return append


def everything(reader: OutputReader) -> list[Chunk]:
    """Return all chunks of an ended attempt."""
    found: list[Chunk] = []
    while chunks := reader.poll("a", ended=True):
        found += chunks
    return found


def text(chunks: list[Chunk]) -> bytes:
    return b"".join(chunk.data for chunk in chunks)


def test_only_whole_lines_are_told_until_the_end(
    tmp_path: Path, write: Callable[..., None]
) -> None:
    reader = OutputReader(tmp_path)
    write(b"one\ntw")
    assert [chunk.data for chunk in reader.poll("a")] == [b"one\n"]
    assert reader.poll("a") == []
    write(b"o\nthree")
    assert [(c.data, c.first_line, c.offset) for c in reader.poll("a")] == [(b"two\n", 2, 4)]
    assert [(c.data, c.first_line) for c in everything(reader)] == [(b"three", 3)]


def test_both_streams_are_followed_apart(tmp_path: Path, write: Callable[..., None]) -> None:
    write(b"o\n")
    write(b"e\n", "err")
    chunks = OutputReader(tmp_path).poll("a")
    assert [(c.stream, c.data, c.first_line) for c in chunks] == [
        ("out", b"o\n", 1),
        ("err", b"e\n", 1),
    ]


def test_reading_goes_on_from_marks_after_a_restart(
    tmp_path: Path, write: Callable[..., None]
) -> None:
    write(b"one\ntwo\n")
    first = OutputReader(tmp_path).poll("a")[0]
    write(b"three\n")
    reader = OutputReader(tmp_path)
    reader.follow("a", out=first.next)
    assert [(c.data, c.first_line) for c in reader.poll("a")] == [(b"three\n", 3)]


def test_ten_megabytes_come_through_unchanged(tmp_path: Path, write: Callable[..., None]) -> None:
    data = b"".join(b"line %d\n" % number for number in range(800_000))[: 10 * MIB]
    write(data)
    chunks = everything(OutputReader(tmp_path))
    assert text(chunks) == data
    assert all(len(chunk.data) <= CHUNK_BYTES for chunk in chunks)
    assert all(chunk.data.endswith(b"\n") for chunk in chunks[:-1])


def test_an_overlong_line_is_told_in_parts_of_whole_characters(
    tmp_path: Path, write: Callable[..., None]
) -> None:
    write(b"x" + "\U0001f680".encode() * 100_000)
    reader = OutputReader(tmp_path)
    chunks = reader.poll("a")
    assert len(text(chunks)) > LINE_BYTES
    for chunk in chunks:
        assert chunk.data.decode()
        assert chunk.first_line == 1


def test_nothing_is_told_of_a_line_that_may_still_grow(
    tmp_path: Path, write: Callable[..., None]
) -> None:
    write(b"x" * (LINE_BYTES - 1))
    assert OutputReader(tmp_path).poll("a") == []


def test_beyond_the_cap_head_and_tail_are_kept_with_a_line_between(
    tmp_path: Path, write: Callable[..., None]
) -> None:
    data = b"".join(b"%07d\n" % number for number in range(100_000))
    write(data)
    reader = OutputReader(tmp_path, head_bytes=10_000, tail_bytes=1_000)
    running = reader.poll("a")
    assert text(running) == data[:10_000]
    chunks = running + everything(reader)
    marker = next(chunk for chunk in chunks if b"left out" in chunk.data)
    left_out = int(marker.data.split()[0].strip(b"["))
    assert data.startswith(text(running))
    tail = chunks[-1].data
    assert data.endswith(tail)
    assert len(text(running)) + left_out + len(tail) == len(data)
    assert chunks[-1].first_line == marker.first_line + 1
    for one, following in itertools.pairwise(chunks):
        assert one.end == following.offset


def test_output_within_head_and_tail_is_whole(tmp_path: Path, write: Callable[..., None]) -> None:
    data = b"%07d\n" * 1_300
    write(data)
    reader = OutputReader(tmp_path, head_bytes=10_000, tail_bytes=1_000)
    assert text(reader.poll("a") + everything(reader)) == data


def test_a_cut_line_ends_before_the_marker(tmp_path: Path, write: Callable[..., None]) -> None:
    write(b"x" * 100_000)
    chunks = everything(OutputReader(tmp_path, head_bytes=10_000, tail_bytes=1_000))
    assert text(chunks) == (
        b"x" * 10_000
        + b"\n[89000 bytes left out: output is longer than 11000 bytes]\n"
        + b"x" * 1_000
    )


def test_the_space_of_endless_output_is_given_back(
    tmp_path: Path, write: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = OutputReader(tmp_path, head_bytes=MIB, tail_bytes=MIB)
    for _ in range(4):
        write(os.urandom(8 * MIB))
        reader.poll("a")
    stat = (tmp_path / "out" / "a.out").stat()
    if stat.st_blocks * 512 >= stat.st_size:
        pytest.skip("this file system punches no holes")
    assert stat.st_size == 32 * MIB
    assert stat.st_blocks * 512 < 14 * MIB
    assert b"left out" in text(everything(reader))
    monkeypatch.setattr(output, "punch", lambda *_: False)  # elsewhere the file just grows
    write(os.urandom(16 * MIB))
    assert reader.poll("a") == []


def test_an_empty_output_is_discarded_with_its_return_values(
    tmp_path: Path, write: Callable[..., None]
) -> None:
    reader = OutputReader(tmp_path)
    write(b"")
    write(b"", "err")
    write(b"x=1\n", "ret")
    assert everything(reader) == []
    assert reader.return_values("a") == b"x=1\n"
    reader.discard("a")
    assert list((tmp_path / "out").iterdir()) == []
    assert reader.return_values("a") is None
    reader.discard("a")


def test_files_of_unknown_attempts_are_tidied_away(
    tmp_path: Path, write: Callable[..., None]
) -> None:
    write(b"x")
    reader = OutputReader(tmp_path)
    assert reader.tidy({"a"}) == 0
    assert reader.tidy({"b"}) == 1
    assert reader.poll("a", ended=True) == []


def test_a_mark_counts_lines() -> None:
    assert Chunk("a", "out", 10, b"x\ny\n", 3, 14).next == Mark(14, 5)
