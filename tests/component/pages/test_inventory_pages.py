"""Writing drafts and deploying them."""

from typing import Any

import pytest
from django.test import Client

from cockpit.models import AuditEntry
from inventory.models import Deployment, Item
from tests.component.pages.reading import text_of
from tests.component.pages.scene import PATH, SOURCE, Scene

EDITOR = f"/inventory/workflow/{PATH}/"
BROKEN = SOURCE.replace("jobName: work", "jobName: gone")


def save(owner: Client, source: str, **more: Any) -> Any:
    return owner.post(EDITOR, {"source": source, "edit_no": "1", "comment": "better", **more})


def test_a_draft_is_kept_with_its_audit_row(owner: Client, scene: Scene) -> None:
    assert save(owner, SOURCE.replace("A report", "Another")).status_code == 303
    assert scene.item.title == "Another"
    entry = AuditEntry.objects.get(verb="edit")
    assert (entry.kind, entry.objects_named, entry.comment) == ("workflow", [PATH], "better")


def test_line_ends_of_forms_do_not_change_the_text(owner: Client, scene: Scene) -> None:
    save(owner, SOURCE.replace("\n", "\r\n"))
    assert scene.item.edit_no == 1
    assert not AuditEntry.objects.exists()


def test_a_broken_draft_is_kept_and_shown_with_places(owner: Client, scene: Scene) -> None:
    assert save(owner, BROKEN).status_code == 303
    text = text_of(owner.get(EDITOR))
    assert "instructions[0].jobName" in text
    assert "invalid" in text


def test_a_broken_draft_is_not_deployed(owner: Client, scene: Scene) -> None:
    response = save(owner, BROKEN, deploy="1")
    assert response.status_code == 422
    assert "instructions[0].jobName" in text_of(response)
    assert not Deployment.objects.exists()


def test_a_draft_that_somebody_else_changed_is_not_overwritten(owner: Client, scene: Scene) -> None:
    save(owner, SOURCE.replace("A report", "First"))
    response = save(owner, SOURCE.replace("A report", "Second"))
    assert response.status_code == 409
    assert "no longer as you have seen it" in text_of(response)
    assert "title: Second" in response.content.decode()
    assert scene.item.title == "First"


def test_saving_and_deploying_asks_the_controller(owner: Client, scene: Scene) -> None:
    response = save(owner, SOURCE.replace("A report", "Deployed"), deploy="1")
    assert response.status_code == 303
    made = Deployment.objects.get()
    assert made.state == "done"
    assert AuditEntry.objects.get(verb="deploy").command == made.command
    tab = owner.get(f"/workflows/{PATH}/-/audit/")
    assert "deployment" in text_of(tab)


def test_checking_while_typing_keeps_nothing(owner: Client, scene: Scene) -> None:
    response = owner.post(f"{EDITOR}-/check/", {"source": BROKEN})
    assert "instructions[0].jobName" in text_of(response)
    good = owner.post(f"{EDITOR}-/check/", {"source": SOURCE})
    assert "None found." in text_of(good)
    assert "<svg" in good.content.decode()
    nul = owner.post(f"{EDITOR}-/check/", {"source": "a\0b"})
    assert "NUL character at line 1" in text_of(nul)
    assert scene.item.edit_no == 1


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("", "empty"),
        ("/demo/x", "slash"),
        ("demo/a b", "is no name"),
        (f"other/{PATH.rpartition('/')[2]}", "Names are unique"),
        ("demo/" + "x" * 300, "characters"),
    ],
)
def test_a_path_that_cannot_be_is_refused_with_the_text_kept(
    owner: Client, scene: Scene, path: str, sentence: str
) -> None:
    given = {"path": path, "source": "title: mine"}
    response = owner.post("/inventory/workflow/-/new/", given)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert "title: mine" in response.content.decode()
    assert Item.objects.count() == 1


def test_a_new_draft_begins_with_an_example_that_is_valid(owner: Client, scene: Scene) -> None:
    page = owner.get("/inventory/workflow/-/new/?folder=demo")
    given = {"path": "demo/hello", "source": page.context["source"]}
    assert owner.post("/inventory/workflow/-/new/", given).status_code == 303
    assert Item.objects.get(path="demo/hello").valid


def test_renaming_and_trashing(owner: Client, scene: Scene) -> None:
    from controller.models import DeployedItem

    refused = owner.post(f"{EDITOR}-/trash/")
    assert refused.status_code == 422
    assert "is deployed: revoke it first" in text_of(refused)
    DeployedItem.objects.all().delete()
    moved = owner.post(f"{EDITOR}-/rename/", {"to": "demo/other"})
    assert moved["Location"] == "/inventory/workflow/demo/other/"
    assert owner.post("/inventory/workflow/demo/other/-/trash/").status_code == 303
    assert "in the trash" in text_of(owner.get("/inventory/workflow/demo/other/"))
    assert list(AuditEntry.objects.values_list("verb", flat=True)) == ["trash", "rename"]


def test_a_deployment_of_several_is_all_or_nothing(owner: Client, scene: Scene) -> None:
    owner.post("/inventory/workflow/-/new/", {"path": "demo/bad", "source": "instructions: 7"})
    form = owner.get("/deployments/-/new/")
    assert "demo/bad" in text_of(form)
    given = {"objects": [f"workflow:{PATH}", "workflow:demo/bad"], "act": "deploy"}
    refused = owner.post("/deployments/-/new/", given)
    assert refused.status_code == 422
    assert "workflow demo/bad: instructions" in text_of(refused)
    assert not Deployment.objects.exists()
    nothing = owner.post("/deployments/-/new/", {"act": "deploy"})
    assert "No object is named" in text_of(nothing)
    done = owner.post("/deployments/-/new/", {"objects": f"workflow:{PATH}", "act": "deploy"})
    assert done.status_code == 303
    assert "deployed" in text_of(owner.get(done["Location"]))


def test_a_deployment_of_a_git_folder_tells_its_commit(owner: Client, scene: Scene) -> None:
    done = owner.post("/deployments/-/new/", {"objects": f"workflow:{PATH}", "act": "deploy"})
    assert "Commit" not in text_of(owner.get(done["Location"]))
    Deployment.objects.update(commit="0123456789abcdef")
    assert "Commit 0123456789abcdef" in text_of(owner.get(done["Location"]))
    assert "01234567 " in text_of(owner.get("/deployments/"))


def test_while_the_controller_is_silent_the_deployment_stays_open(
    owner: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cockpit.api.answers.WAIT_S", 0.01)
    scene.controller.silent = True
    response = save(owner, SOURCE + "# more\n", deploy="1")
    assert "has not answered yet" in text_of(owner.get(response["Location"]))
    scene.controller.carry_out(Deployment.objects.get().command)
    assert "deployed" in text_of(owner.get(response["Location"]))
