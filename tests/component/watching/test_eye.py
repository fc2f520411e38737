"""The agent's eye with its threads: sources side by side, events, directories that hang."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.worker.watching import watch as watching
from agents.worker.watching.eye import Eye
from agents.worker.watching.finding import Finding, Found, Wanted
from agents.worker.watching.watch import Watch
from tests.system.waiting import wait_until

LIMIT_S = 20


@pytest.fixture
def woken() -> threading.Event:
    return threading.Event()


@pytest.fixture
def eye(woken: threading.Event) -> Iterator[Eye]:
    made = Eye(woken.set)
    yield made
    made.close()


def taken(eye: Eye, into: list[Finding]) -> list[Found]:
    into += eye.findings()
    return [file for finding in into for file in finding.arose]


def test_the_eye_finds_files_of_several_sources_and_wakes_its_agent(
    tmp_path: Path, eye: Eye, woken: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "POLL_S", 0.05)
    wanted = {}
    for n, source in enumerate(("one", "two")):
        (tmp_path / source).mkdir()
        (tmp_path / source / "a").write_text("x")
        wanted[source] = Wanted(source, n, str(tmp_path / source), None, 0, {})
    eye.watch(wanted)
    found: list[Finding] = []
    wait_until(lambda: len(taken(eye, found)) == 2)
    assert woken.is_set()
    assert {finding.source for finding in found if finding.arose} == {"one", "two"}


def test_a_source_that_is_dropped_is_told_of_no_more(
    folder: Path, eye: Eye, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "POLL_S", 0.05)
    eye.watch({"s": Wanted("s", 1, str(folder), None, 0, {})})
    found: list[Finding] = []
    wait_until(lambda: taken(eye, found) or found)
    former = eye._watches["s"]
    eye.watch({})
    wait_until(
        lambda: f"watch {former.wanted.source}" not in {t.name for t in threading.enumerate()}
    )
    (folder / "a").write_text("x")
    assert list(eye.findings()) == []


def test_a_directory_that_hangs_holds_up_no_other(
    tmp_path: Path, eye: Eye, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "POLL_S", 0.05)
    release = threading.Event()
    look = Watch._look

    def hang(self: Watch, pattern: object) -> None:
        if self.wanted.source == "dead":
            release.wait(LIMIT_S)
        look(self, pattern)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(Watch, "_look", hang)
    (tmp_path / "a").write_text("x")
    wanted = {s: Wanted(s, 1, str(tmp_path), None, 0, {}) for s in ("dead", "alive")}
    eye.watch(wanted)
    found: list[Finding] = []
    wait_until(lambda: taken(eye, found))
    assert {finding.source for finding in found} == {"alive"}
    release.set()


def test_findings_wait_until_there_is_room(
    tmp_path: Path, eye: Eye, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "POLL_S", 0.05)
    monkeypatch.setattr(watching, "NAMES_AT_ONCE", 1)
    for n in range(60):
        (tmp_path / str(n)).touch()
    eye.watch({"s": Wanted("s", 1, str(tmp_path), None, 0, {})})
    wait_until(eye._queue.full)
    found: list[Finding] = []
    wait_until(lambda: len(taken(eye, found)) == 60)


def test_an_event_of_the_file_system_makes_it_look_sooner(
    folder: Path, eye: Eye, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # hear
    monkeypatch.setattr(watching, "POLL_S", 600.0)
    eye.watch({"s": Wanted("s", 1, str(folder), None, 0, {})})
    found: list[Finding] = []
    wait_until(lambda: taken(eye, found) or found)  # the first look: it is watched
    wait_until(lambda: any(t.name == "listen s" for t in threading.enumerate()))

    def arrives() -> bool:
        # Until the system hears, writing once may be too early.
        (folder / "a").write_text(str(time.monotonic_ns()))
        time.sleep(0.3)
        return bool(taken(eye, found))

    wait_until(arrives)


def test_looking_alone_finds_what_no_event_tells_of(
    folder: Path, eye: Eye, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "POLL_S", 0.05)
    eye.watch({"s": Wanted("s", 1, str(folder), None, 0, {})})
    found: list[Finding] = []
    wait_until(lambda: taken(eye, found) or found)
    (folder / "a").write_text("x")
    wait_until(lambda: taken(eye, found))


def test_without_looking_and_without_events_nothing_is_found(
    folder: Path, eye: Eye, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "POLL_S", 600.0)
    eye.watch({"s": Wanted("s", 1, str(folder), None, 0, {})})
    found: list[Finding] = []
    wait_until(lambda: taken(eye, found) or found)
    (folder / "a").write_text("x")
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        assert not taken(eye, found)
        time.sleep(0.05)
