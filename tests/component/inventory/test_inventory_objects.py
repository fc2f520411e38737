"""Locks, boards, job resources, include scripts and templates: kept, checked, deployed together."""

import json

import pytest

from inventory.deploy import deploy
from inventory.edit import put_draft
from inventory.errors import DeploymentRefused
from inventory.known import known_in_inventory
from inventory.models import Item, Version
from tests.component.inventory.controller_stub import request_of, take_over
from tests.component.inventory.documents import workflow

pytestmark = pytest.mark.django_db

FLOW = ("workflow", "night/load")
TAPE = ("lock", "resources/tape")
HEAD = ("includescript", "scripts/head")
OBJECTS = {
    TAPE: {"limit": 2},
    ("noticeboard", "resources/eod"): {
        "boardType": "PLANNABLE",
        "postOrderToNoticeId": "'day'",
        "expectOrderToNoticeId": "'day'",
    },
    ("jobresource", "resources/db"): {"arguments": {"user": "'loader'"}},
    HEAD: {"script": "set -eu"},
    ("jobtemplate", "templates/shell"): {
        "executable": {"TYPE": "ShellScriptExecutable", "script": "true"}
    },
}


def put(ref: tuple[str, str], document: object) -> Item:
    put_draft(*ref, json.dumps(document), account="ann")
    return Item.objects.get(kind=ref[0], path=ref[1])


def locked(lock: str) -> object:
    demand = {
        "TYPE": "Lock",
        "demands": [{"lockName": lock}],
        "lockedWorkflow": {"instructions": []},
    }
    return {"instructions": [demand]}


def codes(refused: pytest.ExceptionInfo[DeploymentRefused]) -> list[str]:
    return [found.problem.code for found in refused.value.problems]


@pytest.mark.parametrize(("ref", "document"), OBJECTS.items(), ids=lambda v: str(v)[:20])
def test_each_kind_is_kept_frozen_and_sent(ref: tuple[str, str], document: object) -> None:
    assert put(ref, document).valid

    made = deploy([ref], account="ann")

    (item,) = request_of(made.command).items
    assert (item.kind, item.path) == ref


def test_an_unknown_field_is_a_named_problem() -> None:
    item = put(TAPE, {"limit": 1, "limits": 2})

    assert not item.valid
    assert item.problems[0]["place"] == "limits"


def test_a_lock_must_be_deployed_before_or_together_with_who_uses_it() -> None:
    put(FLOW, locked("tape"))

    with pytest.raises(DeploymentRefused) as refused:
        deploy([FLOW], account="ann")
    assert codes(refused) == ["lock-unknown"]

    put(TAPE, {"limit": 1})
    made = deploy([FLOW, TAPE], account="ann")
    assert len(request_of(made.command).items) == 2


def test_a_draft_may_name_what_is_still_to_come() -> None:
    assert put(FLOW, locked("tape")).valid
    assert "tape" not in (known_in_inventory().locks or ())
    put(TAPE, {"limit": 1})
    assert "tape" in (known_in_inventory().locks or ())


def test_an_include_script_is_put_in_at_deployment_and_makes_another_version() -> None:
    put_draft(*FLOW, workflow("##!include head\necho load"), account="ann")
    put(HEAD, {"script": "set -eu"})
    first = deploy([FLOW, HEAD], account="ann")
    take_over(first.command)
    put(HEAD, {"script": "set -eux"})
    take_over(deploy([HEAD], account="ann").command)
    deploy([FLOW], account="ann")

    scripts = [
        job["executable"]["script"]
        for version in Version.objects.filter(kind="workflow").order_by("pk")
        for job in json.loads(bytes(version.document))["jobs"].values()
    ]
    assert scripts == ["set -eu\necho load", "set -eux\necho load"]


def test_a_missing_include_script_refuses_the_deployment() -> None:
    put_draft(*FLOW, workflow("##!include head\necho load"), account="ann")

    with pytest.raises(DeploymentRefused) as refused:
        deploy([FLOW], account="ann")

    assert "include-script-unknown" in codes(refused)
    assert not Version.objects.exists()
