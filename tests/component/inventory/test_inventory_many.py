"""Copies, trash, tags, search, replacing, validation, versions of many objects at once."""

import json
import time

import pytest

from inventory import substituting
from inventory.copying import copy_folder, copy_object
from inventory.deploy import deploy
from inventory.deployed import Ref
from inventory.edit import put_draft, roll_back
from inventory.errors import (
    EditedMeanwhile,
    FolderRefused,
    ItemUnknown,
    NameTaken,
    PatternRefused,
    StillDeployed,
    TagRefused,
)
from inventory.models import Folder, Item, Version
from inventory.queries import present_items, trashed_items
from inventory.references.users import users_of
from inventory.replacing import replace_in, replacements
from inventory.search import Condition, Part, Wanted, lines_with, matching
from inventory.substituting import Pattern, substituted
from inventory.tagging import all_tags, change_tag, delete_tag, tag_objects
from inventory.trashing import (
    delete_from_trash,
    restore_as,
    restore_folder,
    trash_all,
    trash_folder,
)
from inventory.validating import validate
from tests.component.inventory.controller_stub import take_over
from tests.component.inventory.documents import broken, workflow
from tests.component.inventory.test_inventory_references import locked

pytestmark = pytest.mark.django_db

TAPE = ("lock", "resources/tape")
LOAD = ("workflow", "night/load")


def put(ref: Ref, source: str) -> None:
    put_draft(*ref, source, account="ann")


def paths(**look_up: object) -> list[str]:
    rows = Item.objects.filter(trashed_at__isnull=True, **look_up)
    return sorted(rows.values_list("path", flat=True))


def found(**wanted: object) -> list[str]:
    rows = matching(present_items(), Wanted(**wanted))  # type: ignore[arg-type]
    return list(rows.order_by("path").values_list("path", flat=True))


@pytest.fixture
def night() -> None:
    """A lock and a workflow that uses it, in one folder and another."""
    put(TAPE, '{"limit": 1, "title": "Tape drives"}')
    put(LOAD, locked("tape"))


@pytest.mark.usefixtures("night")
def test_copies_of_a_folder_name_each_other() -> None:
    put(("lock", "night/disk"), '{"limit": 1}')
    put(("workflow", "night/both"), locked("tape", "disk"))

    changes = copy_folder("night", "day", account="bob", suffix="-2")

    assert {c.path for c in changes} == {"day/load-2", "day/disk-2", "day/both-2"}
    copied = json.loads(Item.objects.get(path="day/both-2").source)
    names = [demand["lockName"] for demand in copied["instructions"][0]["demands"]]
    assert names == ["tape", "disk-2"]
    assert len(users_of(*TAPE, present_items())) == 4


@pytest.mark.usefixtures("night")
def test_a_copy_with_a_taken_name_copies_nothing() -> None:
    before = paths()
    with pytest.raises(NameTaken) as refused:
        copy_folder("night", "day", account="bob")
    assert [found.path for found in refused.value.problems] == ["day/load"]
    with pytest.raises(FolderRefused):
        copy_folder("night", "night/inside", account="bob", suffix="-2")
    with pytest.raises(FolderRefused):
        copy_folder("nothing", "x", account="bob")
    assert paths() == before
    assert not Folder.objects.filter(path="day").exists()


def test_a_copy_of_what_names_itself_names_the_copy() -> None:
    put(("workflow", "loop"), '{"instructions": [{"TYPE": "AddOrder", "workflowName": "loop"}]}')
    copy_object("workflow", "loop", "ring", account="bob")
    assert '"ring"' in Item.objects.get(path="ring").source
    with pytest.raises(ItemUnknown):
        copy_object("workflow", "gone", "x", account="bob")


@pytest.mark.usefixtures("night")
def test_a_folder_goes_into_the_trash_and_comes_back() -> None:
    trash_folder("night", account="bob")
    assert paths() == ["resources/tape"]
    assert not Folder.objects.filter(path="night").exists()
    restore_folder("night", account="bob")
    assert paths() == ["night/load", "resources/tape"]
    assert Item.objects.get(path="night/load").folder == Folder.objects.get(path="night")


@pytest.mark.usefixtures("night")
def test_the_trash_takes_all_or_nothing() -> None:
    deploy([TAPE], account="ann")
    with pytest.raises(StillDeployed, match="resources/tape"):
        trash_all([LOAD, TAPE], account="bob")
    with pytest.raises(ItemUnknown):
        trash_all([LOAD, ("lock", "gone")], account="bob")
    assert len(paths()) == 2


@pytest.mark.usefixtures("night")
def test_what_is_restored_may_get_another_path_and_taken_names_are_all_told() -> None:
    trash_folder("night", account="bob")
    put(("workflow", "other/load"), workflow())
    with pytest.raises(NameTaken):
        restore_folder("night", account="bob")
    restore_as(*LOAD, "night/load-old", account="bob")
    assert paths(kind="workflow") == ["night/load-old", "other/load"]
    with pytest.raises(FolderRefused):
        restore_folder("never", account="bob")


@pytest.mark.usefixtures("night")
def test_what_is_deleted_from_the_trash_is_gone_and_nothing_else_is() -> None:
    trash_all([LOAD], account="bob")
    (change,) = delete_from_trash([LOAD])
    assert change.before is not None
    assert change.after is None
    assert not trashed_items().exists()
    with pytest.raises(ItemUnknown):
        delete_from_trash([TAPE])
    assert paths() == ["resources/tape"]


@pytest.mark.usefixtures("night")
def test_tags_are_put_on_renamed_and_taken_off() -> None:
    tag_objects([TAPE, LOAD], add=["finance", "eu"])
    tag_objects([TAPE], remove=["eu"])
    assert found(tags=("finance", "eu")) == ["night/load"]
    change_tag("finance", to="money", group="Departments")
    assert all_tags(present_items()) == [("", "eu", 1), ("Departments", "money", 2)]
    with pytest.raises(NameTaken):
        change_tag("eu", to="money")
    delete_tag("money")
    assert found(tags=("money",)) == []
    with pytest.raises(TagRefused):
        delete_tag("money")
    with pytest.raises(TagRefused):
        tag_objects([TAPE], add=[" "])
    with pytest.raises(ItemUnknown):
        tag_objects([("lock", "gone")], add=["x"])


@pytest.mark.usefixtures("night")
def test_drafts_are_found_by_everything_that_is_known_of_them() -> None:
    put(("workflow", "night/bad"), broken())
    assert found(text="TAPE", parts=(Part.PATH,)) == ["resources/tape"]
    assert found(text="drives", parts=(Part.TITLE,)) == ["resources/tape"]
    assert found(text="lockname", parts=(Part.SOURCE,)) == ["night/load"]
    assert found(text="tape") == ["night/load", "resources/tape"]
    assert found(text="100%_") == []
    assert found(kinds=("lock",)) == ["resources/tape"]
    assert found(folder="night") == ["night/bad", "night/load"]
    assert found(uses=TAPE) == ["night/load"]
    assert found(condition=Condition.INVALID) == ["night/bad"]
    assert lines_with("a\n  Tape x\n", "tape")[0].no == 2


@pytest.mark.usefixtures("night")
def test_drafts_are_found_by_how_they_stand_against_what_is_deployed() -> None:
    take_over(deploy([TAPE, LOAD], account="ann").command)
    put(TAPE, '{"limit": 2}')
    put(("lock", "resources/new"), '{"limit": 2}')
    put(("workflow", "night/dangling"), locked("nobody"))
    assert found(condition=Condition.DEPLOYED) == ["night/load"]
    assert found(condition=Condition.CHANGED) == ["resources/tape"]
    assert found(condition=Condition.DRAFT) == ["night/dangling", "resources/new"]
    assert found(condition=Condition.DANGLING) == ["night/dangling"]


@pytest.mark.usefixtures("night")
def test_replacing_is_seen_first_and_kept_only_when_asked() -> None:
    pattern = Pattern(text=r'"limit": (\d)', replacement=r'"limit": \g<1>0', regex=True)
    (seen,) = replacements(present_items(), pattern)
    assert (seen.path, seen.count, seen.valid) == ("resources/tape", 1, True)
    assert '+{"limit": 10' in seen.diff
    assert Item.objects.get(path=TAPE[1]).edit_no == 1

    replace_in([(TAPE, seen.edit_no)], pattern, account="bob")
    assert '"limit": 10' in Item.objects.get(path=TAPE[1]).source
    with pytest.raises(EditedMeanwhile):
        replace_in([(TAPE, seen.edit_no)], pattern, account="bob")


@pytest.mark.usefixtures("night")
def test_a_replacement_that_breaks_a_draft_is_told() -> None:
    (seen,) = replacements(present_items(), Pattern(text='"limit"', replacement='"colour"'))
    assert (seen.was_valid, seen.valid) == (True, False)
    assert seen.problems[0].problem.code == "field-unknown"
    (kept,) = replacements(present_items(), Pattern(text='"limit"', replacement="\0"))
    assert kept.problems[0].problem.code == "text-unusable"


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        (Pattern(text="(", replacement="", regex=True), "pattern-invalid"),
        (Pattern(text="", replacement=""), "pattern-invalid"),
        (Pattern(text="x" * 1001, replacement=""), "pattern-invalid"),
        (Pattern(text="x", replacement=r"\7", regex=True), "replacement-invalid"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern: Pattern, code: str) -> None:
    with pytest.raises(PatternRefused) as refused:
        substituted(pattern, ["x"])
    assert refused.value.problems[0].problem.code == code


def test_a_pattern_that_takes_for_ever_is_ended() -> None:
    begin = time.monotonic()
    with pytest.raises(PatternRefused, match="takes longer"):
        substituted(Pattern(text="(x+x+)+y", replacement="", regex=True), ["x" * 60], timeout_s=0.5)
    assert time.monotonic() - begin < 20


def test_a_result_that_grows_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(substituting, "LARGEST_RESULT", 1000)
    with pytest.raises(PatternRefused, match="too large"):
        substituted(Pattern(text="x", replacement="y" * 100, regex=True), ["x" * 100])


@pytest.mark.usefixtures("night")
def test_everything_is_validated_with_names_that_nobody_has() -> None:
    put(("workflow", "night/bad"), broken())
    put(("workflow", "night/dangling"), locked("nobody"))
    put(("schedule", "night/plan"), json.dumps({
        "workflowName": "gone",
        "calendars": [{"calendarName": "never", "periods": [{"singleStart": "06:00"}]}],
    }))  # fmt: skip
    done = validate(present_items())
    told = {(p.path, p.problem.code, p.problem.severity.value) for p in done.problems}
    assert done.objects == 5
    assert not done.valid
    assert ("night/dangling", "reference-dangling", "warning") in told
    assert ("night/plan", "reference-dangling", "warning") in told
    assert ("night/plan", "calendar-unknown", "error") in told
    assert any(path == "night/bad" and level == "error" for path, _, level in told)
    assert not [path for path, _, _ in told if path in ("night/load", TAPE[1])]
    assert validate(present_items().filter(path="night/load")).valid


def test_a_version_becomes_the_draft_again() -> None:
    put(LOAD, workflow("echo one"))
    deploy([LOAD], account="ann")
    put(LOAD, workflow("echo two"))
    change = roll_back(*LOAD, Version.objects.get(), account="bob")
    assert change.verb == "roll-back"
    assert Item.objects.get().source == workflow("echo one")
    assert not roll_back(*LOAD, Version.objects.get(), account="bob").changed
