"""What a new supervisor makes of the records of a dead one."""

import os
from pathlib import Path

import pytest

from agents.worker.hands import records
from agents.worker.hands.processes import TICK_US
from agents.worker.hands.records import Entry, History
from agents.worker.hands.takeover import TakeOver

NOBODY = 4_000_000  # above any pid
START = 77


@pytest.fixture
def folder(tmp_path: Path) -> bytes:
    (tmp_path / "records").mkdir()
    return os.fsencode(tmp_path)


def written(folder: bytes, *entries: Entry, boot: bytes = b"boot") -> None:
    """Writes the records of supervisor 1-0."""
    lines = records.header(NOBODY, boot) + b"".join(entry.lines() for entry in entries)
    Path(os.fsdecode(folder), "records", "1-0").write_bytes(lines)


def begun(attempt: bytes, *, pid: int = 0) -> Entry:
    """Return an attempt of a supervisor that is no more."""
    entry = Entry(attempt, START * TICK_US, NOBODY)
    if pid:
        entry.pid, entry.spawned_us, entry.started_us = pid, START * TICK_US + 500, 1
    return entry


def reaped(folder: bytes, *pids: int, start: int = START, session: int = NOBODY) -> None:
    """Writes what the keeper has seen: return code 6."""
    lines = [f"{pid} {start} {session} {pid} {os.CLD_EXITED} 6 123\n" for pid in pids]
    Path(os.fsdecode(folder), "records", "reaped-1").write_text("".join(lines))


def taken(folder: bytes, *, boot: bytes = b"boot", kept: bool = True) -> History:
    return TakeOver(folder, boot).read(b"1-0", kept=kept)


def reason(entry: Entry) -> bytes:
    assert entry.ended is not None
    return entry.ended[3]


def test_an_attempt_killed_between_record_and_process_is_forgotten(folder: bytes) -> None:
    written(folder, begun(b"a-1"))
    assert not taken(folder).entries


def test_without_a_keeper_nobody_can_tell_whether_it_ran(folder: bytes) -> None:
    written(folder, begun(b"a-1"))
    assert reason(taken(folder, kept=False).entries[b"a-1"]) == b"lost"


def test_the_one_unknown_orphan_is_the_attempt_without_a_pid(folder: bytes) -> None:
    written(folder, begun(b"a-0", pid=NOBODY + 1), begun(b"a-1"))
    reaped(folder, NOBODY + 1, NOBODY + 2)
    entry = taken(folder).entries[b"a-1"]
    assert (entry.pid, entry.ended and entry.ended[0]) == (NOBODY + 2, b"6")


def test_two_unknown_orphans_are_one_too_many(folder: bytes) -> None:
    written(folder, begun(b"a-1"))
    reaped(folder, NOBODY + 1, NOBODY + 2)
    assert reason(taken(folder).entries[b"a-1"]) == b"lost"


@pytest.mark.parametrize("other", [{"start": START - 2}, {"session": NOBODY + 9}])
def test_orphans_of_others_do_not_count(folder: bytes, other: dict[str, int]) -> None:
    written(folder, begun(b"a-1"))
    reaped(folder, NOBODY + 1, **other)
    assert not taken(folder).entries


def test_a_gone_process_has_the_end_the_keeper_saw(folder: bytes) -> None:
    written(folder, begun(b"a-1", pid=NOBODY + 1))
    reaped(folder, NOBODY + 1)
    entry = taken(folder).entries[b"a-1"]
    assert TakeOver(folder, b"boot").ended(entry)
    assert entry.ended
    assert (entry.ended[0], entry.ended[2]) == (b"6", b"123")


def test_a_gone_process_nobody_saw_is_lost(folder: bytes) -> None:
    written(folder, begun(b"a-1", pid=NOBODY + 1))
    reaped(folder, NOBODY + 1, start=START + 9)  # the same pid, another process
    entry = taken(folder).entries[b"a-1"]
    assert TakeOver(folder, b"boot").ended(entry)
    assert reason(entry) == b"lost"


def test_another_boot_loses_all_that_had_no_end(folder: bytes) -> None:
    ended = begun(b"a-2", pid=NOBODY + 2)
    ended.ended = [b"6", b"", b"1", b"exited", b"1", b"", b"", b""]
    written(folder, begun(b"a-0"), begun(b"a-1", pid=NOBODY + 1), ended)
    entries = taken(folder, boot=b"other").entries
    assert [reason(entry) for entry in entries.values()] == [b"lost", b"lost", b"exited"]


def test_a_cut_or_damaged_line_is_ignored(folder: bytes) -> None:
    written(folder, begun(b"a-1", pid=NOBODY + 1))
    path = Path(os.fsdecode(folder), "records", "1-0")
    path.write_bytes(
        path.read_bytes() + b"E\ta-1\t1\nP\ta-1\tx\n\n\0\0\nA\nE\ta-1\t6\t\t1\texited\t1"
    )
    assert taken(folder).entries[b"a-1"].ended is None


def test_records_say_the_same_after_a_compaction(folder: bytes) -> None:
    entry = begun(b"a-1", pid=NOBODY + 1)
    entry.reason, entry.kill_us, entry.remembered = b"killed", 5, [(7, 8), (9, 10)]
    written(folder, entry)
    again = taken(folder).entries[b"a-1"]
    for name in Entry.__slots__:
        assert getattr(again, name) == getattr(entry, name)


def test_acknowledged_attempts_are_remembered_without_their_entries(folder: bytes) -> None:
    path = folder + b"/records/1-0"
    file = records.Records(path)
    file.append(begun(b"a-1").lines() + records.acknowledged([b"a-1", b"a-0"]))
    history = History().read(path)
    assert (list(history.acknowledged), history.entries) == ([b"a-1", b"a-0"], {})
    assert records.owned(path)
    os.close(file.fd)
    assert not records.owned(path)
