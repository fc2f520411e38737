"""Drafts: kept as written, guarded, refused with a sentence."""

import pytest

from inventory.edit import ABSENT, copy, put_draft, rename, restore, trash
from inventory.errors import DraftRefused, EditedMeanwhile, InventoryRefusal, ItemUnknown, NameTaken
from inventory.models import Folder, Item
from inventory.queries import items_in, present_items, trashed_items, tree
from tests.component.inventory.documents import broken, workflow

pytestmark = pytest.mark.django_db


def put(path: str, source: str | None = None, edit_no: int | None = None) -> None:
    put_draft("workflow", path, source or workflow(), account="ann", edit_no=edit_no)


def item(path: str) -> Item:
    return Item.objects.get(path=path, trashed_at__isnull=True)


def test_a_draft_is_kept_as_written_with_its_folders() -> None:
    change = put_draft("workflow", "a/b/report", workflow(title="Report"), account="ann")

    assert change.before is None
    assert change.after is not None
    assert item("a/b/report").source == workflow(title="Report")
    assert (item("a/b/report").title, item("a/b/report").valid) == ("Report", True)
    assert [(n.path, n.depth, n.items) for n in tree(Folder.objects.all())] == [
        ("a", 0, 0),
        ("a/b", 1, 1),
    ]


def test_yaml_is_kept_with_its_comments_and_means_the_same_as_json() -> None:
    text = """# what it is for
instructions:
  - TYPE: Execute.Named
    jobName: work
    label: work
jobs:
  work:
    agentName: agent-1
    executable: {TYPE: ShellScriptExecutable, script: echo done}
"""
    put("one", text)
    put("two", workflow())

    assert item("one").source == text
    assert item("one").digest == item("two").digest != ""


def test_an_invalid_draft_is_kept_with_its_problems() -> None:
    put("report", broken())

    kept = item("report")
    assert not kept.valid
    assert kept.digest == ""
    assert kept.problems[0]["place"] == "instructions[0].jobName"
    assert "nobody" in kept.problems[0]["sentence"]


@pytest.mark.parametrize(
    ("kind", "path", "source", "words"),
    [
        ("workflow", "/report", "{}", "neither begins nor ends with a slash"),
        ("workflow", "a//report", "{}", "is empty"),
        ("workflow", "a/../report", "{}", "is no name"),
        ("workflow", "a|b", "{}", "is no name"),
        ("workflow", "a\0b", "{}", "is no name"),
        ("workflow", "x" * 101, "{}", "more than 100 characters"),
        ("workflow", "report", "a: b\0", "a NUL character at line 1, column 5"),
        ("workflow", "report", "a: \ud800", "half a surrogate pair"),
        ("workflow", "report", "x" * (16 * 1024 * 1024 + 1), "at most 16777216 are kept"),
        ("cake", "report", "{}", "There is no type"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_written(
    kind: str, path: str, source: str, words: str
) -> None:
    with pytest.raises(DraftRefused, match=words):
        put_draft(kind, path, source, account="ann")

    assert not Item.objects.exists()
    assert not Folder.objects.exists()


def test_the_same_text_again_writes_nothing() -> None:
    put("report")
    change = put_draft("workflow", "report", workflow(), account="bob")

    assert not change.changed
    assert (item("report").edit_no, item("report").changed_by) == (1, "ann")


def test_a_draft_changed_by_somebody_else_is_not_overwritten() -> None:
    put("report", edit_no=ABSENT)
    put("report", workflow("echo two"), edit_no=1)

    with pytest.raises(EditedMeanwhile, match="ann has changed it"):
        put("report", workflow("echo three"), edit_no=1)
    with pytest.raises(EditedMeanwhile):
        put("report", workflow("echo three"), edit_no=ABSENT)
    assert item("report").source == workflow("echo two")


def test_names_are_unique_over_all_folders() -> None:
    put("a/report")

    with pytest.raises(NameTaken, match="already: a/report"):
        put("b/report")
    assert not Item.objects.filter(path="b/report").exists()


def test_an_object_is_renamed_and_copied() -> None:
    put("a/report")
    rename("workflow", "a/report", "b/summary", account="bob")
    copy("workflow", "b/summary", "report", account="bob")

    assert sorted(Item.objects.values_list("path", flat=True)) == ["b/summary", "report"]
    assert item("b/summary").edit_no == 2
    assert [i.path for i in items_in(present_items(), "")] == ["report"]
    with pytest.raises(NameTaken):
        rename("workflow", "report", "c/summary", account="bob")


def test_the_trash_frees_the_name_and_gives_back_the_last_one() -> None:
    put("a/report", workflow("echo one"))
    trash("workflow", "a/report", account="ann")
    put("b/report", workflow("echo two"))
    with pytest.raises(NameTaken):
        restore("workflow", "a/report", account="ann")
    trash("workflow", "b/report", account="ann")

    assert [i.path for i in trashed_items()] == ["b/report", "a/report"]
    restore("workflow", "a/report", account="ann")
    assert item("a/report").source == workflow("echo one")
    assert item("a/report").folder == Folder.objects.get(path="a")


@pytest.mark.parametrize("verb", [rename, copy])
def test_verbs_on_what_is_not_there_say_so(verb: object) -> None:
    with pytest.raises(ItemUnknown, match='There is no workflow "nothing"'):
        verb("workflow", "nothing", "else", account="ann")  # type: ignore[operator]


def test_a_reader_sees_only_the_folders_granted() -> None:
    for path in ("a/one", "ab/two", "a/deep/three", "four"):
        put(path)

    seen = present_items().within(["a"])  # type: ignore[attr-defined]
    assert sorted(i.path for i in seen) == ["a/deep/three", "a/one"]
    assert present_items().within([]).count() == 0  # type: ignore[attr-defined]
    assert present_items().within([""]).count() == 4  # type: ignore[attr-defined]


def test_a_refusal_carries_place_and_code() -> None:
    with pytest.raises(InventoryRefusal) as refused:
        put_draft("workflow", "/a|b", "{}", account="ann")

    codes = [found.problem.code for found in refused.value.problems]
    assert codes == ["path-slash", "name-unusable"]
