"""The refusal of known attempts, with its negative control, in a supervisor of this process."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.worker.hands import link, records
from agents.worker.hands.attempt import Start
from agents.worker.hands.folder import Folder
from agents.worker.hands.supervisor import Supervisor
from agents.worker.hands.wire import Inbox
from tests.component.hands.driver import until


@pytest.fixture
def supervisor(folder: Path) -> Iterator[Supervisor]:
    Folder(folder).prepare()
    home = Path.cwd()
    yield Supervisor(os.fsencode(folder), name=b"1-0", boot=b"boot")
    os.chdir(home)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def runs_after_two_starts(supervisor: Supervisor, tmp_path: Path) -> int:
    """Return how often an attempt ran that was asked for twice."""
    runs = tmp_path / "runs"
    start = Start("a-1", ("/bin/sh", "-c", f"echo run >> {runs}"), {})
    for times in (1, 2):
        supervisor._command(Inbox().feed(link.encoded(start))[0])
        supervisor.turn()
        until(lambda: not supervisor.children or not supervisor.turn())
        assert times
    return len(runs.read_text().splitlines())


def test_a_known_attempt_runs_once(supervisor: Supervisor, tmp_path: Path) -> None:
    assert runs_after_two_starts(supervisor, tmp_path) == 1


def test_without_the_refusal_it_runs_twice(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control."""
    forgetful = lambda self, order: (self.entries.clear(), self.queue.append(order))  # noqa: E731
    monkeypatch.setattr(Supervisor, "_accept", forgetful)
    assert runs_after_two_starts(supervisor, tmp_path) == 2


def test_an_attempt_is_on_record_before_its_process_is_made(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []

    def make(*_: object) -> int:
        seen.append(Path(os.fsdecode(supervisor.records.path)).read_bytes())
        raise OSError("no process today")

    monkeypatch.setattr("agents.worker.hands.spawn.make", make)
    supervisor._command(Inbox().feed(link.encoded(Start("a-1", ("/bin/true",), {})))[0])
    supervisor.turn()
    assert b"A\ta-1\t" in seen[0]


def test_the_records_stay_small_and_still_refuse(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "COMPACT_BYTES", 2_000)
    for number in range(50):
        start = Start(f"a-{number}", ("/bin/true",), {})
        supervisor._command(Inbox().feed(link.encoded(start))[0])
        until(lambda: not supervisor.turn() or not supervisor.children)
        supervisor._acknowledge([start.attempt.encode()])
    assert Path(os.fsdecode(supervisor.records.path)).stat().st_size < 2_500
    assert len(supervisor.acknowledged) == 50
    assert not supervisor.entries
