"""Fields of the workflow editor that come in rows, and jobs made from templates."""

from typing import Any

import pytest
import yaml
from django.test import Client

from inventory import edit
from inventory.models import Item
from tests.component.pages.editing import HERE, PATH, SOURCE, operate
from tests.component.pages.reading import text_of


@pytest.fixture
def draft(owner: Client) -> Item:
    edit.put_draft("workflow", PATH, SOURCE, account="ada")
    return Item.objects.get(path=PATH)


PARAMETERS = ["orderPreparation", "parameters"]


SCHEME = ["admissionTimeScheme"]


PERIODS = [*SCHEME, "periods"]


def test_variables_of_orders_are_rows_that_are_added_named_filled_and_removed(
    owner: Client, draft: Item
) -> None:
    one = [*PARAMETERS, "region"]
    done: list[dict[str, Any]] = [
        {"do": "add-row", "path": PARAMETERS, "kind": "String"},
        {"do": "rename-row", "path": [*PARAMETERS, "variable"], "to": "region"},
        {"do": "field", "path": [*one, "default"], "text": "'eu'"},
        {"do": "field", "path": [*one, "list"], "text": "'eu', 'us'"},
        {"do": "add-row", "path": PARAMETERS, "kind": "String"},
        {"do": "field", "path": [*PARAMETERS, "variable", "type"], "text": "Number"},
        {"do": "field", "path": [*PARAMETERS, "variable", "default"], "text": "7"},
    ]
    for edit_no, operation in enumerate(done, 1):
        found = operate(owner, edit_no, **operation)
        assert found.status_code == 200, (operation, found.content)
    document = yaml.safe_load(Item.objects.get(path=PATH).source)
    assert document["orderPreparation"]["parameters"] == {
        "region": {"type": "String", "default": "'eu'", "list": ["'eu'", "'us'"]},
        "variable": {"type": "Number", "default": 7},
    }
    assert found.json()["valid"]
    gone = operate(owner, 8, do="remove-row", path=[*PARAMETERS, "variable"]).json()
    assert 'data-rename-row="region"' in gone["panel"]
    assert 'data-rename-row="variable"' not in gone["panel"]


def test_admission_times_of_a_job_are_rows_with_a_sentence(owner: Client, draft: Item) -> None:
    first = [*SCHEME, "periods", 0]
    done: list[dict[str, Any]] = [
        {"do": "add-row", "path": [*SCHEME, "periods"], "kind": "WeekdayPeriod"},
        {"do": "field", "path": [*first, "secondOfWeek"], "part": "weekday", "text": "Tuesday"},
        {"do": "field", "path": [*first, "secondOfWeek"], "part": "time", "text": "22:30"},
        {"do": "field", "path": [*first, "duration"], "text": "90 min"},
    ]
    for edit_no, operation in enumerate(done, 1):
        found = operate(owner, edit_no, job="load", **operation)
        assert found.status_code == 200, (operation, found.content)
    job = yaml.safe_load(Item.objects.get(path=PATH).source)["jobs"]["load"]
    assert job["admissionTimeScheme"] == {
        "periods": [{"TYPE": "WeekdayPeriod", "secondOfWeek": 167_400, "duration": 5_400}]
    }
    panel = owner.get(f"{HERE}-/look/?at=0").json()["panel"]
    assert "Tuesday 22:30 to 24:00." in panel
    operate(owner, 5, do="remove-row", job="load", path=first)
    assert "admissionTimeScheme" not in Item.objects.get(path=PATH).source


def test_periods_of_certain_months_are_rows_and_go_with_no_others(
    owner: Client, draft: Item
) -> None:
    months = [*SCHEME, "restrictedSchemes"]
    done: list[dict[str, Any]] = [
        {"do": "add-row", "path": PERIODS, "kind": "DailyPeriod"},
        {"do": "add-row", "path": months, "kind": "Restricted"},
        {"do": "field", "path": [*months, 0, "restriction", "months"], "text": "4, 5"},
        {"do": "add-row", "path": [*months, 0, "periods"], "kind": "WeekdayPeriod"},
        {"do": "remove-row", "path": [*months, 0, "periods", 0]},
        {"do": "remove-row", "path": [*PERIODS, 0]},
    ]
    for edit_no, operation in enumerate(done, 1):
        found = operate(owner, edit_no, job="load", **operation)
        assert found.status_code == 200, (operation, found.content)
    job = yaml.safe_load(Item.objects.get(path=PATH).source)["jobs"]["load"]
    period = {"TYPE": "WeekdayPeriod", "secondOfWeek": 28_800, "duration": 14_400}
    restriction = {"TYPE": "MonthRestriction", "months": [4, 5]}
    assert job["admissionTimeScheme"] == {
        "restrictedSchemes": [{"restriction": restriction, "periods": [period]}]
    }
    assert "In April and May" in owner.get(f"{HERE}-/look/?at=0").json()["panel"]
    operate(owner, 7, do="remove-row", job="load", path=[*months, 0])
    assert "admissionTimeScheme" not in Item.objects.get(path=PATH).source


def test_the_schedule_of_a_cycle_is_rows_with_a_sentence(owner: Client, draft: Item) -> None:
    schemes = ["schedule", "schemes"]
    operate(owner, 1, do="insert", at="2", type="Cycle")
    done: list[dict[str, Any]] = [
        {"do": "add-row", "path": schemes, "kind": "Periodic"},
        {"do": "remove-row", "path": [*schemes, 0]},
        {"do": "field", "path": [*schemes, 0, "repeat", "offsets"], "text": "0 s, 20 min"},
        {"do": "add-row", "path": [*schemes, 0, *SCHEME, "periods"], "kind": "DailyPeriod"},
    ]
    for edit_no, operation in enumerate(done, 2):
        found = operate(owner, edit_no, at="2", **operation)
        assert found.status_code == 200, (operation, found.content)
    panel = owner.get(f"{HERE}-/look/?at=2").json()["panel"]
    assert "at :00, :20 within daily 08:00 to 12:00." in panel
    assert Item.objects.get(path=PATH).source.count("Ticking") == 0


def test_the_locks_of_a_lock_are_rows(owner: Client, draft: Item) -> None:
    operate(owner, 1, do="insert", at="2", type="Lock")
    done: list[dict[str, Any]] = [
        {"do": "field", "path": ["demands", 0, "lockName"], "text": "tape"},
        {"do": "add-row", "path": ["demands"], "kind": "Demand"},
        {"do": "field", "path": ["demands", 1, "lockName"], "text": "disk"},
        {"do": "field", "path": ["demands", 1, "count"], "text": "2"},
        {"do": "add-row", "path": ["demands"], "kind": "Demand"},
        {"do": "remove-row", "path": ["demands", 2]},
    ]
    for edit_no, operation in enumerate(done, 2):
        found = operate(owner, edit_no, at="2", **operation)
        assert found.status_code == 200, (operation, found.content)
    document = yaml.safe_load(Item.objects.get(path=PATH).source)
    wanted = [{"lockName": "tape"}, {"lockName": "disk", "count": 2}]
    assert document["instructions"][2]["demands"] == wanted


def test_what_a_branch_hands_back_is_a_field(owner: Client, draft: Item) -> None:
    operate(owner, 1, do="insert", at="2", type="Fork")
    path = ["branches", 0, "workflow", "result"]
    found = operate(owner, 2, at="2", do="field", path=path, text="rows = $rows")
    assert found.status_code == 200, found.content
    document = yaml.safe_load(Item.objects.get(path=PATH).source)
    assert document["instructions"][2]["branches"][0]["workflow"]["result"] == {"rows": "$rows"}


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ({"do": "add-row", "path": ["jobs"], "kind": "x"}, "no such field"),
        ({"do": "add-row", "path": PARAMETERS, "kind": "x", "job": "load"}, "no such field"),
        (
            {"do": "add-row", "path": [*SCHEME, "periods"], "kind": "x", "job": "load"},
            "no such row",
        ),
        ({"do": "rename-row", "path": [*PARAMETERS, "a"], "to": "b"}, "a variable b already"),
        ({"do": "rename-row", "path": [*PARAMETERS, "a"], "to": " "}, "A name is needed"),
        ({"do": "field", "path": [*PARAMETERS, "a", "nonsense"], "text": ""}, "no such field"),
    ],
)
def test_rows_that_make_no_sense_are_refused(
    owner: Client, draft: Item, operation: dict[str, Any], told: str
) -> None:
    source = f"{SOURCE}orderPreparation:\n  parameters:\n    a: {{}}\n    b: {{}}\n"
    edit.put_draft("workflow", PATH, source, account="ada")
    found = operate(owner, 2, **operation)
    assert found.status_code == 422
    assert told in found.json()["error"]


def test_a_problem_of_a_row_stands_at_its_field(owner: Client, draft: Item) -> None:
    source = f"{SOURCE}orderPreparation:\n  parameters:\n    a: {{default: '(', list: [1]}}\n"
    found = operate(owner, 1, do="write", source=source).json()
    assert not found["valid"]
    panel = owner.get(f"{HERE}-/look/").json()["panel"]
    at = panel.index('id="field-workflow-orderPreparation-parameters-a-default-problem"')
    assert "hidden" not in panel[at : at + 90]


TEMPLATE = """\
description: Says hello
executable:
  {TYPE: ShellScriptExecutable, script: echo from the template, env: {REGION: $region}}
timeout: 30
admissionTimeScheme:
  periods: [{TYPE: DailyPeriod, secondOfDay: 0, duration: 3600}]
arguments:
  region: {type: String, required: true}
"""


def test_a_job_is_made_from_a_template_and_updated_when_that_changes(
    owner: Client, draft: Item
) -> None:
    edit.put_draft("jobtemplate", "templates/hello", TEMPLATE, account="ada")
    dialog = owner.get(f"{HERE}-/template/?job=load").content.decode()
    assert "made from no template" in dialog
    assert "echo from the template" in dialog
    assert "needs values for: region" in dialog
    assert "REGION = $region" in text_of(owner.get(f"{HERE}-/template/?job=load"))

    taken = {"do": "take-template", "job": "load", "template": "hello"}
    assert operate(owner, 1, **taken, keep_admission="1").status_code == 200
    job = yaml.safe_load(Item.objects.get(path=PATH).source)["jobs"]["load"]
    assert (job["agentName"], job["timeout"]) == ("agent-1", 30)
    assert job["executable"]["script"] == "echo from the template"
    assert "admissionTimeScheme" not in job
    assert len(job["jobTemplate"]["hash"]) == 64
    assert "is as its template has it now" in text_of(owner.get(f"{HERE}-/template/?job=load"))

    edit.put_draft("jobtemplate", "templates/hello", TEMPLATE.replace("30", "60"), account="ada")
    assert "has changed since" in text_of(owner.get(f"{HERE}-/template/?job=load"))
    assert operate(owner, 2, **taken).status_code == 200
    job = yaml.safe_load(Item.objects.get(path=PATH).source)["jobs"]["load"]
    assert job["timeout"] == 60
    assert "admissionTimeScheme" in job
    assert Item.objects.get(path=PATH).source.startswith("# the head")


def test_a_template_that_is_not_there_is_refused(
    owner: Client, colleague: Client, draft: Item
) -> None:
    for job, told in (("load", "no job template gone"), ("nobody", "no job nobody")):
        found = operate(owner, 1, do="take-template", job=job, template="gone")
        assert found.status_code == 422
        assert told in found.json()["error"]
    assert owner.get(f"{HERE}-/template/?job=nobody").status_code == 404
    assert colleague.get(f"{HERE}-/template/?job=load").status_code == 403
