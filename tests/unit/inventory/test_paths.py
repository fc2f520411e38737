"""Paths of objects and folders."""

import pytest

from inventory.kinds import KINDS, kind_of_file
from inventory.paths import (
    folder_of,
    is_within,
    joined,
    moved,
    name_of,
    path_problems,
    with_ancestors,
)


def test_a_path_is_taken_apart_and_put_together() -> None:
    assert (folder_of("a/b/c"), name_of("a/b/c")) == ("a/b", "c")
    assert (folder_of("c"), name_of("c")) == ("", "c")
    assert (joined("a/b", "c"), joined("", "c")) == ("a/b/c", "c")
    assert with_ancestors("a/b") == ["a", "a/b"]
    assert with_ancestors("") == []


@pytest.mark.parametrize(
    ("path", "folder", "inside"),
    [
        ("a/b", "a", True),
        ("a", "a", True),
        ("ab", "a", False),
        ("a", "a/b", False),
        ("x", "", True),
    ],
)
def test_within_means_at_or_below(path: str, folder: str, inside: bool) -> None:
    assert is_within(path, folder) is inside


def test_what_is_below_moves_along() -> None:
    assert moved("a/b/c", source="a/b", target="x") == "x/c"


@pytest.mark.parametrize(
    "path", ["report", "a/b/report-2.1", "Über/größe", "_x", "0", "x" * 100, "訂單/報告"]
)
def test_good_paths_have_no_problem(path: str) -> None:
    assert path_problems(path) == []


SLASHES = ["", "/a", "a/", "a//b", "a/ b"]
DOTS = [".", "..", "a/../b", ".hidden", "a."]
CHARACTERS = ["a b", "a|b", "a\nb", "a\0", "-a", "a\\b", "a,b", "<b>"]
SIZES = ["x" * 101, "/".join(["x" * 50] * 6)]


@pytest.mark.parametrize("path", [*SLASHES, *DOTS, *CHARACTERS, *SIZES])
def test_bad_paths_have_one(path: str) -> None:
    assert path_problems(path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("report.workflow.json", "report"),
        ("report.workflow.yaml", "report"),
        ("report.v2.workflow.yml", "report.v2"),
        ("report.json", None),
        (".workflow.json", None),
        ("report.workflow", None),
        ("workflow.json", None),
    ],
)
def test_kind_and_name_come_from_the_name_of_a_file(name: str, expected: str | None) -> None:
    found = kind_of_file(name)
    assert found == (None if expected is None else (KINDS["workflow"], expected))
