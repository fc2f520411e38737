"""Real directories under the agent's watch: what arises, what vanishes, and what never does."""

import os
import threading
import time
from pathlib import Path

import pytest

from agents.worker.watching import scan
from agents.worker.watching import watch as watching
from agents.worker.watching.watch import Watch
from engine.files.names import shown_name
from tests.component.watching.directories import Watching

# -- arising and vanishing -----------------------------------------------------------------------


def test_a_file_arises_once_it_has_not_changed_for_the_delay(folder: Path) -> None:
    seen = Watching(folder)
    (folder / "a").write_text("x")
    assert seen.look().look(1.9).arose() == []
    assert seen.look(0.2).arose() == ["a"]
    assert seen.look(100).arose() == []


def test_a_file_that_grows_waits_again(folder: Path) -> None:
    seen = Watching(folder)
    (folder / "a").write_text("x")
    seen.look()
    for n in range(5):
        with (folder / "a").open("a") as file:
            file.write(str(n))
        assert seen.look(1.5).arose() == []
    assert seen.look(2).arose() == ["a"]


def test_a_file_whose_moment_changes_waits_again_though_its_size_stays(folder: Path) -> None:
    seen = Watching(folder)
    (folder / "a").write_text("x")
    seen.look()
    os.utime(folder / "a", (5, 5))
    assert seen.look(3).arose() == []
    assert seen.look(2).arose() == ["a"]


def test_a_file_vanishes_when_it_is_gone_or_renamed(folder: Path) -> None:
    seen = Watching(folder)
    for name in "ab":
        (folder / name).write_text("x")
    seen.look().look(3)
    assert seen.arose() == ["a", "b"]
    (folder / "a").unlink()
    (folder / "b").rename(folder / "c")
    assert seen.look().vanished() == ["a", "b"]
    assert seen.look(3).arose() == ["c"]


def test_a_file_that_never_arose_does_not_vanish(folder: Path) -> None:
    seen = Watching(folder)
    (folder / "a").write_text("x")
    seen.look()
    (folder / "a").unlink()
    assert seen.look(1).vanished() == []
    (folder / "a").write_text("x")
    assert seen.look(1.5).arose() == []


@pytest.mark.parametrize("way", ["unlinked", "renamed over", "moved away"])
def test_a_file_that_replaces_another_between_two_looks_is_another_file(
    folder: Path, way: str
) -> None:
    seen = Watching(folder)
    (folder / "a").write_text("old")
    assert seen.look().look(3).arose() == ["a"]
    new = folder.parent / "new"
    if way == "unlinked":
        (folder / "a").unlink()
        (folder / "a").write_text("new")
    elif way == "renamed over":
        new.write_text("new")
        new.rename(folder / "a")
    else:
        (folder / "a").rename(new)
        (folder / "a").write_text("new")
    assert seen.look().vanished() == ["a"]
    assert seen.look(3).arose() == ["a"]


def test_a_file_that_a_job_appends_to_stays_the_same_file(folder: Path) -> None:
    seen = Watching(folder)
    (folder / "a").write_text("x")
    assert seen.look().look(3).arose() == ["a"]
    with (folder / "a").open("a") as file:
        file.write("more")
    assert seen.look(3).vanished() == []


def test_what_was_known_before_a_restart_arises_no_second_time(folder: Path) -> None:
    (folder / "a").write_text("x")
    first = Watching(folder)
    first.look().look(3)
    (face,) = [file.face for finding in first.found for file in finding.arose]
    again = Watching(folder, known={"a": face, "gone": "1.0.0.0"})
    assert again.look().look(3).arose() == []
    assert again.vanished() == ["gone"]


# -- names ---------------------------------------------------------------------------------------

NAMES = [
    b"plain.csv",
    b"with blank.csv",
    b"quote'\"`$(rm -rf).csv",
    b"line\nend",
    b"tab\tbell\a",
    "ünïcödé-日本-\U0001f600".encode(),
    b"not-utf8-\xff\xfe",
    b"-rf",
    b"back\\slash",
    b"a|b",
    b"x" * 255,
    b"{}%n%s",
]


@pytest.mark.parametrize("name", NAMES, ids=[str(n) for n in range(len(NAMES))])
def test_any_name_arises_with_its_own_bytes(folder: Path, name: bytes) -> None:
    path = os.fsencode(folder) + b"/" + name
    with open(path, "wb") as file:  # noqa: PTH123  # the name is bytes
        file.write(b"x")
    seen = Watching(folder)
    seen.look().look(3)
    (found,) = [file for finding in seen.found for file in finding.arose]
    assert found.path == path
    assert shown_name(found.name).isprintable()
    os.unlink(path)  # noqa: PTH108  # as above
    assert seen.look().vanished() == [found.name]


def test_without_pattern_names_with_a_dot_in_front_are_left_out(folder: Path) -> None:
    for name in (".hidden", "seen", "x.part"):
        (folder / name).write_text("x")
    assert Watching(folder).look().look(3).arose() == ["seen", "x.part"]


def test_a_pattern_has_to_match_the_whole_name(folder: Path) -> None:
    for name in ("a.csv", "a.csv.tmp", "b.CSV", ".a.csv"):
        (folder / name).write_text("x")
    seen = Watching(folder, pattern=r"[a-z]+\.csv")
    assert seen.look().look(3).arose() == ["a.csv"]


@pytest.mark.parametrize(
    "pattern", [r"(a+)+$", r"(a|a)*b", r"([a-z]+)*x", r"(.*)*", r"(", r"(a|aa)+$"]
)
def test_an_evil_pattern_is_a_problem_at_once(folder: Path, pattern: str) -> None:
    (folder / ("a" * 200 + "!")).write_text("x")
    seen = Watching(folder, pattern=pattern)
    began_s = time.process_time()
    seen.look().look(3)
    assert time.process_time() - began_s < 0.05
    assert (seen.problem() or "").startswith("pattern: ")
    assert seen.arose() == []


# -- what is no file of the directory ------------------------------------------------------------


def test_links_folders_pipes_and_sockets_are_no_files(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    (folder / "link").symlink_to(secret)
    (folder / "inside").write_text("x")
    (folder / "link-inside").symlink_to(folder / "inside")
    (folder / "sub").mkdir()
    (folder / "sub" / "deep").write_text("x")
    os.mkfifo(folder / "pipe")
    assert Watching(folder).look().look(3).arose() == ["inside"]


def test_a_file_that_becomes_a_link_has_vanished(folder: Path, tmp_path: Path) -> None:
    seen = Watching(folder)
    (folder / "a").write_text("x")
    assert seen.look().look(3).arose() == ["a"]
    (folder / "a").unlink()
    (folder / "a").symlink_to(tmp_path)
    assert seen.look().vanished() == ["a"]
    assert seen.look(3).arose() == []


def test_a_name_that_became_a_link_since_it_was_read_is_no_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    (folder / "a").symlink_to(secret)
    monkeypatch.setattr(scan, "names", lambda _folder: iter(["a", "gone"]))
    assert Watching(folder).look().look(3).arose() == []
    followed = os.stat

    def follow(name: str, *, dir_fd: int, follow_symlinks: bool) -> os.stat_result:
        return followed(name, dir_fd=dir_fd)

    monkeypatch.setattr(os, "stat", follow)
    assert Watching(folder).look().look(3).arose() == ["a"], "the control: links are followed"


def test_links_that_race_with_files_lead_nowhere(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a long text that nobody may see the size of")
    seen = Watching(folder, delay_s=0)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            (folder / "a").write_text("x")
            (folder / "a").unlink()
            (folder / "a").symlink_to(secret)
            (folder / "a").unlink()

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        for _ in range(300):
            seen.look(1)
    finally:
        stop.set()
        swapping.join()
    faces = [file.face for finding in seen.found for file in finding.arose]
    inode = str(secret.stat().st_ino)
    assert not [face for face in faces if face.partition(".")[0] == inode]


def test_a_directory_outside_of_the_roots_is_refused_also_behind_a_link(
    folder: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a").write_text("x")
    (folder / "door").symlink_to(outside)
    roots = (str(folder),)
    for directory in (outside, folder / "door", folder / ".." / "outside"):
        seen = Watching(directory, roots=roots)
        assert seen.look().look(3).arose() == []
        assert "outside of what this agent may watch" in (seen.problem() or "")
    (folder / "a").write_text("x")
    assert Watching(folder, roots=roots).look().look(3).arose() == ["a"]


# -- directories that are missing, hidden or replaced --------------------------------------------


def test_a_missing_directory_is_a_problem_until_it_is_there(folder: Path) -> None:
    seen = Watching(folder / "later")
    assert seen.look().problem() == f"{folder}/later: No such file or directory."
    (folder / "later").mkdir()
    (folder / "later" / "a").write_text("x")
    assert seen.look(5).problem() == ""
    assert seen.look(3).arose() == ["a"]


def test_files_of_a_directory_that_goes_for_a_while_have_not_vanished(folder: Path) -> None:
    seen = Watching(folder)
    (folder / "a").write_text("x")
    assert seen.look().look(3).arose() == ["a"]
    folder.rename(folder.parent / "away")
    assert seen.look(5).vanished() == []
    assert "No such file" in (seen.problem() or "")
    (folder.parent / "away").rename(folder)
    assert seen.look(5).vanished() == []
    assert seen.look(5).arose() == []


def test_a_file_in_place_of_the_directory_is_a_problem(folder: Path) -> None:
    (folder / "a").write_text("x")
    assert "Not a directory" in (Watching(folder / "a").look().problem() or "")


def test_an_unreadable_directory_is_a_problem_and_nothing_vanishes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Watching(folder)
    (folder / "a").write_text("x")
    assert seen.look().look(3).arose() == ["a"]

    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")  # root, who runs tests, may read all

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refuse)
        assert "Permission denied" in (seen.look(5).problem() or "")
    assert seen.look(5).problem() == ""
    assert seen.vanished() == []


def test_an_empty_mount_point_does_not_make_its_files_vanish(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Watching(folder)
    (folder / "a").write_text("x")
    assert seen.look().look(3).arose() == ["a"]
    away = folder.parent / "away"
    folder.rename(away)
    folder.mkdir()
    real = os.fstat

    def other_device(fd: int) -> os.stat_result:
        found = real(fd)
        return os.stat_result((*found[:2], found[2] + 1, *found[3:]))

    monkeypatch.setattr(os, "fstat", other_device)
    assert seen.look(5).vanished() == []
    assert "a mount may be missing" in (seen.problem() or "")
    monkeypatch.undo()
    folder.rmdir()
    away.rename(folder)
    monkeypatch.setattr(Watch, "_listen", lambda _self, _folder: None)
    assert seen.look(5).vanished() == []
    assert seen.problem() == ""


def test_a_problem_of_the_document_is_told(folder: Path) -> None:
    seen = Watching(folder, problem="directoryExpr: no.")
    assert seen.look().problem() == "directoryExpr: no."


# -- how much ------------------------------------------------------------------------------------


def test_a_huge_directory_is_told_in_slices(folder: Path) -> None:
    for n in range(3_000):
        (folder / f"{n:05}").touch()
    seen = Watching(folder)
    seen.look().look(3)
    assert max(len(finding.arose) for finding in seen.found) == watching.NAMES_AT_ONCE
    assert len(seen.arose()) == 3_000
    for path in folder.iterdir():
        path.unlink()
    seen.look()
    assert max(len(finding.vanished) for finding in seen.found) == watching.NAMES_AT_ONCE
    assert len(seen.vanished()) == 3_000


def test_after_a_long_look_it_rests_longer(folder: Path) -> None:
    seen = Watching(folder)
    seen.look()
    assert seen.watch._pause_s() == watching.POLL_S
    seen.watch._look_s = 1.0
    assert seen.watch._pause_s() == watching.SHARE
    seen.watch._look_s = 100.0
    assert seen.watch._pause_s() == watching.PAUSE_AT_MOST_S
