"""Archives over the API: a file out, a file in, all problems by file."""

import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from inventory.archives.unpacking import unpack
from inventory.edit import put_draft
from inventory.models import Item
from tests.component.api.client import Api
from tests.js7_archive import documents, js7_archive

pytestmark = pytest.mark.django_db
HERE = "/api/v1/inventory/-"


def ask(who: Api, address: str, body: Any, **more: Any) -> Any:
    client = Client(raise_request_exception=False, headers={"Authorization": f"Token {who.token}"})
    return client.post(f"{HERE}/{address}", body, **more)


def test_an_archive_goes_in_and_out_again(administrator: Api) -> None:
    reply = ask(
        administrator, "import/?dry_run=true", js7_archive(), content_type="application/zip"
    )
    seen = json.loads(reply.content)
    assert (reply.status_code, seen["possible"]) == (200, True)
    assert not Item.objects.exists()
    address = f"import/?seen={seen['seal']}"
    reply = ask(administrator, address, js7_archive(), content_type="application/zip")
    assert reply.status_code == 200, reply.content
    body = {"folder": "payroll", "format": "tar.gz"}
    reply = ask(administrator, "export/", body, content_type="application/json")
    archive = b"".join(reply.streaming_content)
    found = {m.name: m.content for m in unpack(io.BytesIO(archive)).members}
    assert {n: c for n, c in found.items() if n != "meta_inf"} == {
        n: c for n, c in documents().items() if n != "meta_inf"
    }


def test_a_form_may_bring_the_archive_and_the_options(administrator: Api) -> None:
    file = SimpleUploadedFile("a.zip", js7_archive())
    reply = ask(administrator, "import/", {"file": file, "target_folder": "x", "suffix": "2"})
    assert reply.status_code == 200, reply.content
    assert Item.objects.filter(path="x/payroll/payroll2").exists()
    assert ask(administrator, "import/", {"target_folder": "x"}).status_code == 422


def test_problems_are_told_by_file_and_nothing_is_kept(administrator: Api) -> None:
    archive = js7_archive({"x.txt": b"?", "bad.lock.json": b"{"})
    reply = ask(administrator, "import/", archive, content_type="application/zip")
    told = json.loads(reply.content)
    assert (reply.status_code, told["code"]) == (422, "archive-refused")
    assert {p["field"].split(":")[0] for p in told["problems"]} == {
        "file x.txt",
        "file bad.lock.json",
    }
    assert not Item.objects.exists()


def test_the_same_key_imports_once(administrator: Api) -> None:
    headers = {"Authorization": f"Token {administrator.token}", "Idempotency-Key": "k"}
    client = Client(headers=headers)
    address = f"{HERE}/import/"
    first = client.post(address, js7_archive(), content_type="application/zip")
    Item.objects.all().delete()
    second = client.post(address, js7_archive(), content_type="application/zip")
    assert (first.content, Item.objects.count()) == (second.content, 0)


def test_who_may_only_look_exports_and_does_not_import(viewer: Api) -> None:
    put_draft("lock", "one", '{"limit": 1}', account="ann")
    reply = ask(viewer, "export/", {"folder": ""}, content_type="application/json")
    assert b"".join(reply.streaming_content).startswith(b"PK")
    assert viewer.post("/inventory/-/export/", {"folder": "", "sign": True}).status == 403
    reply = ask(viewer, "import/", js7_archive(), content_type="application/zip")
    assert reply.status_code == 403


def test_what_cannot_be_exported_is_told(administrator: Api) -> None:
    body = {"objects": [{"type": "lock", "path": "none"}]}
    reply = administrator.post("/inventory/-/export/", body)
    assert (reply.status, reply["code"]) == (422, "export-refused")
    assert administrator.post("/inventory/-/export/", {"format": "rar"}).status == 422
    assert administrator.get("/inventory/-/export/", folder="nowhere").status == 422
