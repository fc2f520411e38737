"""Jobs of drafts stand behind their template, and are brought up to it, all drafts or none."""

from typing import Any

import pytest
import yaml

from engine.objects.template import Keep, Sync
from inventory import dangling, operating, presence, templating
from inventory.edit import put_draft
from inventory.errors import DraftRefused, EditedMeanwhile
from inventory.models import DraftEdit, Item
from inventory.preview import preview
from inventory.templating import UpdateRefused, update_jobs
from inventory.validating import validate

pytestmark = pytest.mark.django_db

AT = "shared/hello"
TEMPLATE = """\
executable: {TYPE: ShellScriptExecutable, script: echo one}
timeout: 30
arguments:
  region: {type: String, required: true}
"""
FLOW = """\
# the head stays
instructions:
- {TYPE: Execute.Named, jobName: first}
jobs:
  # and what is said of a job
  first:
    agentName: agent-1
    executable: {TYPE: ShellScriptExecutable, script: echo old}
    jobTemplate: {name: hello, hash: none}
    defaultArguments: {region: "'eu'"}
  second:
    agentName: agent-1
    executable: {TYPE: ShellScriptExecutable, script: echo old}
    jobTemplate: {name: hello, hash: none}
  third:
    agentName: agent-1
    executable: {TYPE: ShellScriptExecutable, script: echo mine}
"""


@pytest.fixture(autouse=True)
def night() -> None:
    put_draft("jobtemplate", AT, TEMPLATE, account="ada")
    for path in ("night/one", "night/two"):
        put_draft("workflow", path, FLOW, account="ada")


def item(path: str) -> Item:
    return Item.objects.get(path=path)


def jobs(path: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(item(path).source)["jobs"]
    return found


def seen() -> list[templating.Update]:
    return templating.updates(item(AT), Item.objects.all(), account="ada")


def chosen() -> list[tuple[str, int | None]]:
    return [(each.path, each.edit_no) for each in seen()]


def codes(path: str) -> list[tuple[str, str]]:
    found = dangling.told(item(path)).problems
    return [(each["place"], each["code"]) for each in found]


def test_the_jobs_that_are_behind_are_seen_with_the_difference_and_nothing_is_kept() -> None:
    found = seen()
    assert [(each.path, [j.job for j in each.jobs]) for each in found] == [
        ("night/one", ["first", "second"]),
        ("night/two", ["first", "second"]),
    ]
    changed = [line for line in found[0].diff.splitlines() if line[0] in "+-"]
    assert any("echo one" in line for line in changed)
    assert not any("echo mine" in line for line in changed)
    assert [j.missing for j in found[0].jobs] == [(), ("region",)]
    assert item("night/one").source == FLOW


def test_each_draft_gets_one_edit_that_can_be_taken_back_and_nobody_holds_it() -> None:
    changes = update_jobs(AT, chosen(), account="ben")
    assert [(c.verb, c.path) for c in changes] == [
        ("update-jobs", "night/one"),
        ("update-jobs", "night/two"),
    ]
    assert changes[0].after
    assert changes[0].after["did"] == "updated 2 jobs from template hello"
    made = jobs("night/one")
    assert [made[name]["executable"]["script"] for name in made] == [
        "echo one", "echo one", "echo mine",
    ]  # fmt: skip
    assert made["first"]["defaultArguments"] == {"region": "'eu'"}
    assert item("night/one").source.startswith("# the head stays")
    assert "# and what is said of a job" in item("night/one").source
    assert DraftEdit.objects.filter(item=item("night/one")).count() == 1
    assert presence.holder(item("night/one")) is None
    assert seen() == []
    operating.undo("night/one", account="cleo")
    assert item("night/one").source == FLOW


def test_what_is_kept_of_their_own_stays() -> None:
    own = FLOW.replace("region: \"'eu'\"}", "region: \"'eu'\"}\n    notification: {types: [ERROR]}")
    put_draft("workflow", "night/one", own, account="ada")
    update_jobs(AT, [("night/one", None)], account="ada", keep=Keep(notification=True))
    assert jobs("night/one")["first"]["notification"] == {"types": ["ERROR"]}
    put_draft("workflow", "night/one", own, account="ada")
    update_jobs(AT, [("night/one", None)], account="ada")
    assert "notification" not in jobs("night/one")["first"]


def test_every_conflict_is_told_at_once_and_no_draft_is_touched() -> None:
    put_draft("workflow", "night/three", FLOW, account="ada")
    put_draft("workflow", "night/four", FLOW, account="ada")
    asked = chosen()
    put_draft("workflow", "night/one", f"{FLOW}title: other\n", account="ben")
    presence.hold(item("night/two"), "ben")
    put_draft("workflow", "night/four", f"{FLOW}title: 5\n", account="ben")
    asked = [(path, None if path == "night/four" else number) for path, number in asked]
    with pytest.raises(UpdateRefused) as refused:
        update_jobs(AT, asked, account="ada")
    found = {p.path: p.problem.code for p in refused.value.problems}
    assert found == {
        "night/four": "operation-refused", "night/one": "edited-meanwhile", "night/two": "held",
    }  # fmt: skip
    assert item("night/three").source == FLOW


def test_what_is_in_the_way_is_seen_before() -> None:
    presence.hold(item("night/one"), "ben")
    put_draft("workflow", "night/two", f"{FLOW}title: 5\n", account="ada")
    one, two = seen()
    assert (one.held_by, one.possible) == ("ben", False)
    assert "mistakes" in two.refused
    assert not two.possible


def test_a_template_that_has_changed_since_it_was_seen_is_a_conflict() -> None:
    with pytest.raises(EditedMeanwhile, match="no longer as you have seen it"):
        update_jobs(AT, chosen(), account="ada", edit_no=item(AT).edit_no + 1)


def test_a_template_with_mistakes_updates_nothing_and_is_not_gone() -> None:
    put_draft("jobtemplate", AT, "timeout: soon\n", account="ada")
    for act in (seen, lambda: update_jobs(AT, [("night/one", None)], account="ada")):
        with pytest.raises(DraftRefused, match="mistakes"):
            act()
    (first, *_) = templating.users(item(AT), Item.objects.all())
    assert {job.sync for job in first.jobs} == {Sync.UNREADABLE}


def test_a_job_that_is_behind_or_lacks_an_argument_is_a_warning_wherever_problems_are() -> None:
    told = [
        ("jobs.first.jobTemplate", "template-changed"),
        ("jobs.second.jobTemplate", "template-changed"),
        ("jobs.second.defaultArguments", "template-argument-missing"),
    ]
    assert codes("night/one") == told
    for problems in (
        validate(Item.objects.all()).problems,
        preview([("workflow", "night/one")], Item.objects.all()).problems,
    ):
        found = [(p.problem.place, p.problem.code) for p in problems if p.path == "night/one"]
        assert [each for each in found if each[1].startswith("template-")] == told
    assert item("night/one").valid
    update_jobs(AT, chosen(), account="ada")
    assert codes("night/one") == told[2:]


def test_an_argument_that_all_instructions_give_is_not_missing() -> None:
    run = "- {TYPE: Execute.Named, jobName: second, defaultArguments: {region: 1}}\n"
    put_draft("workflow", "night/one", FLOW.replace("jobs:\n", f"{run}jobs:\n"), account="ada")
    assert "template-argument-missing" not in {code for _, code in codes("night/one")}
    bare = "- {TYPE: Execute.Named, jobName: second}\n"
    put_draft("workflow", "night/one", FLOW.replace("jobs:\n", f"{run}{bare}jobs:\n"), account="a")
    assert "template-argument-missing" in {code for _, code in codes("night/one")}


def test_a_template_that_is_gone_is_a_name_that_nobody_has_and_no_more() -> None:
    Item.objects.filter(path=AT).delete()
    assert {code for _, code in codes("night/one")} == {"reference-dangling"}
