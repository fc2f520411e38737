"""Locks, boards, job resources, include scripts and job templates in the inventory."""

from collections.abc import Sequence

import pytest
from django.test import Client

from cockpit.pages.kind_words import WORDS
from inventory import edit
from inventory.kinds import KINDS
from inventory.models import Deployment, Item
from tests.component.inventory.controller_stub import take_over
from tests.component.pages.reading import text_of
from tests.component.pages.scene import Scene

OTHERS = sorted(KINDS.keys() - {"workflow"})
NEEDED = {
    "fileordersource": [("workflow", "new/load")],
    "schedule": [("calendar", "new/weekdays")],
}
LOCKED = """\
instructions:
  - TYPE: Lock
    demands: [{lockName: tape}]
    lockedWorkflow: {instructions: [{TYPE: Prompt, question: "'x'"}]}
"""


def test_every_kind_has_words_and_a_first_text_that_is_good(owner: Client, scene: Scene) -> None:
    assert WORDS.keys() == KINDS.keys()
    for kind in OTHERS:
        given = {"path": f"new/{kind}", "source": WORDS[kind].starter, "ticket": "T-1"}
        response = owner.post(f"/inventory/{kind}/-/new/", given)
        assert response["Location"] == f"/inventory/{kind}/new/{kind}/", kind
        assert Item.objects.get(kind=kind).valid, kind


def put_into_force(owner: Client, needed: Sequence[tuple[str, str]]) -> None:
    for kind, path in needed:
        edit.put_draft(kind, path, WORDS[kind].starter, account="ada")
    objects = [f"{kind}:{path}" for kind, path in needed]
    if objects:
        done = owner.post("/deployments/-/new/", {"objects": objects})
        assert done.status_code == 303, text_of(done)
        take_over(Deployment.objects.latest("pk").command)


@pytest.mark.parametrize("kind", OTHERS)
def test_a_kind_is_offered_filtered_edited_and_put_into_force(
    owner: Client, scene: Scene, kind: str
) -> None:
    path = f"new/{kind}"
    assert f"/inventory/{kind}/-/new/" in owner.get("/inventory/").content.decode()
    edit.put_draft(kind, path, WORDS[kind].starter, account="ada")
    here = f"/inventory/{kind}/{path}/"
    assert WORDS[kind].title in text_of(owner.get(here))
    listed = owner.get("/inventory/", {"folder": "new", "kind": kind})
    assert f'href="{here}"' in listed.content.decode()
    other = next(each for each in OTHERS if each != kind)
    none = owner.get("/inventory/", {"folder": "new", "kind": other})
    assert "No object matches" in text_of(none)
    put_into_force(owner, NEEDED.get(kind, ()))
    changed = WORDS[kind].starter.replace("title: ", "title: Now ")
    done = owner.post(here, {"source": changed, "edit_no": "1", "deploy": "1"})
    assert done.status_code == 303, text_of(done)
    text = text_of(owner.get(here))
    assert WORDS[kind].done in text


@pytest.mark.parametrize("kind", OTHERS)
def test_problems_are_told_while_one_types(owner: Client, scene: Scene, kind: str) -> None:
    broken = WORDS[kind].starter + "nonsense: 1\n"
    findings = owner.post(f"/inventory/{kind}/new/-/check/", {"source": broken})
    assert "nonsense" in text_of(findings)
    good = owner.post(f"/inventory/{kind}/new/-/check/", {"source": WORDS[kind].starter})
    assert "None found." in text_of(good)


def test_an_object_shows_who_uses_it_and_what_it_uses(owner: Client, scene: Scene) -> None:
    edit.put_draft("lock", "demo/tape", "limit: 1\n", account="ada")
    edit.put_draft("workflow", "demo/locked", LOCKED, account="ada")
    lock = owner.get("/inventory/lock/demo/tape/").content.decode()
    assert 'href="/inventory/workflow/demo/locked/"' in lock
    assert "at 0" in lock
    workflow = owner.get("/inventory/workflow/demo/locked/").content.decode()
    assert 'href="/inventory/lock/demo/tape/"' in workflow


def test_who_may_only_look_can_make_nothing(colleague: Client, scene: Scene) -> None:
    for kind in OTHERS:
        given = {"path": f"new/{kind}", "source": WORDS[kind].starter}
        assert colleague.post(f"/inventory/{kind}/-/new/", given).status_code == 403
    assert not Item.objects.exclude(kind="workflow").exists()
