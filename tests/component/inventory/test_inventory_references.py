"""Who uses whom as rows, and renaming with what they say."""

import json
import random
from typing import Any

import pytest

from inventory.deployed import Ref
from inventory.edit import put_draft, restore, trash
from inventory.errors import NameTaken, StillDeployed
from inventory.models import Item, Reference
from inventory.queries import present_items
from inventory.references.named import names_in
from inventory.references.rows import rebuild_references
from inventory.references.users import dangling, outside_users, users_of, uses_of
from inventory.renaming import (
    move_folder_everywhere,
    preview_rename,
    rename_everywhere,
)
from tests.component.inventory.documents import workflow

pytestmark = pytest.mark.django_db

TAPE = ("lock", "resources/tape")


def locked(*locks: str, **more: Any) -> str:
    demands = [{"lockName": name} for name in locks]
    instruction = {"TYPE": "Lock", "demands": demands, "lockedWorkflow": {"instructions": []}}
    return json.dumps({"instructions": [instruction], **more})


def put(ref: Ref, source: str) -> None:
    put_draft(*ref, source, account="ann")


def item(ref: Ref) -> Item:
    return Item.objects.get(kind=ref[0], path=ref[1], trashed_at__isnull=True)


def users(ref: Ref) -> list[str | None]:
    return [use.path for use in users_of(*ref, present_items())]


def kept() -> set[tuple[str, str, str, str]]:
    rows = Reference.objects.values_list("item__path", "type", "name", "role")
    return set(rows)


def computed() -> set[tuple[str, str, str, str]]:
    return {
        (each.path, named.type, named.name, named.role)
        for each in Item.objects.all()
        for named in names_in(each.kind, each.source)
    }


def test_both_directions_are_told_with_paths() -> None:
    put(TAPE, '{"limit": 1}')
    put(("workflow", "night/load"), locked("tape", "disk"))

    assert users(TAPE) == ["night/load"]
    uses = uses_of(item(("workflow", "night/load")), present_items())
    assert [(use.type, use.name, use.path, use.positions) for use in uses] == [
        ("lock", "tape", "resources/tape", ("0",)),
        ("lock", "disk", None, ("0",)),
    ]
    assert [row.name for row in dangling(present_items())] == ["disk"]


def test_what_is_in_the_trash_uses_nothing_and_can_come_back() -> None:
    put(TAPE, '{"limit": 1}')
    put(("workflow", "night/load"), locked("tape"))
    trash("workflow", "night/load", account="ann")
    assert users(TAPE) == []
    trash(*TAPE, account="ann")
    restore("workflow", "night/load", account="ann")
    assert [row.name for row in dangling(present_items())] == ["tape"]
    restore(*TAPE, account="ann")
    assert users(TAPE) == ["night/load"]


def test_rows_are_what_the_texts_say_after_any_edits() -> None:
    chance = random.Random(7)  # noqa: S311  # no secret
    paths = [f"night/flow-{n}" for n in range(6)]
    for _ in range(40):
        source = locked(*chance.sample(["tape", "disk", "net"], chance.randint(0, 3)))
        put(("workflow", chance.choice(paths)), chance.choice([source, source, "broken: ["]))
    assert kept() == computed()
    Reference.objects.all().delete()
    assert kept() != computed()
    assert rebuild_references() == Item.objects.count()
    assert kept() == computed()


def test_renaming_writes_the_new_name_into_every_draft_that_has_the_old_one() -> None:
    put(TAPE, '{"limit": 1}')
    yaml = "# why\ninstructions:\n  - TYPE: Lock\n    demands: [{lockName: tape}] # one\n" \
           "    lockedWorkflow: {instructions: []}\n"  # fmt: skip
    put(("workflow", "night/load"), yaml)
    put(("workflow", "night/other"), locked("disk"))
    assert [edit.path for edit in preview_rename(*TAPE, "resources/drum").edits] == ["night/load"]

    changes = rename_everywhere(*TAPE, "resources/drum", account="bob")

    assert [(c.verb, c.kind, c.path) for c in changes] == [
        ("rename", *TAPE),
        ("edit", "workflow", "night/load"),
    ]
    assert item(("workflow", "night/load")).source == yaml.replace("tape", "drum")
    assert users(("lock", "resources/drum")) == ["night/load"]
    assert not dangling(present_items()).filter(name="tape").exists()


def test_renaming_and_back_gives_equal_drafts() -> None:
    put(TAPE, '{"limit": 1}')
    put(("workflow", "night/load"), locked("tape", title="t"))
    put(("workflow", "night/self"), workflow(title="x"))
    before = set(Item.objects.values_list("kind", "path", "source", "digest"))
    rename_everywhere(*TAPE, "b/drum", account="bob")
    rename_everywhere("lock", "b/drum", "resources/tape", account="bob")
    assert set(Item.objects.values_list("kind", "path", "source", "digest")) == before


def test_a_workflow_that_adds_orders_to_itself_follows_its_own_name() -> None:
    add = json.dumps({"instructions": [{"TYPE": "AddOrder", "workflowName": "loop"}]})
    put(("workflow", "loop"), add)
    changes = rename_everywhere("workflow", "loop", "ring", account="bob")
    assert len(changes) == 1
    assert users_of("workflow", "ring", present_items()) == []
    assert '"ring"' in item(("workflow", "ring")).source


def test_a_refused_renaming_changes_no_draft() -> None:
    put(TAPE, '{"limit": 1}')
    put(("lock", "other/drum"), '{"limit": 1}')
    put(("workflow", "night/load"), locked("tape"))
    with pytest.raises(NameTaken):
        rename_everywhere(*TAPE, "resources/drum", account="bob")
    assert item(("workflow", "night/load")).source == locked("tape")
    assert item(TAPE).edit_no == 1


def test_a_preview_writes_nothing() -> None:
    put(TAPE, '{"limit": 1}')
    put(("workflow", "night/load"), locked("tape"))
    found = preview_rename(*TAPE, "resources/drum")
    assert '-{"instructions": [{"TYPE": "Lock", "demands": [{"lockName": "tape"}]' in (
        found.edits[0].diff
    )
    assert item(("workflow", "night/load")).edit_no == 1


def test_a_moved_folder_keeps_the_names_in_drafts() -> None:
    put(TAPE, '{"limit": 1}')
    put(("workflow", "night/load"), locked("tape"))
    changes = move_folder_everywhere("resources", "shared/locks", account="bob")
    assert [c.kind for c in changes] == ["folder"]
    assert users(("lock", "shared/locks/tape")) == ["night/load"]
    assert outside_users([("lock", "shared/locks/tape")], present_items()) == [
        (("workflow", "night/load"), ("lock", "shared/locks/tape"))
    ]


def test_what_is_deployed_is_not_renamed_by_itself() -> None:
    from inventory.deploy import deploy

    put(TAPE, '{"limit": 1}')
    deploy([TAPE], account="ann")
    with pytest.raises(StillDeployed):
        rename_everywhere(*TAPE, "resources/drum", account="bob")
