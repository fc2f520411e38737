"""One state folder, one agent: locks, the memory beside the folder, names of instances."""

import os
from pathlib import Path

import pytest

from agents.protocol import folder_of, nonce_of
from agents.worker.identity import FolderInUse, Guard, lock_folder


def test_a_folder_is_locked_once(tmp_path: Path) -> None:
    _, lock = lock_folder(tmp_path)
    assert str(tmp_path.stat().st_dev) in lock
    with pytest.raises(FolderInUse, match="Another agent works in"):
        lock_folder(tmp_path)


def test_the_memory_tells_a_new_run_from_a_known_one(tmp_path: Path) -> None:
    first = Guard("run", place=tmp_path)
    assert first.is_new
    first.note(7)
    with pytest.raises(FolderInUse, match="a copy of this journal"):
        Guard("run", place=tmp_path)
    first.forget()
    assert Guard("run", place=tmp_path).is_new


def test_a_run_that_was_only_asked_for_is_still_new(tmp_path: Path) -> None:
    looked = Guard("run", place=tmp_path)
    os.close(looked._fd)
    assert Guard("run", place=tmp_path).is_new


def test_a_run_of_which_something_was_noted_is_known(tmp_path: Path) -> None:
    noted = Guard("run", place=tmp_path)
    noted.note(0)
    os.close(noted._fd)
    assert not Guard("run", place=tmp_path).is_new


def test_a_journal_behind_the_memory_went_back(tmp_path: Path) -> None:
    guard = Guard("run", place=tmp_path)
    guard.note(7)
    assert guard.check(7)
    assert guard.check(8)
    assert not guard.check(6)


def test_an_instance_is_named_after_its_folder() -> None:
    one, two = nonce_of("machine:1:2", "aa"), nonce_of("machine:1:2", "bb")
    assert one != two
    assert folder_of(one) == folder_of(two)
    assert folder_of(one) != folder_of(nonce_of("machine:1:3", "aa"))
