"""The page of a job template tells which jobs are behind it, and updates them."""

from typing import Any

import pytest
from django.test import Client

from cockpit.models import AuditEntry
from inventory import edit, presence
from inventory.models import Deployment, Item
from tests.component.inventory.test_templating import FLOW, TEMPLATE
from tests.component.pages.reading import text_of

AT = "/inventory/jobtemplate/shared/hello/"
HERE = f"{AT}-/jobs/"


@pytest.fixture
def night(owner: Client) -> Client:
    edit.put_draft("jobtemplate", "shared/hello", TEMPLATE, account="ada")
    for path in ("night/one", "night/two"):
        edit.put_draft("workflow", path, FLOW, account="ada")
    return owner


def source(path: str) -> str:
    return Item.objects.get(path=path).source


def keep(client: Client, *objects: str, **more: str) -> Any:
    return client.post(HERE, {"objects": objects, "edit_no": "1", "comment": "new host", **more})


def test_the_template_s_pages_say_which_jobs_are_behind(night: Client) -> None:
    for tab in (AT, f"{AT}-/references/"):
        text = text_of(night.get(tab))
        assert "4 jobs are behind: the template has changed since." in text
        assert "night/two: second region" in text
    assert "Jobs made from it" not in text_of(night.get("/inventory/workflow/night/one/"))
    keep(night, "1:night/one", "1:night/two")
    assert "All of them are as the template has them now." in text_of(night.get(AT))


def test_what_would_change_is_shown_then_done_in_one_edit_with_its_audit_row(
    night: Client,
) -> None:
    text = text_of(night.get(HERE))
    assert "4 jobs in 2 drafts are behind the template. Nothing has been changed yet" in text
    assert "echo one" in text
    assert "second gives no value for: region." in text
    done = keep(night, "1:night/one")
    assert (done.status_code, done["Location"]) == (303, f"{AT}-/references/")
    assert "echo one" in source("night/one")
    assert source("night/two") == FLOW
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.objects_named, entry.comment) == (
        "update-jobs", ["night/one"], "new host",
    )  # fmt: skip
    assert not Deployment.objects.exists()


def test_conflicts_are_told_with_the_drafts_as_they_are_now(night: Client) -> None:
    edit.put_draft("workflow", "night/one", f"{FLOW}title: Other\n", account="ben")
    presence.hold(Item.objects.get(path="night/two"), "ben")
    found = keep(night, "1:night/one", "1:night/two")
    text = text_of(found)
    assert found.status_code == 422
    assert "no longer as you have seen it: ben has changed it" in text
    assert "ben edits the workflow" in text
    assert "ben edits this draft now." in text
    assert 'value="2:night/one" checked' in found.content.decode()
    assert source("night/two") == FLOW
    assert not AuditEntry.objects.exists()


def test_nothing_chosen_or_a_template_with_mistakes_is_told(night: Client) -> None:
    assert "Choose at least one draft." in text_of(keep(night))
    edit.put_draft("jobtemplate", "shared/hello", "timeout: soon\n", account="ada")
    found = night.get(HERE)
    assert found.status_code == 422
    assert "The job template has mistakes" in text_of(found)


def test_who_may_not_edit_sees_no_button_and_is_refused(night: Client, colleague: Client) -> None:
    assert "4 jobs are behind" in text_of(colleague.get(AT))
    assert HERE not in colleague.get(AT).content.decode()
    assert colleague.get(HERE).status_code == 403
    assert keep(colleague, "1:night/one").status_code == 403
    assert night.get("/inventory/jobtemplate/nobody/-/jobs/").status_code == 404


def test_a_warning_is_no_fault_in_the_diagram_and_the_outline(night: Client) -> None:
    here = "/inventory/workflow/night/one/"
    faces = night.get(here).content.decode()
    assert "mark-caution" in faces
    assert "mark-fault" not in faces
    edit.put_draft("workflow", "night/one", FLOW.replace("agentName", "agent"), account="ada")
    faces = night.get(here).content.decode()
    assert "mark-fault" in faces


def test_the_panel_of_a_job_says_that_it_is_behind(night: Client) -> None:
    panel = night.get("/inventory/workflow/night/one/-/look/?at=0").json()["panel"]
    assert "The job template &quot;hello&quot; has changed since the job was made" in panel
    keep(night, "1:night/one")
    panel = night.get("/inventory/workflow/night/one/-/look/?at=0").json()["panel"]
    assert 'data-words="job-template" hidden' in panel
