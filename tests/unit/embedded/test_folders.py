"""Private folders, secrets and logs on disk, and looking at processes."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.embedded import AlreadyRunning, RunningLock, UnsafeFolder
from cockpit.embedded.folders import (
    LOG_LIMIT_BYTES,
    last_lines,
    open_log,
    private_folder,
    secret_file,
)
from cockpit.embedded.proc import handle_of, has_ended


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    words = [sys.executable, "-c", "print(flush=True); input()", "marker"]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    # The kernel shows no command line for a moment after exec; what runs has one.
    assert child.stdout is not None
    child.stdout.readline()
    yield child
    child.kill()
    child.communicate()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_private_folder_is_closed_to_others_even_if_it_was_open(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert mode(private_folder(folder)) == 0o700
    folder.chmod(0o755)
    assert mode(private_folder(folder)) == 0o700


def test_a_link_in_place_of_a_private_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "folder").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafeFolder, match="not a folder"):
        private_folder(tmp_path / "folder")


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafeFolder, match=f"user {os.getuid()} owns it, not user 4711"):
        private_folder(tmp_path, owner=4711)


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    assert secret_file(path, lambda: "first") == "first"
    assert secret_file(path, lambda: "second") == "first"
    assert mode(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_two_who_make_a_secret_at_once_read_the_same(tmp_path: Path) -> None:
    path = tmp_path / "secret"

    def slow() -> str:
        path.write_text("theirs")
        return "mine"

    assert secret_file(path, slow) == "theirs"


def test_a_grown_log_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "part.log"
    log.parent.mkdir()
    log.write_bytes(b"x" * (LOG_LIMIT_BYTES + 1))
    fd = open_log(log)
    os.write(fd, b"new\n")
    os.close(fd)
    assert log.read_text() == "new\n"
    assert (tmp_path / "logs" / "part.log.1").stat().st_size == LOG_LIMIT_BYTES + 1
    assert last_lines(log, 5) == ["new"]
    assert last_lines(tmp_path / "missing", 5) == []


def test_the_lock_names_its_holder_and_is_free_again_after_release(tmp_path: Path) -> None:
    first, second = RunningLock(tmp_path), RunningLock(tmp_path)
    first.acquire("http://127.0.0.1:8000/")
    with pytest.raises(AlreadyRunning) as refused:
        second.acquire()
    assert refused.value.pid == os.getpid()
    assert f"at http://127.0.0.1:8000/ (process {os.getpid()})" in str(refused.value)
    first.release()
    second.acquire()
    second.release()
    second.release()


def test_a_holder_that_has_not_yet_written_its_note_is_respected(tmp_path: Path) -> None:
    with RunningLock(tmp_path):
        (tmp_path / "running.lock").write_text("")
        with pytest.raises(AlreadyRunning, match="already running from"):
            RunningLock(tmp_path).acquire()


def test_a_process_is_found_by_its_argument_only(sleeper: subprocess.Popen[bytes]) -> None:
    fd = handle_of(sleeper.pid, "marker")
    assert fd is not None
    assert not has_ended(fd)
    assert handle_of(sleeper.pid, "another") is None
    threading.Timer(0.05, sleeper.kill).start()
    assert has_ended(fd, within_s=10)
    os.close(fd)


def test_a_process_that_has_ended_is_not_found(sleeper: subprocess.Popen[bytes]) -> None:
    sleeper.kill()
    fd = os.pidfd_open(sleeper.pid)
    assert has_ended(fd, within_s=10)
    os.close(fd)
    assert handle_of(sleeper.pid, "marker") is None  # a zombie
    sleeper.wait()
    assert handle_of(sleeper.pid, "marker") is None  # gone
