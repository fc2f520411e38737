"""Folders, trash, tags, replacing, versions and previews by pages."""

from typing import Any

import pytest
from django.test import Client

from cockpit.models import AuditEntry
from inventory import edit
from inventory.deploy import deploy
from inventory.models import Deployment, Folder, Item, Version
from tests.component.inventory.controller_stub import take_over
from tests.component.pages.reading import HTMX, text_of
from tests.component.pages.scene import Scene

TAPE = "lock:resources/tape"
FLOW = """\
# why it waits
instructions:
  - {TYPE: Lock, demands: [{lockName: tape}], lockedWorkflow: {instructions: []}}
"""


@pytest.fixture
def night(owner: Client, scene: Scene) -> Client:
    """Somebody who may, with a lock and a workflow that uses it."""
    edit.put_draft("lock", "resources/tape", "limit: 1\n", account="ada")
    edit.put_draft("workflow", "night/load", FLOW, account="ada")
    return owner


def source(path: str) -> str:
    return Item.objects.get(path=path, trashed_at__isnull=True).source


def test_a_renaming_shows_the_difference_before_it_is_done(night: Client) -> None:
    here = "/inventory/lock/resources/tape/-/rename/"
    seen = night.get(here, {"to": "resources/drum"}, headers=HTMX)
    text = text_of(seen)
    assert "1 draft that names what is renamed changes with it" in text
    assert "lockName: drum" in text
    assert "lockName: tape" in source("night/load")

    assert night.post(here, {"to": "resources/drum"}).status_code == 303
    assert source("night/load") == FLOW.replace("tape", "drum")
    entries = AuditEntry.objects.values_list("verb", "objects_named")
    assert list(entries.order_by("pk")) == [
        ("rename", ["resources/tape", "resources/drum"]),
        ("edit", ["night/load"]),
    ]


def test_a_refused_renaming_says_why(night: Client) -> None:
    here = "/inventory/lock/resources/tape/-/rename/"
    edit.put_draft("lock", "other/drum", "limit: 1\n", account="ada")
    refused = night.post(here, {"to": "x/drum"}, headers=HTMX)
    assert refused.status_code == 422
    assert "already: other/drum" in text_of(refused)


def test_a_folder_is_made_copied_moved_and_put_away(night: Client) -> None:
    assert night.post("/inventory/-/folder/make/", {"to": "empty/inside"}).status_code == 303
    assert Folder.objects.filter(path="empty/inside").exists()
    copy = {"folder": "night", "to": "day", "suffix": "-2"}
    assert "night/load" in text_of(night.get("/inventory/-/folder/copy/", copy))
    assert night.post("/inventory/-/folder/copy/", copy).status_code == 303
    move = {"folder": "day", "to": "later"}
    assert night.post("/inventory/-/folder/move/", move).status_code == 303
    assert Item.objects.filter(path="later/load-2").exists()
    gone = night.post("/inventory/-/folder/trash/", {"folder": "later"})
    assert gone["Location"] == "/inventory/"
    assert night.get("/inventory/-/folder/move/").status_code == 404


def test_the_selected_are_tagged_and_found_by_tag(night: Client) -> None:
    chosen = {"objects": [TAPE, "workflow:night/load"], "add": "eu, money", "next": "/inventory/"}
    assert night.post("/inventory/-/many/tag/", chosen).status_code == 303
    listed = text_of(night.get("/inventory/", {"tag": "money"}))
    assert "resources/tape" in listed
    assert "night/load" in listed
    night.post("/inventory/-/many/tag/", {"objects": [TAPE], "remove": "money"})
    assert "resources/tape" not in text_of(night.get("/inventory/", {"tag": "money"}))


def test_the_trash_warns_of_users_and_gives_back(night: Client) -> None:
    dialog = text_of(night.get("/inventory/-/many/trash/", {"objects": TAPE}))
    assert "night/load" in dialog
    assert night.post("/inventory/-/many/trash/", {"objects": [TAPE]}).status_code == 303
    assert "resources/tape" in text_of(night.get("/inventory/-/trash/"))
    back = night.post("/inventory/-/trash/", {"objects": [TAPE], "act": "restore"})
    assert back.status_code == 303
    assert source("resources/tape") == "limit: 1\n"
    night.post("/inventory/-/many/trash/", {"objects": [TAPE]})
    night.post("/inventory/-/trash/", {"objects": [TAPE], "act": "delete"})
    assert not Item.objects.filter(path="resources/tape").exists()
    again = night.post("/inventory/-/trash/", {"objects": [TAPE], "act": "restore"})
    assert again.status_code == 422


def test_a_text_is_found_with_its_line(night: Client) -> None:
    found = text_of(night.get("/inventory/", {"q": "lockname", "within": "text"}))
    assert "3: - {TYPE: Lock, demands: [{lockName: tape}]" in found
    assert "No object matches" in text_of(night.get("/inventory/", {"q": "lockname"}))


def test_replacing_is_seen_and_then_kept_in_what_is_chosen(night: Client) -> None:
    asked = {"text": "tape", "replacement": "drum"}
    assert "1 place in 1 draft" in text_of(night.get("/inventory/-/replace/", asked))
    assert "tape" in source("night/load")
    keep = {**asked, "keep": "1", "objects": ["1:workflow:night/load"]}
    assert night.post("/inventory/-/replace/", keep).status_code == 303
    assert source("night/load") == FLOW.replace("tape", "drum")
    assert night.post("/inventory/-/replace/", keep).status_code == 422
    bad = night.get("/inventory/-/replace/", {"text": "(", "regex": "on"})
    assert "This is no regular expression" in text_of(bad)


def test_problems_name_what_is_not_there(night: Client) -> None:
    edit.trash("lock", "resources/tape", account="ada")
    text = text_of(night.get("/inventory/-/problems/", {"folder": "night"}))
    assert 'There is no lock "tape".' in text


def test_an_earlier_version_becomes_the_draft_again(night: Client) -> None:
    take_over(deploy([("lock", "resources/tape")], account="ada").command)
    edit.put_draft("lock", "resources/tape", "limit: 2\n", account="ada")
    here = "/inventory/lock/resources/tape/-/versions/"
    version = Version.objects.get(path="resources/tape").version
    assert version[:12] in text_of(night.get(here))
    assert night.post(here, {"version": version}).status_code == 303
    assert source("resources/tape") == "limit: 1\n"
    assert AuditEntry.objects.get().verb == "roll-back"
    assert night.post(here, {"version": "none"}).status_code == 404


def test_a_deployment_shows_what_it_does_and_takes_in_what_is_needed(night: Client) -> None:
    asked: dict[str, Any] = {"look": "deploy", "objects": ["workflow:night/load"]}
    seen = text_of(night.get("/deployments/-/new/", asked))
    assert "because others need it" in seen
    assert not Deployment.objects.exists()
    alone = text_of(night.get("/deployments/-/new/", {**asked, "seen": "1"}))
    assert "Not in it, but needed" in alone

    done = night.post(
        "/deployments/-/new/",
        {**asked, "act": "deploy", "seen": "1", "with_dependencies": "on",
         "update_plan_from": "2026-12-01", "include_late": "on"},
    )  # fmt: skip
    assert done.status_code == 303
    made = Deployment.objects.get()
    assert {o.path for o in made.objects_of.all()} == {"night/load", "resources/tape"}
    assert (str(made.update_plan_from), made.include_late) == ("2026-12-01", True)


def test_a_deployed_resource_is_renamed_with_its_deployment(night: Client) -> None:
    edit.put_draft("jobresource", "resources/db", "arguments: {a: '1'}\n", account="ada")
    take_over(deploy([("jobresource", "resources/db")], account="ada").command)
    here = "/inventory/jobresource/resources/db/-/rename/"
    assert "the old path is revoked in one step" in text_of(night.get(here))
    done = night.post(here, {"to": "resources/dwh"})
    assert done["Location"].startswith("/deployments/")
    made = Deployment.objects.latest("pk")
    assert {(o.path, bool(o.version)) for o in made.objects_of.all()} == {
        ("resources/dwh", True),
        ("resources/db", False),
    }
