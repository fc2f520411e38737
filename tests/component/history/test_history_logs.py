"""What jobs wrote: stored once, read anywhere."""

import datetime as dt
import random
from functools import partial
from itertools import pairwise

import psycopg
import pytest

from agents.protocol import LogChunk
from history import log_read, logs
from history.log_read import Found, PatternRefused
from history.logs import CHUNK_BYTES, LogMoved, Stored, store
from history.models import LogChunk as StoredChunk
from tests.pace import quickest_s

C = "c"
TODAY = dt.date(2026, 11, 22)

pytestmark = pytest.mark.usefixtures("controller")


def chunk(
    data: bytes,
    offset: int = 0,
    *,
    stream: str = "out",
    attempt: str = "r:1",
    end: int | None = None,
) -> LogChunk:
    end = offset + len(data) if end is None else end
    return LogChunk("agent-1", attempt, stream, offset, 1, 0, 1_000_000, data, False, end)


def stored(conn: psycopg.Connection, *chunks: LogChunk) -> dict[tuple[str, str], int]:
    with conn.transaction():
        answers = store(conn, C, chunks, TODAY)
    return {(a.attempt, a.stream): a.offset for a in answers}


def written(attempt: str = "r:1", stream: str = "out") -> bytes:
    return b"".join(log_read.raw(attempt, stream))


def texts(attempt: str = "r:1") -> list[str]:
    return [log_read.text_of(line) for line in log_read.page(attempt, 1, 1000)]


def test_chunks_are_stored_and_acknowledged(conn: psycopg.Connection) -> None:
    assert stored(conn, chunk(b"one\ntwo\n"), chunk(b"oops\n", stream="err")) == {
        ("r:1", "out"): 8,
        ("r:1", "err"): 5,
    }
    assert stored(conn, chunk(b"three\n", 8)) == {("r:1", "out"): 14}
    assert texts() == ["one", "two", "oops", "three"]
    assert (written(), written(stream="err")) == (b"one\ntwo\nthree\n", b"oops\n")
    size = log_read.size("r:1")
    assert (size.lines, size.out_bytes, size.err_bytes) == (4, 14, 5)


def test_doubled_and_overlapping_chunks_add_nothing(conn: psycopg.Connection) -> None:
    one = chunk(b"one\n")
    assert stored(conn, one, one) == {("r:1", "out"): 4}
    assert stored(conn, one) == {("r:1", "out"): 4}
    assert stored(conn, chunk(b"e\ntwo\n", 2)) == {("r:1", "out"): 8}
    assert written() == b"one\ntwo\n"


def test_a_chunk_behind_a_gap_waits_until_the_gap_is_sent(conn: psycopg.Connection) -> None:
    assert stored(conn, chunk(b"c\n", 4)) == {("r:1", "out"): 0}
    assert stored(conn, chunk(b"a\n")) == {("r:1", "out"): 2}
    assert stored(conn, chunk(b"c\n", 4), chunk(b"b\n", 2)) == {("r:1", "out"): 6}
    assert written() == b"a\nb\nc\n"


def test_bytes_left_out_by_the_agent_leave_no_gap(conn: psycopg.Connection) -> None:
    assert stored(conn, chunk(b"[left out]\n", 0, end=5000)) == {("r:1", "out"): 5000}
    assert stored(conn, chunk(b"end\n", 5000)) == {("r:1", "out"): 5004}
    assert written() == b"[left out]\nend\n"


def test_any_delivery_gives_the_same_bytes(conn: psycopg.Connection) -> None:
    chance = random.Random(7)  # noqa: S311  # a fixed order of delivery
    whole = bytes(chance.randrange(256) for _ in range(4000))
    cuts = sorted({0, 4000, *(chance.randrange(4000) for _ in range(40))})
    parts = [chunk(whole[a:b], a) for a, b in pairwise(cuts)]
    while stored(conn, *chance.sample(parts, 5)).get(("r:1", "out")) != 4000:
        pass
    assert written() == whole
    assert b"".join(line.text for line in log_read.page("r:1", 1, 9999)) == whole.replace(
        b"\n", b""
    )


def test_nul_and_broken_utf8_survive_and_are_shown(conn: psycopg.Connection) -> None:
    stored(conn, chunk(b"a\0b\x81\x1b[31mred\n"))
    assert written() == b"a\0b\x81\x1b[31mred\n"
    assert texts() == ["a\0b\ufffd\x1b[31mred"]


def test_text_of_an_older_code_page_is_kept_shown_and_found(conn: psycopg.Connection) -> None:
    stored(conn, chunk("größe\ncafé\n".encode("cp1252")))
    assert written() == "größe\ncafé\n".encode("cp1252")
    assert texts() == ["größe", "café"]
    assert log_read.search("r:1", "café").lines == [2]
    assert log_read.search("r:1", "GRÖSSE".replace("SS", "ß"), ignore_case=True).lines == [1]


def overtaken(dsn: str, conn: psycopg.Connection) -> None:
    """Store `two` by an instance that was overtaken after it had read how far the log is."""
    stored(conn, chunk(b"one\n"))
    with psycopg.connect(dsn, autocommit=True) as other, other.transaction():
        heads = logs._heads(other, C, ["r:1"])
        stored(conn, chunk(b"two\n", 4))
        rows = logs._append(C, heads["r:1"], [chunk(b"two\n", 4)])
        # The number of the chunk is not what keeps it out.
        rows = [(*row[:3], 9, *row[4:]) for row in rows]
        logs._write(other, C, rows, [(heads["r:1"], 1)])


def test_a_second_instance_cannot_double_a_log(dsn: str, conn: psycopg.Connection) -> None:
    with pytest.raises(LogMoved):
        overtaken(dsn, conn)
    assert written() == b"one\ntwo\n"


def test_without_the_guard_a_second_instance_doubles_a_log(
    dsn: str, conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    unguarded = logs._WRITE_HEADS.replace("AND l.chunks = g.before", "")
    assert unguarded != logs._WRITE_HEADS
    monkeypatch.setattr(logs, "_WRITE_HEADS", unguarded)
    overtaken(dsn, conn)
    assert written() == b"one\ntwo\ntwo\n"


def test_growing_logs_are_announced(dsn: str, conn: psycopg.Connection) -> None:
    with psycopg.connect(dsn, autocommit=True) as listening:
        listening.execute("LISTEN stellwerk_logs_c")
        stored(conn, chunk(b"a\n"), chunk(b"b\n", attempt="r:2"))
        (note,) = listening.notifies(timeout=5, stop_after=1)
    assert note.payload == "r:1,r:2"


def test_pages_and_tail_by_line_number(conn: psycopg.Connection) -> None:
    lines = b"".join(b"line %d\n" % n for n in range(1, 1001))
    for at in range(0, len(lines), 700):
        stored(conn, chunk(lines[at : at + 700], at))
    assert [log_read.text_of(x) for x in log_read.page("r:1", 500, 2)] == ["line 500", "line 501"]
    assert [x.no for x in log_read.tail("r:1", 3)] == [998, 999, 1000]
    assert log_read.page("r:1", 1001, 5) == []
    assert log_read.page("nobody", 1, 5) == log_read.tail("nobody", 5) == []


def test_search_finds_text_and_expressions_and_says_what_it_refuses(
    conn: psycopg.Connection,
) -> None:
    stored(conn, chunk(b"Alpha\nbeta\n\0nul alpha\ngam"))
    stored(conn, chunk(b"ma\n", 25))
    assert log_read.search("r:1", "lpha") == Found(2, [1, 3])
    assert log_read.search("r:1", "ALPHA", ignore_case=True) == Found(2, [1, 3])
    assert log_read.search("r:1", "gamma") == Found(1, [4])
    assert log_read.search("r:1", "^(beta|gam+a)$", is_regex=True) == Found(2, [2, 4])
    assert log_read.search("r:1", "a.pha", is_regex=True, ignore_case=True) == Found(2, [1, 3])
    assert log_read.search("r:1", "zeta") == Found(0, [])
    with pytest.raises(PatternRefused):
        log_read.search("r:1", "(unclosed", is_regex=True)


def test_ten_megabytes_can_be_read_anywhere_quickly(conn: psycopg.Connection) -> None:
    line = b"2026-11-22 01:02:03 INFO a line of a usual length with number %08d\n"
    whole = b"".join(line % n for n in range(150_000))
    assert len(whole) > 10_000_000
    for at in range(0, len(whole), 1 << 20):
        stored(conn, chunk(whole[at : at + (1 << 20)], at))
    assert StoredChunk.objects.count() <= len(whole) / CHUNK_BYTES + 12
    for no in (1, 75_000, 149_900, 33_333, 120_000):
        (found, *_) = log_read.page("r:1", no, 100)
        assert log_read.text_of(found).endswith(f"{no - 1:08d}")
        assert quickest_s(partial(log_read.page, "r:1", no, 100), 0.05) <= 0.05
    assert log_read.search("r:1", "number 00149999") == Found(1, [150_000])


def test_a_wrong_day_does_not_scatter_a_log(conn: psycopg.Connection) -> None:
    stored(conn, chunk(b"a\n"))
    with conn.transaction():
        (answer,) = store(conn, C, [chunk(b"b\n", 2)], TODAY + dt.timedelta(days=1))
    assert answer == Stored("agent-1", "r:1", "out", 4)
    assert set(StoredChunk.objects.values_list("day", flat=True)) == {TODAY}
    assert written() == b"a\nb\n"
