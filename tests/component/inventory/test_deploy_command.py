"""`manage.py deploy`: files in, one deployment out, problems told by file and place."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cockpit.models import AuditEntry
from controller.models import Command
from inventory.models import Deployment, Item
from tests.component.inventory.documents import broken, workflow

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("deploy", *map(str, arguments), "--wait", "0", stdout=out, stderr=err)
    except SystemExit as left:
        err.write(f"exit {left.code}")
    return out.getvalue(), err.getvalue()


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def test_a_folder_is_deployed_with_its_paths(tmp_path: Path) -> None:
    write(
        tmp_path,
        one_dot_workflow_dot_json=workflow(),
        sub__two_dot_workflow_dot_yaml=workflow("echo two"),
        README_dot_md="not an object",
        _dot_git__three_dot_workflow_dot_json="{",
    )

    out, _ = run(tmp_path, "--folder", "demo", "--comment", "all", "--json")

    told = json.loads(out)
    assert [(o["path"], o["draft"]) for o in told["objects"]] == [
        ("demo/one", "new"),
        ("demo/sub/two", "new"),
    ]
    assert all(len(o["version"]) == 64 for o in told["objects"])
    assert (told["state"], Deployment.objects.get().comment) == ("requested", "all")


def test_every_problem_of_every_file_is_told_and_nothing_is_kept(tmp_path: Path) -> None:
    write(
        tmp_path,
        good_dot_workflow_dot_json=workflow(),
        bad_dot_workflow_dot_json=broken(),
        torn_dot_workflow_dot_json='{"instructions": [',
        torn2_dot_workflow_dot_yaml="jobs: [1,\n",
        a__name_dot_workflow_dot_json=workflow(),
        b__name_dot_workflow_dot_json=workflow(),
    )

    _, err = run(tmp_path)

    assert f"{tmp_path}/bad.workflow.json: instructions[0].jobName:" in err
    assert f"{tmp_path}/torn.workflow.json: This is no JSON: line 1" in err
    assert f"{tmp_path}/torn2.workflow.yaml: This is no YAML: line 2" in err
    assert "good.workflow" not in err
    assert "exit 1" in err
    assert not Item.objects.exists()
    assert not Command.objects.exists()


def test_problems_of_shape_meaning_and_references_are_told_at_once(tmp_path: Path) -> None:
    lock = {"TYPE": "Lock", "demands": [{"lockName": "press"}], "lockedWorkflow": {}}
    write(
        tmp_path,
        torn_dot_workflow_dot_json='{"instructions": [',
        one_dot_workflow_dot_json=workflow(instructions=[lock], title=5),
        two_dot_workflow_dot_json=workflow(jobResourceNames=["nobody"]),
        bad_dot_calendar_dot_json='{"type": "?"}',
    )

    _, err = run(tmp_path)

    places = sorted(line.removeprefix(f"{tmp_path}/").split(": ")[0:2] for line in err.split("\n"))
    assert [place for place in places if len(place) > 1] == [
        ["bad.calendar.json", "includes"],
        ["bad.calendar.json", "type"],
        ["one.workflow.json", "instructions[0].demands[0].lockName"],
        ["one.workflow.json", "instructions[0].lockedWorkflow.instructions"],
        ["one.workflow.json", "title"],
        ["torn.workflow.json", "This is no JSON"],
        ["two.workflow.json", "jobResourceNames[0]"],
    ]
    assert not Item.objects.exists()


def test_beside_a_file_that_cannot_be_kept_no_name_is_told_to_be_unknown(tmp_path: Path) -> None:
    (tmp_path / "press.lock.json").write_bytes(b"\xff")
    lock = {"TYPE": "Lock", "demands": [{"lockName": "press"}]}
    steps = [{**lock, "lockedWorkflow": {"instructions": []}}]
    write(tmp_path, one_dot_workflow_dot_json=workflow(instructions=steps, title=5))

    _, err = run(tmp_path)

    assert "one.workflow.json: title: A text is needed" in err
    assert "press.lock.json: The file is no UTF-8" in err
    assert "There is no lock" not in err


def test_a_name_used_twice_refuses_all_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        a__name_dot_workflow_dot_json=workflow(),
        b__name_dot_workflow_dot_json=workflow(),
        other_dot_workflow_dot_json=workflow(),
    )

    _, err = run(tmp_path)

    assert "already: a/name" in err
    assert not Item.objects.exists()


def test_two_files_of_one_object_are_refused(tmp_path: Path) -> None:
    write(tmp_path, same_dot_workflow_dot_json=workflow(), same_dot_workflow_dot_yaml=workflow())
    out, _ = run(tmp_path, "--json")
    assert "Two files are this object" in json.loads(out)["problems"][0]["sentence"]


@pytest.mark.parametrize("content", [b"\xff\xfe{}", b'{"title": "a\0b"}', b""])
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.workflow.json"
    file.write_bytes(content)

    _, err = run(file)

    assert f"{file}:" in err
    assert not Item.objects.exists()


def test_paths_that_give_nothing_are_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "note.txt").write_text("")

    with pytest.raises(CommandError, match="no such file") as refused:
        run(tmp_path / "empty", tmp_path / "gone", tmp_path / "note.txt")
    assert refused.value.returncode == 2
    assert len(str(refused.value).split("\n")) == 3


def test_files_deployed_again_change_nothing(tmp_path: Path) -> None:
    write(tmp_path, one_dot_workflow_dot_json=workflow())
    run(tmp_path)
    out, _ = run(tmp_path / "one.workflow.json")
    assert out.startswith("same    workflow one")


def test_the_deployment_stands_in_the_audit_log(tmp_path: Path) -> None:
    write(tmp_path, one_dot_workflow_dot_json=workflow())
    run(tmp_path, "--account", "ann", "--comment", "why")

    entry = AuditEntry.objects.get()
    assert (entry.account, entry.verb, entry.objects_named) == ("ann", "deploy", ["one"])
    assert (entry.comment, entry.command) == ("why", Deployment.objects.get().command)
    assert json.loads(entry.before or "") == {"one": None}
    assert json.loads(entry.after or "")["one"]["source"] == workflow()


def test_a_refused_deployment_leaves_no_audit_row(tmp_path: Path) -> None:
    write(tmp_path, one_dot_workflow_dot_json=broken())
    run(tmp_path)
    assert not AuditEntry.objects.exists()
