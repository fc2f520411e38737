"""Folders in Git: what changed on which side, taken and brought over, and nothing beside it."""

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from cockpit.models import AuditEntry
from inventory.edit import put_draft, trash
from inventory.models import Deployment, Item, Repository
from inventory.repositories import binding
from inventory.repositories.git import Clone
from tests.component.inventory.controller_stub import take_over
from tests.component.inventory.documents import broken, workflow
from tests.component.inventory.git_site import Colleague
from tests.missing import missing_part

pytestmark = pytest.mark.django_db
ONE = '{"limit": 1}'
TWO = '{"limit": 2}'
THREE = '{"limit": 3}'


@pytest.fixture
def carl(tmp_path: Path, settings: LazySettings) -> Colleague:
    """A colleague, and a site that may reach repositories beside him."""
    if not any((Path(p) / "git").exists() for p in os.environ["PATH"].split(":")):
        missing_part("git")
    settings.STELLWERK_GIT_FOLDERS = [str(tmp_path)]
    return Colleague(tmp_path)


def git(*words: object) -> dict[str, Any]:
    out = io.StringIO()
    try:
        call_command("git", *map(str, words), "--account", "ann", "--json", stdout=out)
    except SystemExit:
        assert "problems" in out.getvalue()
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def codes(said: dict[str, Any]) -> list[str]:
    return sorted({found["code"] for found in said.get("problems", [])})


def standings(folder: str = "team") -> dict[str, str]:
    return {row["path"]: row["standing"] for row in git("status", folder)["objects"]}


def source(path: str) -> str:
    found: str = Item.objects.get(path=path, trashed_at__isnull=True).source
    return found


@pytest.fixture
def bound(carl: Colleague) -> Colleague:
    """A folder in step with a repository of two objects."""
    carl.commit({"a.lock.json": ONE, "sub/b.lock.yaml": "limit: 1\n", "README.md": "hello"})
    git("bind", "team", carl.origin)
    git("pull", "team")
    return carl


def test_a_repository_is_taken_into_a_folder(carl: Colleague) -> None:
    commit = carl.commit({"a.lock.json": ONE, "sub/w.workflow.json": workflow(), "README.md": "hi"})
    git("bind", "team", carl.origin)
    assert standings() == {"team/a": "theirs", "team/sub/w": "theirs"}
    assert not Item.objects.exists()

    said = git("pull", "team")

    assert (said["state"], said["commit"]) == ("done", commit)
    assert source("team/a") == ONE
    assert standings() == {}
    assert Repository.objects.get().commit == commit


def test_what_changed_on_one_side_goes_to_the_other(bound: Colleague) -> None:
    bound.commit({"a.lock.json": TWO, "c.lock.json": ONE})
    put_draft("lock", "team/sub/b", "limit: 7 # mine\n", account="ann")
    put_draft("lock", "team/d", ONE, account="ann")
    assert standings() == {
        "team/a": "theirs", "team/c": "theirs", "team/d": "ours", "team/sub/b": "ours",
    }  # fmt: skip
    assert codes(git("push", "team", "-m", "mine")) == ["push-behind"]

    git("pull", "team")
    assert (source("team/a"), source("team/sub/b")) == (TWO, "limit: 7 # mine\n")
    said = git("push", "team", "-m", "More locks\n\nand why")

    bound.pull()
    assert (bound.copy / "sub/b.lock.yaml").read_text() == "limit: 7 # mine\n"
    assert (bound.copy / "d.lock.json").read_text() == ONE
    assert (bound.copy / "README.md").read_text() == "hello"
    assert bound.git("log", "-1", "--format=%an|%ae|%s|%b") == (
        "ann|ann@stellwerk.invalid|More locks|and why"
    )
    assert bound.git("rev-parse", "HEAD") == said["commit"] == Repository.objects.get().commit
    assert standings() == {}


def test_where_both_have_changed_somebody_chooses(bound: Colleague) -> None:
    bound.commit({"a.lock.json": TWO, "sub/b.lock.yaml": "limit: 2\n"})
    put_draft("lock", "team/a", THREE, account="ann")
    put_draft("lock", "team/sub/b", "limit: 3\n", account="ann")
    said = git("pull", "team")
    assert codes(said) == ["both-changed"]
    assert [found["path"] for found in said["problems"]] == ["team/a", "team/sub/b"]
    assert (source("team/a"), source("team/sub/b")) == (THREE, "limit: 3\n")

    git("pull", "team", "--ours", "lock:team/a", "--theirs", "lock:team/sub/b")

    assert (source("team/a"), source("team/sub/b")) == (THREE, "limit: 2\n")
    assert standings() == {"team/a": "ours"}
    git("push", "team", "-m", "mine")
    bound.pull()
    assert (bound.copy / "a.lock.json").read_text() == THREE


def test_what_is_removed_on_one_side_goes_on_the_other(bound: Colleague) -> None:
    bound.commit({"a.lock.json": None})
    git("pull", "team")
    assert not Item.objects.filter(path="team/a", trashed_at__isnull=True).exists()
    trash("lock", "team/sub/b", account="ann")
    git("push", "team", "-m", "gone")
    bound.pull()
    assert sorted(p.name for p in bound.copy.iterdir()) == [".git", "README.md"]


def test_the_same_change_on_both_sides_is_no_conflict(bound: Colleague) -> None:
    bound.commit({"a.lock.json": TWO})
    put_draft("lock", "team/a", TWO, account="ann")
    assert standings() == {}
    assert git("pull", "team")["state"] == "done"


def test_drafts_from_before_the_binding_are_not_written_over(carl: Colleague) -> None:
    carl.commit({"a.lock.json": ONE})
    put_draft("lock", "team/a", TWO, account="ann")
    git("bind", "team", carl.origin)
    assert codes(git("pull", "team")) == ["both-changed"]
    assert source("team/a") == TWO


def test_a_repository_without_a_commit_gets_its_first(carl: Colleague) -> None:
    put_draft("lock", "team/a", ONE, account="ann")
    put_draft("lock", "other/b", ONE, account="ann")
    git("bind", "team", carl.origin, "--directory", "jobs")
    assert codes(git("pull", "team")) == ["branch-unknown"]
    git("push", "team", "-m", "first")
    carl.pull()
    assert (carl.copy / "jobs/a.lock.json").read_text() == ONE
    assert not (carl.copy / "jobs/b.lock.json").exists()


def test_a_deployment_remembers_its_commit(bound: Colleague) -> None:
    first = bound.git("rev-parse", "HEAD")
    second = bound.commit({"a.lock.json": TWO})
    said = git("deploy", "team", "--wait", 0)
    made = Deployment.objects.get()
    assert (made.commit, said["deployment"]) == (second, made.pk)
    assert {o.path for o in made.objects_of.all()} == {"team/a", "team/sub/b"}
    take_over(made.command)

    said = git("deploy", "team", "--commit", first[:10], "--wait", 0)
    assert source("team/a") == ONE
    assert Deployment.objects.first().commit == first  # type: ignore[union-attr]  # there is one
    assert standings() == {"team/a": "theirs"}


def test_own_changes_are_not_deployed_as_a_commit(bound: Colleague) -> None:
    put_draft("lock", "team/a", TWO, account="ann")
    assert codes(git("deploy", "team")) == ["not-in-commit"]
    assert not Deployment.objects.exists()
    git("deploy", "team", "--theirs", "lock:team/a", "--wait", 0)
    assert source("team/a") == ONE


def test_a_commit_with_an_error_deploys_nothing_and_moves_nothing(bound: Colleague) -> None:
    before = Repository.objects.get().commit
    bound.commit({"bad.workflow.json": broken()})
    said = git("deploy", "team")
    assert said["problems"]
    assert not Item.objects.filter(path="team/bad").exists()
    assert Repository.objects.get().commit == before


def test_what_is_deployed_is_not_trashed_by_a_pull(bound: Colleague) -> None:
    git("deploy", "team", "--wait", 0)
    take_over(Deployment.objects.get().command)
    bound.commit({"a.lock.json": None, "sub/b.lock.yaml": "limit: 5\n"})
    assert codes(git("pull", "team")) == ["still-deployed"]
    assert source("team/sub/b") == "limit: 1\n"


def test_versions_in_use_can_be_pushed_instead_of_drafts(carl: Colleague) -> None:
    put_draft("lock", "team/a", ONE, account="ann")
    put_draft("lock", "team/never", ONE, account="ann")
    call_command("export", str(carl.copy / "x.zip"), stdout=io.StringIO())
    from inventory.deploy import deploy

    take_over(deploy([("lock", "team/a")], account="ann").command)
    put_draft("lock", "team/a", TWO, account="ann")
    git("bind", "team", carl.origin)
    git("push", "team", "-m", "in use", "--deployed")
    carl.pull()
    assert (carl.copy / "a.lock.json").read_text() == ONE
    assert not (carl.copy / "never.lock.json").exists()
    assert standings() == {"team/a": "ours", "team/never": "ours"}


def test_links_submodules_and_strange_names_are_nobody_here(bound: Colleague) -> None:
    (bound.copy / "link.lock.json").symlink_to("/etc/passwd")
    bound.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module.lock.json")
    bound.commit({"a name.lock.json": ONE, "back\\slash.lock.json": ONE})
    assert standings() == {}
    assert codes(git("pull", "team")) == ["name-unusable"]


def test_hooks_and_filters_of_a_repository_never_run(bound: Colleague, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    folder = binding._clone_folder(Repository.objects.get())
    for name in ("pre-push", "reference-transaction", "post-checkout", "fsmonitor"):
        hook = folder / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
        hook.chmod(0o755)
    bound.commit({"a.lock.json": TWO, ".gitattributes": "* filter=evil"})
    git("pull", "team")
    put_draft("lock", "team/a", THREE, account="ann")
    git("push", "team", "-m", "mine")
    assert not mark.exists()


def test_without_the_switch_the_hooks_would_run(
    bound: Colleague, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above."""
    mark = tmp_path / "ran"
    hook = binding._clone_folder(Repository.objects.get()) / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    from inventory.repositories import git as program

    monkeypatch.delitem(program._SETTINGS, "core.hooksPath")
    bound.commit({"a.lock.json": TWO})
    git("pull", "team")
    assert mark.exists()


def test_who_pushes_in_between_is_not_written_over(
    bound: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_draft("lock", "team/a", TWO, account="ann")
    real = Clone.push
    between: list[str] = []

    def late(self: Clone, commit: str, branch: str) -> None:
        between.append(bound.commit({"c.lock.json": ONE}))
        real(self, commit, branch)

    monkeypatch.setattr(Clone, "push", late)
    assert codes(git("push", "team", "-m", "mine")) == ["push-behind"]
    bound.pull()
    assert bound.git("rev-parse", "HEAD") == between[0]


def test_a_folder_is_in_one_repository_only(bound: Colleague) -> None:
    for folder in ("team", "team/sub", "/"):
        assert codes(git("bind", folder, bound.origin)) == ["bound-already"]
    assert "state" in git("bind", "teams", bound.origin)
    git("unbind", "team")
    assert not binding._clone_folder(Repository.objects.get()).exists()
    assert source("team/a") == ONE
    assert codes(git("pull", "team")) == ["not-bound"]


def test_a_repository_that_is_not_there_is_told(carl: Colleague, tmp_path: Path) -> None:
    git("bind", "team", tmp_path / "nowhere")
    assert codes(git("status", "team")) == ["git-failed"]


def test_settings_that_became_stricter_count_at_once(
    bound: Colleague, settings: LazySettings
) -> None:
    settings.STELLWERK_GIT_FOLDERS = []
    assert codes(git("pull", "team")) == ["folder-refused"]


def test_git_that_takes_too_long_is_ended(bound: Colleague, settings: LazySettings) -> None:
    settings.STELLWERK_GIT_TIMEOUT = 0
    assert codes(git("status", "team")) == ["git-slow"]


def test_two_do_not_work_in_one_clone_at_once(
    bound: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binding, "BUSY_S", 0.2)
    with binding.clone_of(Repository.objects.get()):
        assert codes(git("status", "team")) == ["repository-busy"]
    assert "objects" in git("status", "team")


def test_every_change_stands_in_the_audit_log(bound: Colleague) -> None:
    put_draft("lock", "team/a", TWO, account="ann")
    git("push", "team", "-m", "mine")
    rows = [(e.verb, e.kind, e.objects_named) for e in AuditEntry.objects.order_by("pk")]
    assert rows == [
        ("bind", "repository", ["team"]),
        ("pull", "lock", ["team/a"]),
        ("pull", "lock", ["team/sub/b"]),
        ("pull", "repository", ["team"]),
        ("push", "repository", ["team"]),
    ]
