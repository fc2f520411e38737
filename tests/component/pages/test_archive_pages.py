"""Archives and Git folders from pages: seen before, agreed to, done once."""

import io
import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cockpit.models import AuditEntry
from inventory.archives.format import ArchiveFormat
from inventory.archives.packing import packed
from inventory.archives.unpacking import Member, unpack
from inventory.edit import put_draft
from inventory.models import Deployment, Item, Repository, UploadedArchive
from tests.component.api.controller_stub import ControllerStub
from tests.component.inventory.documents import broken
from tests.component.inventory.git_site import Colleague
from tests.js7_archive import documents, js7_archive

pytestmark = pytest.mark.django_db
ONE, TWO = '{"limit": 1}', '{"limit": 2}'
IMPORT, GIT = "/inventory/-/import/", "/inventory/-/git/folder/"


def uploaded(client: Client, archive: bytes, **fields: str) -> str:
    file = SimpleUploadedFile("objects.zip", archive, "application/zip")
    response = client.post(IMPORT, {"file": file, **fields})
    assert response.status_code in (200, 422), response.content
    return response.content.decode()


def hidden(page: str) -> dict[str, str]:
    """Return what the form that agrees would send."""
    form = page.rsplit("<form", 1)[1]
    names = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return dict(names) | {"keep": "1", "comment": "as agreed"}


def test_an_archive_is_seen_before_it_is_taken(owner: Client) -> None:
    put_draft("lock", "payroll/resources/payrollFiles", ONE, account="ann")
    page = uploaded(owner, js7_archive(), overwrite="1")
    assert "monthEnd" in page
    assert "Nothing has been kept yet" in page
    assert Item.objects.count() == 1

    response = owner.post(IMPORT, hidden(page))

    assert response.status_code == 303
    assert Item.objects.count() == len(documents()) - 1
    assert not UploadedArchive.objects.exists()
    assert {entry.comment for entry in AuditEntry.objects.all()} == {"as agreed"}


def test_what_has_changed_since_it_was_seen_is_seen_again(owner: Client) -> None:
    put_draft("lock", "one", ONE, account="ann")
    archive = packed([Member("one.lock.json", TWO.encode())], ArchiveFormat.ZIP)
    page = uploaded(owner, archive, overwrite="1")
    put_draft("lock", "one", '{"limit": 9}', account="bob")
    response = owner.post(IMPORT, hidden(page))
    assert "changed since the preview" in response.content.decode()
    assert Item.objects.get().source == '{"limit": 9}'


def test_problems_are_shown_and_nothing_can_be_agreed_to(owner: Client) -> None:
    members = [Member("bad.workflow.json", broken().encode()), Member("x.txt", b"")]
    page = uploaded(owner, packed(members, ArchiveFormat.ZIP))
    assert "This is no object&#x27;s file" in page
    assert 'name="keep"' not in page
    assert "This is no archive" in uploaded(owner, b"nothing")


def test_an_archive_of_somebody_else_cannot_be_taken(owner: Client) -> None:
    page = uploaded(owner, js7_archive())
    UploadedArchive.objects.update(account="somebody")
    owner.post(IMPORT, hidden(page))
    assert not Item.objects.exists()


def test_who_may_not_edit_can_neither_upload_nor_bind(colleague: Client) -> None:
    file = SimpleUploadedFile("a.zip", js7_archive())
    assert colleague.post(IMPORT, {"file": file}).status_code == 403
    assert colleague.get(IMPORT).status_code == 403
    fields = {"folder": "team", "address": "https://git.example.com/x"}
    assert colleague.post("/inventory/-/git/", fields).status_code == 403
    assert not UploadedArchive.objects.exists()
    assert not Repository.objects.exists()


def test_chosen_objects_are_downloaded(owner: Client) -> None:
    put_draft("lock", "a/one", ONE, account="ann")
    put_draft("lock", "a/two", TWO, account="ann")
    page = owner.get("/inventory/-/export/?objects=lock:a/one").content.decode()
    assert "1 chosen object," in page
    response = owner.post("/inventory/-/export/", {"objects": "lock:a/one", "format": "tar.gz"})
    assert response["Content-Type"] == "application/gzip"
    archive = b"".join(response.streaming_content)  # type: ignore[attr-defined]  # a file
    found = unpack(io.BytesIO(archive)).members
    assert [m.name for m in found] == ["a/one.lock.json", "meta_inf"]


def test_only_who_deploys_may_sign(colleague: Client) -> None:
    put_draft("lock", "one", ONE, account="ann")
    refused = colleague.post("/inventory/-/export/", {"signatures": "sign"})
    assert refused.status_code == 403
    given = colleague.post("/inventory/-/export/", {})
    assert b"".join(given.streaming_content)  # type: ignore[attr-defined]  # a file


@pytest.fixture
def carl(tmp_path: Path, settings: LazySettings) -> Colleague:
    """A colleague with a repository that this site may reach."""
    settings.STELLWERK_GIT_FOLDERS = [str(tmp_path)]
    return Colleague(tmp_path)


def test_a_folder_is_bound_pulled_chosen_for_deployed_and_pushed(
    owner: Client, carl: Colleague, controller: ControllerStub
) -> None:
    carl.commit({"a.lock.json": ONE, "b.lock.json": ONE})
    owner.post("/inventory/-/git/", {"folder": "team", "address": str(carl.origin)})
    page = owner.get(GIT, {"folder": "team"}).content.decode()
    assert "changed there" in page
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    assert owner.post(GIT, {"folder": "team", "act": "pull", "seen": seen[1]}).status_code == 303
    carl.commit({"a.lock.json": TWO})
    put_draft("lock", "team/a", '{"limit": 3}', account="ann")
    put_draft("lock", "team/b", TWO, account="ann")
    stale = owner.post(GIT, {"folder": "team", "act": "pull", "seen": seen[1]})
    assert "The branch has moved on" in stale.content.decode()
    both = owner.post(GIT, {"folder": "team", "act": "pull"}).content.decode()
    assert "choose one of the two" in both
    owner.post(GIT, {"folder": "team", "act": "pull", "side:lock:team/a": "theirs"})
    assert Item.objects.get(path="team/a").source == TWO
    owner.post(GIT, {"folder": "team", "act": "push", "message": "ours"})
    carl.pull()
    assert (carl.copy / "b.lock.json").read_text() == TWO
    owner.post(GIT, {"folder": "team", "act": "deploy"})
    assert Deployment.objects.get().commit == carl.git("rev-parse", "HEAD")
    assert "The same" not in owner.get("/inventory/-/git/").content.decode()


def test_a_repository_that_is_not_allowed_is_told(owner: Client) -> None:
    for address in ("ext::id", "https://a:b@c.example.com/x", "/etc"):
        response = owner.post("/inventory/-/git/", {"folder": "team", "address": address})
        assert response.status_code == 422
        assert not Repository.objects.exists()
    assert "no repository" in owner.get(GIT, {"folder": "team"}).content.decode()
