"""Deploying: all or nothing, signed, and answered by the controller."""

import pytest
from django.db import connection

from agents.site_key import SiteKeyUnusable, site_public_key
from controller.models import Command
from engine.order.requests import Answer, Answered
from engine.seal import verify
from inventory.answers import await_answer, settle, settle_requested
from inventory.deploy import deploy, revoke
from inventory.deployed import deployed_versions
from inventory.edit import put_draft, rename, trash
from inventory.errors import DeploymentRefused, StillDeployed
from inventory.models import Deployment, DeploymentObject, Version
from inventory.models.deployment import DeploymentState
from inventory.queries import deployments_of, difference, present_items, versions_of
from tests.component.inventory.controller_stub import answer, request_of, take_over
from tests.component.inventory.documents import broken, workflow

pytestmark = pytest.mark.django_db

REPORT = ("workflow", "a/report")
LOAD = ("workflow", "a/load")


def put(ref: tuple[str, str], source: str | None = None) -> None:
    put_draft(*ref, source or workflow(), account="ann")


def nothing_is_written() -> bool:
    tables = (Version, Deployment, DeploymentObject, Command)
    return not any(table.objects.exists() for table in tables)


def test_versions_are_frozen_signed_and_sent_in_one_request() -> None:
    put(REPORT)
    put(LOAD, workflow("echo load"))

    made = deploy([REPORT, LOAD, REPORT], account="ann", comment="first")

    items = request_of(made.command).items
    assert [(item.kind, item.path) for item in items] == [LOAD, REPORT]
    assert all(verify(site_public_key(), item) for item in items)
    kept = Version.objects.get(path="a/load")
    assert (kept.version, bytes(kept.document)) == (items[0].version, items[0].document)
    assert (made.state, made.comment) == (DeploymentState.REQUESTED, "first")
    assert made.objects_of.count() == 2


def test_one_bad_object_refuses_all_and_every_problem_is_told() -> None:
    put(REPORT)
    put(LOAD, broken())

    with pytest.raises(DeploymentRefused) as refused:
        deploy([REPORT, LOAD, ("workflow", "gone"), ("cake", "x")], account="ann")

    told = [(found.path, found.problem.code) for found in refused.value.problems]
    assert {path for path, _ in told} == {"a/load", "gone", "x"}
    assert ("gone", "item-unknown") in told
    assert ("x", "kind-unknown") in told
    assert nothing_is_written()


def test_no_object_is_no_deployment() -> None:
    with pytest.raises(DeploymentRefused, match="No object is named"):
        deploy([], account="ann")
    assert nothing_is_written()


def test_a_key_that_is_no_key_deploys_nothing(settings: object) -> None:
    settings.STELLWERK_SIGNING_KEY = "not a key"  # type: ignore[attr-defined]
    put(REPORT)

    with pytest.raises(SiteKeyUnusable, match="STELLWERK_SIGNING_KEY"):
        deploy([REPORT], account="ann")
    assert nothing_is_written()


def test_the_answer_settles_the_deployment_once() -> None:
    put(REPORT)
    made = deploy([REPORT], account="ann")
    assert settle(made).state == DeploymentState.REQUESTED

    take_over(made.command)
    assert settle(made).state == DeploymentState.DONE
    answer(made.command, Answer((Answered("a/report", ok=False, sentence="No."),)))
    assert settle(made).state == DeploymentState.DONE


def test_a_refusal_of_the_controller_is_kept_with_its_sentence() -> None:
    put(REPORT)
    made = deploy([REPORT], account="ann")
    answer(made.command, Answer((Answered("a/report", ok=False, sentence="Bad signature."),)))

    done = await_answer(made, timeout_s=1)
    assert done.state == DeploymentState.REFUSED
    assert done.answer[0]["sentence"] == "Bad signature."


def test_the_same_content_is_the_same_version() -> None:
    put(REPORT)
    first = deploy([REPORT], account="ann")
    put(REPORT, workflow("echo two"))
    deploy([REPORT], account="ann")
    put(REPORT)
    third = deploy([REPORT], account="ann")

    assert versions_of(*REPORT).count() == 2
    assert request_of(first.command).items[0].version == request_of(third.command).items[0].version
    assert deployments_of(*REPORT).count() == 3


def test_an_idempotency_key_gives_the_first_deployment_again() -> None:
    put(REPORT)
    first = deploy([REPORT], account="ann", key="k")

    assert deploy([REPORT], account="ann", key="k") == first
    assert Deployment.objects.count() == Command.objects.count() == 1


def test_a_draft_shows_which_version_is_deployed() -> None:
    put(REPORT)
    take_over(deploy([REPORT], account="ann").command)
    item = present_items().get()
    assert item.deployed_version == item.digest  # type: ignore[attr-defined]

    put(REPORT, workflow("echo two"))
    item = present_items().get()
    assert item.deployed_version not in (None, item.digest)  # type: ignore[attr-defined]


def test_what_is_deployed_keeps_its_path_until_it_is_revoked() -> None:
    put(REPORT)
    made = deploy([REPORT], account="ann")
    with pytest.raises(StillDeployed):
        trash(*REPORT, account="ann")

    take_over(made.command)
    settle(made)
    with pytest.raises(StillDeployed):
        rename(*REPORT, "b/report", account="ann")

    undone = revoke([REPORT], account="ann")
    assert request_of(undone.command).revoked == (REPORT,)
    take_over(undone.command)
    assert deployed_versions([REPORT]) == {}
    rename(*REPORT, "b/report", account="ann")


def test_what_the_controller_refused_binds_nothing() -> None:
    put(REPORT)
    made = deploy([REPORT], account="ann")
    assert settle_requested() == 1
    answer(made.command, Answer((Answered("a/report", ok=False, sentence="No."),)))

    rename(*REPORT, "b/report", account="ann")
    assert settle_requested() == 0


def test_what_is_not_deployed_cannot_be_revoked() -> None:
    put(REPORT)
    with pytest.raises(DeploymentRefused, match="is not deployed"):
        revoke([REPORT], account="ann")
    assert nothing_is_written()


def test_the_difference_shows_scripts_line_by_line() -> None:
    for script in ("echo one\necho same\n", "echo two\necho same\n"):
        put(REPORT, workflow(script))
        deploy([REPORT], account="ann")
    new, old = versions_of(*REPORT)

    lines = [line.strip() for line in difference(old, new).split("\n")]
    assert [line for line in lines if line.startswith(("+  ", "-  "))] == [
        "-            echo one",
        "+            echo two",
    ]
    assert difference(new, new) == ""


def test_a_script_of_five_megabytes_is_refused_by_name() -> None:
    put(REPORT, workflow("#" * 5_000_000))

    with pytest.raises(DeploymentRefused) as refused:
        deploy([REPORT], account="ann")
    assert [found.problem.place for found in refused.value.problems] == [
        "jobs.work.executable.script"
    ]
    assert nothing_is_written()


@pytest.mark.django_db(transaction=True)
def test_a_failure_after_the_request_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    put(REPORT)

    def fail(*_args: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("inventory.deploy._recorded", fail)
    with pytest.raises(RuntimeError):
        deploy([REPORT], account="ann")
    assert nothing_is_written()
    assert connection.get_autocommit()
