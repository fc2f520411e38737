"""Deployments seen before, with dependencies, effects and users; renaming what is deployed."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest

from controller.models import Command
from inventory import effects
from inventory.dependencies import needed
from inventory.deploy import PlanUpdate, deploy
from inventory.deployed import Ref, deployed_versions
from inventory.edit import put_draft
from inventory.effects import Effect, Intended
from inventory.errors import DeploymentRefused, StillDeployed
from inventory.models import Deployment, Item
from inventory.preview import Difference, preview, preview_revocation
from inventory.queries import present_items
from inventory.redeploying import rename_deployed
from tests.component.inventory.controller_stub import request_of, take_over
from tests.component.inventory.documents import broken, workflow
from tests.component.inventory.test_inventory_references import locked

pytestmark = pytest.mark.django_db

TAPE = ("lock", "resources/tape")
DB = ("jobresource", "resources/db")
LOAD = ("workflow", "night/load")
PLAN = ("schedule", "night/plan")
DAYS = ("calendar", "days/weekdays")


def put(ref: Ref, source: str) -> None:
    put_draft(*ref, source, account="ann")


def put_all() -> None:
    put(TAPE, '{"limit": 1}')
    put(LOAD, locked("tape"))
    put(
        DAYS, json.dumps({"type": "WORKINGDAYSCALENDAR", "includes": {"weekdays": [{"days": [1]}]}})
    )
    entry = {"calendarName": "weekdays", "periods": [{"singleStart": "06:00"}]}
    put(PLAN, json.dumps({"workflowName": "load", "calendars": [entry]}))


def deploy_all(*refs: Ref) -> None:
    take_over(deploy(refs, account="ann").command)


@pytest.fixture
def told() -> Iterator[list[Intended]]:
    """What was asked of a subject that is registered for the test."""
    asked: list[Intended] = []

    def foresee(intended: Intended) -> Iterator[Effect]:
        asked.append(intended)
        yield Effect(sentence="3 orders more.", added=3)

    effects.register("test", foresee)
    yield asked
    effects._foreseen_by.pop("test")


def test_dependencies_are_followed_to_their_end() -> None:
    put_all()
    assert needed([PLAN], present_items()) == sorted([TAPE, LOAD, DAYS])
    deploy_all(TAPE, DAYS)
    assert needed([PLAN], present_items()) == [LOAD]
    put(TAPE, '{"limit": 2}')
    assert needed([PLAN], present_items()) == sorted([TAPE, LOAD])


def test_a_preview_with_dependencies_is_possible_where_one_without_is_not() -> None:
    put_all()
    alone = preview([PLAN], present_items())
    assert not alone.possible
    assert set(alone.needed) == {TAPE, LOAD, DAYS}
    whole = preview([PLAN], present_items(), with_dependencies=True)
    assert whole.possible, whole.problems
    assert {(o.kind, o.path): o.added for o in whole.objects} == {
        PLAN: False, TAPE: True, LOAD: True, DAYS: True,
    }  # fmt: skip
    assert {o.difference for o in whole.objects} == {Difference.NEW}
    assert not Command.objects.exists()


def test_a_preview_says_what_is_new_changed_the_same_or_invalid() -> None:
    put_all()
    deploy_all(TAPE, LOAD)
    put(TAPE, '{"limit": 2}')
    put(("workflow", "night/bad"), broken())
    found = preview([TAPE, LOAD, DAYS, ("workflow", "night/bad")], present_items())
    assert {o.path: o.difference.value for o in found.objects} == {
        TAPE[1]: "changed", LOAD[1]: "same", DAYS[1]: "new", "night/bad": "invalid",
    }  # fmt: skip
    assert not found.possible


def test_a_workflow_with_an_include_script_is_the_same_until_its_draft_changes() -> None:
    put(("includescript", "scripts/head"), '{"script": "set -eu"}')
    put(LOAD, workflow("##!include head\necho 1"))
    deploy_all(("includescript", "scripts/head"), LOAD)
    assert preview([LOAD], present_items()).objects[0].difference is Difference.SAME
    assert needed([("schedule", "x"), LOAD], present_items()) == []
    put(("includescript", "scripts/head"), '{"script": "set -eux"}')
    found = preview([("includescript", "scripts/head")], present_items())
    assert found.concerned == ((LOAD, ("includescript", "scripts/head")),)


def test_others_tell_their_effects_and_see_only_what_differs(told: list[Intended]) -> None:
    put_all()
    deploy_all(TAPE, LOAD)
    plan = PlanUpdate(dt.date(2026, 12, 1), include_late=True)
    found = preview([TAPE, DAYS], present_items(), plan=plan)
    assert found.effects["test"] == [Effect(sentence="3 orders more.", added=3)]
    assert (set(told[0].documents), told[0].revoked, told[0].plan) == ({DAYS}, (), plan)
    preview_revocation([TAPE])
    assert told[1].revoked == (TAPE,)


def test_revoking_warns_of_those_who_stay_and_use_it() -> None:
    put_all()
    deploy_all(TAPE, LOAD)
    found = preview_revocation([TAPE])
    assert found.possible
    assert found.concerned == ((LOAD, TAPE),)
    assert "night/load" in found.problems[0].problem.sentence
    assert preview_revocation([TAPE, LOAD]).concerned == ()
    assert not preview_revocation([DAYS]).possible


def test_what_the_plan_is_told_stays_with_the_deployment() -> None:
    put_all()
    plan = PlanUpdate(dt.date(2026, 12, 1), include_late=True)
    made = deploy([TAPE], account="ann", plan=plan)
    assert (made.update_plan_from, made.include_late) == (dt.date(2026, 12, 1), True)
    assert deploy([TAPE], account="ann").update_plan_from is None


def test_a_calendar_is_released_with_the_dates_of_its_holidays() -> None:
    excluded = {"holidays": [{"nationalCalendar": "DE-BY"}]}
    put(DAYS, json.dumps({
        "type": "WORKINGDAYSCALENDAR", "includes": {"weekdays": [{"days": [1]}]},
        "excludes": excluded,
    }))  # fmt: skip
    item = request_of(deploy([DAYS], account="ann").command).items[0]
    (holidays,) = json.loads(item.document)["excludes"]["holidays"]
    assert "2026-01-06" in holidays["dates"]
    assert "2026-01-06" not in Item.objects.get().source


def test_a_deployed_object_is_renamed_with_those_that_use_it_in_one_request() -> None:
    put(DB, '{"arguments": {"user": "\'x\'"}}')
    put(LOAD, workflow(jobResourceNames=["db"]))
    deploy_all(DB, LOAD)

    done = rename_deployed(*DB, "resources/dwh", account="bob")

    request = request_of(done.deployment.command)
    assert [(i.kind, i.path) for i in request.items] == [("jobresource", "resources/dwh"), LOAD]
    assert request.revoked == (DB,)
    take_over(done.deployment.command)
    assert set(deployed_versions([DB, ("jobresource", "resources/dwh"), LOAD])) == {
        ("jobresource", "resources/dwh"), LOAD,
    }  # fmt: skip
    found = preview([LOAD, ("jobresource", "resources/dwh")], present_items())
    assert {o.difference for o in found.objects} == {Difference.SAME}


def test_a_renaming_never_deploys_changes_that_nobody_asked_for() -> None:
    put(DB, '{"arguments": {"user": "\'x\'"}}')
    put(LOAD, workflow(jobResourceNames=["db"]))
    deploy_all(DB, LOAD)
    put(LOAD, workflow("echo changed", jobResourceNames=["db"]))
    with pytest.raises(DeploymentRefused, match="deploy it first"):
        rename_deployed(*DB, "resources/dwh", account="bob")
    assert Item.objects.filter(path=DB[1]).exists()
    assert Deployment.objects.count() == 1


def test_what_holds_something_by_its_path_does_not_move_while_it_is_deployed() -> None:
    put_all()
    deploy_all(TAPE, LOAD)
    with pytest.raises(StillDeployed):
        rename_deployed(*TAPE, "resources/drum", account="bob")
