"""Folders: made, moved with what they hold, never into themselves."""

import pytest

from inventory.deploy import deploy
from inventory.edit import put_draft
from inventory.errors import FolderRefused
from inventory.folders import make_folder, move_folder, remove_folder
from inventory.models import Folder, Item
from tests.component.inventory.documents import workflow

pytestmark = pytest.mark.django_db


def put(path: str) -> None:
    put_draft("workflow", path, workflow(), account="ann")


def folders() -> list[str]:
    return list(Folder.objects.values_list("path", flat=True))


def test_a_folder_is_made_with_those_around_it() -> None:
    assert make_folder("a/b/c").changed
    assert not make_folder("a/b").changed
    assert folders() == ["a", "a/b", "a/b/c"]


def test_a_folder_moves_with_everything_in_it() -> None:
    put("a/b/one")
    put("a/b/c/two")
    put("a/bb/three")

    move_folder("a/b", "x/y")

    assert folders() == ["a", "a/bb", "x", "x/y", "x/y/c"]
    paths = sorted(Item.objects.values_list("path", flat=True))
    assert paths == ["a/bb/three", "x/y/c/two", "x/y/one"]
    assert Item.objects.get(name="two").folder == Folder.objects.get(path="x/y/c")


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("a", "a/b/inside", "cannot be moved into itself"),
        ("a", "b", '"b" exists'),
        ("nothing", "c", 'no folder "nothing"'),
        ("", "c", "The root folder cannot be moved"),
        ("a", "c//d", "is empty"),
        ("a/b", "x" * 100 + "/" + "y" * 100 + "/" + "z" * 50, "at most 255 are allowed"),
    ],
)
def test_a_move_that_cannot_be_is_refused_with_a_sentence(
    source: str, target: str, words: str
) -> None:
    put("a/b/report")
    make_folder("b")

    with pytest.raises(FolderRefused, match=words):
        move_folder(source, target)
    assert folders() == ["a", "a/b", "b"]
    assert Item.objects.get().path == "a/b/report"


def test_a_folder_with_something_deployed_stays() -> None:
    put("a/report")
    deploy([("workflow", "a/report")], account="ann")

    with pytest.raises(FolderRefused, match="revoke it before its folder moves"):
        move_folder("a", "b")


def test_only_an_empty_folder_is_removed() -> None:
    put("a/b/report")

    with pytest.raises(FolderRefused, match="not empty: 2"):
        remove_folder("a")
    make_folder("c")
    remove_folder("c")
    assert folders() == ["a", "a/b"]
