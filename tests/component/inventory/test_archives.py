"""Archives into drafts and out again: nothing lost, nothing half done, everything told."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from cockpit.models import AuditEntry
from controller.models import Command
from engine.seal import public_key_text
from inventory.archives.format import ArchiveFormat
from inventory.archives.packing import packed
from inventory.archives.unpacking import Member, unpack
from inventory.edit import put_draft
from inventory.kinds import KINDS
from inventory.models import Deployment, Item
from tests.component.inventory.controller_stub import take_over
from tests.component.inventory.documents import broken, workflow
from tests.js7_archive import documents, js7_archive

pytestmark = pytest.mark.django_db


def run(command: str, *arguments: object) -> tuple[dict[str, Any], int]:
    out = io.StringIO()
    status = 0
    try:
        call_command(command, *map(str, arguments), "--json", stdout=out, stderr=io.StringIO())
    except SystemExit as left:
        status = int(str(left.code))
    return json.loads(out.getvalue()), status


def archive_of(folder: Path, *members: Member | tuple[str, str], name: str = "a.zip") -> Path:
    file = folder / name
    given = [m if isinstance(m, Member) else Member(m[0], m[1].encode()) for m in members]
    file.write_bytes(packed(given, ArchiveFormat.ZIP))
    return file


def files_in(archive: Path) -> dict[str, bytes]:
    with archive.open("rb") as file:
        return {m.name: m.content for m in unpack(file).members if m.name != "meta_inf"}


def stands(told: dict[str, Any]) -> dict[str, str]:
    return {row["path"]: row["stand"] for row in told["objects"]}


def codes(told: dict[str, Any]) -> set[str]:
    return {found["code"] for found in told["problems"]}


def test_an_archive_of_js7_is_taken_deployed_and_written_again_equal(tmp_path: Path) -> None:
    archive = tmp_path / "js7.zip"
    archive.write_bytes(js7_archive())

    told, status = run("import", archive, "--deploy", "--wait", 0)

    assert (told["state"], status, told["problems"]) == ("done", 0, [])
    assert {row["type"] for row in told["objects"]} == set(KINDS)
    assert all(item.valid for item in Item.objects.all()), [i.problems for i in Item.objects.all()]
    take_over(Deployment.objects.get().command)
    given = {name: text for name, text in documents().items() if name != "meta_inf"}
    for options in ([], ["--deployed"]):
        for name in ("back.zip", "back.tar.gz"):
            run("export", tmp_path / name, *options)
            assert files_in(tmp_path / name) == given


def test_the_same_archive_again_changes_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "js7.zip"
    archive.write_bytes(js7_archive())
    run("import", archive)
    before = AuditEntry.objects.count()

    told, _ = run("import", archive, "--overwrite")

    assert set(stands(told).values()) == {"equal"}
    assert AuditEntry.objects.count() == before == len(documents()) - 1


def test_equal_objects_give_equal_archives(tmp_path: Path) -> None:
    archive = tmp_path / "js7.zip"
    archive.write_bytes(js7_archive())
    run("import", archive)
    for name in ("a.tar.gz", "b.tar.gz", "a.zip", "b.zip"):
        run("export", tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()


def test_a_dry_run_tells_what_would_be_and_keeps_nothing(tmp_path: Path) -> None:
    put_draft("workflow", "demo/one", workflow("old"), account="ann")
    archive = archive_of(
        tmp_path,
        ("demo/one.workflow.json", workflow("new")),
        ("demo/two.workflow.json", workflow()),
    )
    told, status = run("import", archive, "--dry-run", "--overwrite")
    assert (told["state"], status) == ("possible", 0)
    assert stands(told) == {"demo/one": "changed", "demo/two": "new"}
    assert Item.objects.get().source == workflow("old")
    told, _ = run("import", archive)
    assert stands(told) == {"demo/one": "kept", "demo/two": "new"}
    assert Item.objects.get(name="one").source == workflow("old")


def test_every_problem_of_every_file_is_told_and_nothing_is_kept(tmp_path: Path) -> None:
    put_draft("workflow", "other/taken", workflow(), account="ann")
    archive = archive_of(
        tmp_path,
        ("demo/good.workflow.json", workflow()),
        ("demo/bad.workflow.json", broken()),
        ("demo/taken.workflow.json", workflow()),
        ("demo/note.txt", "hello"),
        ("demo/daily.report.json", "{}"),
        ("demo/a-space .workflow.json", workflow()),
        Member("demo/latin.lock.json", b'{"title": "gr\xfcn"}'),
        ("../../outside.lock.json", "{}"),
        ("demo/twice.lock.json", '{"limit": 1}'),
        ("demo/twice.lock.yaml", "limit: 1"),
        ("a/same.lock.json", '{"limit": 1}'),
        ("b/same.lock.json", '{"limit": 1}'),
    )
    told, status = run("import", archive)
    assert (told["state"], status) == ("refused", 1)
    assert codes(told) >= {
        "name-taken", "file-unknown", "not-carried-over", "name-unusable", "file-unreadable",
        "name-traversal", "file-twice",
    }  # fmt: skip
    files = [found["file"] for found in told["problems"]]
    assert "demo/bad.workflow.json" in files
    assert "demo/good.workflow.json" not in files
    assert Item.objects.count() == 1
    assert not AuditEntry.objects.exists()


def test_what_js7_has_and_we_do_not_is_passed_over_where_that_is_asked(tmp_path: Path) -> None:
    more = {"payroll/daily.report.json": b"{}", "payroll/mail.xml": b"<a/>", "tags.json": b"{}",
            "payroll/readme.txt": b"?", "payroll/all.deploymentdescriptor.json": b"{}"}  # fmt: skip
    archive = tmp_path / "js7.zip"
    archive.write_bytes(js7_archive(more))
    told, status = run("import", archive)
    assert status == 1
    assert not Item.objects.exists()
    told, status = run("import", archive, "--skip-unknown")
    assert status == 0
    named = {found["file"]: found["severity"] for found in told["problems"]}
    assert named == dict.fromkeys(more, "warning")


def test_documents_with_errors_can_be_taken_as_drafts_to_be_mended(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, ("bad.workflow.json", broken()))
    _, status = run("import", archive)
    assert (status, Item.objects.count()) == (1, 0)
    told, status = run("import", archive, "--take-invalid")
    assert (status, Item.objects.get().valid) == (0, False)
    assert told["problems"][0]["severity"] == "warning"


def test_another_folder_and_other_names_go_through_all_references(tmp_path: Path) -> None:
    archive = tmp_path / "js7.zip"
    archive.write_bytes(js7_archive())
    run("import", archive)
    told, status = run(
        "import", archive, "--folder", "copy", "--prefix", "my", "--suffix", ".2", "--deploy",
        "--wait", 0,
    )  # fmt: skip
    assert (told["problems"], status) == ([], 0)
    source = Item.objects.get(path="copy/payroll/mypayroll.2").source
    for name in ("payrollDb", "payrollFiles", "payrollLog", "payrollDone", "reportJob"):
        assert f"my{name}.2" in source
        assert f'"{name}"' not in source
    schedule = Item.objects.get(path="copy/payroll/mymonthEnd.2").source
    assert '"mypayroll.2"' in schedule
    assert '"mylastWorkdays.2"' in schedule


def test_a_preview_that_no_longer_holds_is_refused() -> None:
    from inventory.archives.contents import contents_of
    from inventory.archives.importing import Options, carry_out_import, preview_import
    from inventory.errors import EditedMeanwhile

    contents = contents_of([Member("one.lock.json", b'{"limit": 2}')])
    options = Options(overwrite=True)
    put_draft("lock", "one", '{"limit": 1}', account="ann")
    seen = preview_import(contents, options).seal
    put_draft("lock", "one", '{"limit": 9}', account="bob")
    with pytest.raises(EditedMeanwhile):
        carry_out_import(contents, options, account="ann", seen=seen)
    assert Item.objects.get().source == '{"limit": 9}'
    seen = preview_import(contents, options).seal
    carry_out_import(contents, options, account="ann", seen=seen)
    assert Item.objects.get().source == '{"limit": 2}'


def test_signed_archives_are_checked_against_the_keys_of_the_settings(
    tmp_path: Path, settings: LazySettings
) -> None:
    put_draft("lock", "one", '{"limit": 1}', account="ann")
    run("export", tmp_path / "signed.zip", "--sign")
    run("export", tmp_path / "plain.zip")
    names = sorted(files_in(tmp_path / "signed.zip"))
    assert names == ["one.lock.json", "one.lock.json.sig"]
    settings.STELLWERK_IMPORT_SIGNATURES = "require"
    assert run("import", tmp_path / "signed.zip")[1] == 0
    told, status = run("import", tmp_path / "plain.zip")
    assert (codes(told), status) == ({"not-signed"}, 1)
    changed = files_in(tmp_path / "signed.zip") | {"one.lock.json": b'{"limit": 5}'}
    forged = archive_of(tmp_path, *(Member(*each) for each in changed.items()), name="f.zip")
    told, status = run("import", forged)
    assert (codes(told), status) == ({"signature-invalid"}, 1)
    settings.STELLWERK_IMPORT_SIGNATURES = "warn"
    told, status = run("import", forged)
    assert (codes(told), status, told["problems"][0]["severity"]) == (
        {"signature-invalid"}, 0, "warning",
    )  # fmt: skip


def test_what_was_signed_elsewhere_is_taken_by_a_key_that_is_trusted(
    tmp_path: Path, settings: LazySettings
) -> None:
    put_draft("lock", "one", "limit: 1\n", account="ann")
    put_draft("jobtemplate", "two", "{}", account="ann")
    run("export", tmp_path / "for.zip", "--for-signing")
    files = files_in(tmp_path / "for.zip")
    assert list(files) == ["one.lock.json"]
    elsewhere = Ed25519PrivateKey.generate()
    content = files["one.lock.json"]
    signature = base64.b64encode(elsewhere.sign(content))
    signed = archive_of(
        tmp_path, Member("one.lock.json", content), Member("one.lock.json.sig", signature)
    )
    told, status = run("import", signed, "--require-signatures", "--overwrite")
    assert (codes(told), status) == ({"signature-invalid"}, 1)
    settings.STELLWERK_IMPORT_SIGNERS = public_key_text(elsewhere.public_key())
    assert run("import", signed, "--require-signatures", "--overwrite")[1] == 0
    assert json.loads(Item.objects.get(kind="lock").source) == {"limit": 1}


def test_a_list_of_signers_that_cannot_be_read_refuses_everything(
    tmp_path: Path, settings: LazySettings
) -> None:
    archive = archive_of(tmp_path, ("one.lock.json", '{"limit": 1}'))
    settings.STELLWERK_IMPORT_SIGNATURES = "require"
    settings.STELLWERK_IMPORT_SIGNERS = "nonsense"
    with pytest.raises(CommandError, match="Entry 1 is no key"):
        call_command("import", str(archive))
    settings.STELLWERK_IMPORT_SIGNATURES = "perhaps"
    with pytest.raises(CommandError, match="must be one of off, warn, require"):
        call_command("import", str(archive))


def test_objects_are_chosen_by_folder_type_name_and_use(tmp_path: Path) -> None:
    archive = tmp_path / "js7.zip"
    archive.write_bytes(js7_archive())
    run("import", archive)
    put_draft("lock", "elsewhere/other", '{"limit": 1}', account="ann")

    def exported(*options: str) -> set[str]:
        told, status = run("export", tmp_path / "out.zip", *options)
        assert status == 0
        return {row["file"] for row in told["objects"]}

    assert exported("--folder", "elsewhere") == {"elsewhere/other.lock.json"}
    assert exported("--folder", "payroll", "--flat", "--type", "schedule") == {
        "payroll/monthEnd.schedule.json"
    }
    assert exported(
        "--folder", "payroll/resources", "--start-folder", "payroll", "--type", "lock"
    ) == {"resources/payrollFiles.lock.json"}
    assert exported("--object", "schedule:payroll/monthEnd") == {"payroll/monthEnd.schedule.json"}
    used = exported("--object", "schedule:payroll/monthEnd", "--with-references")
    assert used == {
        name for name in documents()
        if not any(word in name for word in ("meta_inf", "afterwards", "oadHours", "incoming"))
    }  # fmt: skip


def test_what_is_not_there_or_not_deployed_is_refused_with_all_of_it(tmp_path: Path) -> None:
    put_draft("lock", "one", '{"limit": 1}', account="ann")
    told, status = run(
        "export", tmp_path / "out.zip", "--deployed", "--object", "lock:one", "--object", "lock:two"
    )
    assert status == 1
    assert {found["code"] for found in told["problems"]} == {"not-deployed", "item-unknown"}
    assert not (tmp_path / "out.zip").exists()
    assert not list(tmp_path.iterdir())


def test_wrong_usage_has_status_two(tmp_path: Path) -> None:
    for words in (["export", tmp_path / "out.rar"], ["import", tmp_path / "none.zip"],
                  ["export", tmp_path / "a.zip", "--object", "cat:x"]):  # fmt: skip
        with pytest.raises(CommandError) as refused:
            call_command(*map(str, words))
        assert refused.value.returncode == 2


def test_an_import_stands_in_the_audit_log_object_by_object(tmp_path: Path) -> None:
    archive = archive_of(
        tmp_path, ("one.lock.json", '{"limit": 1}'), ("two.lock.json", '{"limit": 2}')
    )
    run("import", archive, "--account", "ann", "--comment", "moved")
    rows = [
        (e.account, e.verb, e.objects_named, e.comment) for e in AuditEntry.objects.order_by("pk")
    ]
    assert rows == [("ann", "import", ["one"], "moved"), ("ann", "import", ["two"], "moved")]


def test_a_deployment_that_is_refused_keeps_no_drafts(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, ("one.workflow.json", workflow(jobResourceNames=["nowhere"])))
    _, status = run("import", archive, "--deploy")
    assert status == 1
    assert not Item.objects.exists()
    assert not Command.objects.exists()
