"""The workflow editor: operations with all parts in the answer, undo, conflicts, who is at work."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models.functions import Now
from django.test import Client

from cockpit.models import AuditEntry
from cockpit.pages.workflow_fields import vocabulary
from inventory import edit, operating
from inventory.editing import read_operation
from inventory.models import DraftEdit, DraftHold, Item
from inventory.operating import OperationRefused
from tests.component.pages.editing import HERE, PATH, SOURCE, operate, post
from tests.component.pages.reading import text_of
from tests.component.pages.scene import Scene


@pytest.fixture
def draft(owner: Client) -> Item:
    edit.put_draft("workflow", PATH, SOURCE, account="ada")
    return Item.objects.get(path=PATH)


def second(name: str = "bob") -> Client:
    """Return another person who may do everything."""
    user = get_user_model().objects.create_user(name, password="a-password", is_staff=True)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def test_an_operation_answers_with_every_part_of_the_page(owner: Client, draft: Item) -> None:
    answer = operate(owner, 1, do="insert", at="2", type="Execute.Named")

    found = answer.json()
    assert answer.status_code == 200
    assert found["edit_no"] == 2
    assert found["at"] == "2"
    assert 'data-position="2"' in found["faces"]
    assert 'data-panel-at="2"' in found["panel"]
    assert "3 instructions" in found["problems"]
    assert found["undo"] == "inserted Execute.Named at 2"
    assert "# the first" in found["source"]
    assert Item.objects.get(path=PATH).source == found["source"]


def test_the_outline_answers_as_the_diagram_does(owner: Client, draft: Item) -> None:
    operation = {"do": "wrap", "at": ["0"], "type": "Retry"}
    answer = post(owner, "operation", edit_no=1, operation=operation, look={"view": ["outline"]})

    assert 'role="treeitem"' in answer.json()["faces"]
    assert 'data-at="0/try/0"' in answer.json()["faces"]
    assert "<svg xmlns" not in answer.json()["faces"]


def test_problems_of_a_text_have_the_lines_where_they_are(owner: Client, draft: Item) -> None:
    source = SOURCE.replace("agentName: agent-1", "agent: agent-1")
    found = operate(owner, 1, do="write", source=source).json()

    lines = SOURCE.splitlines()
    names_nobody = next(n for n, line in enumerate(lines) if "lockName: tape" in line)
    wanted = {lines.index("  load:") + 1, lines.index("    agentName: agent-1") + 1}
    wanted.add(names_nobody + 1)
    assert {line["line"] for line in found["lines"]} == wanted


def test_a_row_of_the_audit_log_says_what_was_done_without_the_text(
    owner: Client, draft: Item
) -> None:
    operate(owner, 1, do="delete", at=["1"])

    row = AuditEntry.objects.get(objects_named=[PATH])
    assert row.verb == "edit"
    assert json.loads(row.after or "")["did"] == "deleted 1"
    assert "source" not in str(row.after)


def test_undo_gives_the_text_back_byte_for_byte_and_redo_again(owner: Client, draft: Item) -> None:
    operate(owner, 1, do="wrap", at=["0", "1"], type="Retry")
    after = operate(owner, 2, do="rename-job", job="load", to="fetch").json()["source"]

    first = post(owner, "undo", edit_no=3)
    assert first.json()["redo"] == "renamed job load to fetch"
    back = post(owner, "undo", edit_no=4, look={"view": ["source"]})
    assert back.json()["source"] == SOURCE
    assert post(owner, "undo", edit_no=5).status_code == 422
    post(owner, "redo", edit_no=5)
    assert post(owner, "redo", edit_no=6, look={"view": ["source"]}).json()["source"] == after
    assert post(owner, "redo", edit_no=7).status_code == 422


def test_what_was_taken_back_is_gone_after_another_edit(owner: Client, draft: Item) -> None:
    operate(owner, 1, do="delete", at=["1"])
    post(owner, "undo", edit_no=2)
    operate(owner, 3, do="delete", at=["0"])

    assert post(owner, "redo", edit_no=4).status_code == 422
    assert DraftEdit.objects.count() == 1


def test_a_change_made_elsewhere_is_never_taken_back_by_undo(owner: Client, draft: Item) -> None:
    operate(owner, 1, do="delete", at=["1"])
    edit.put_draft("workflow", PATH, SOURCE.replace("Nightly", "Daily"), account="api")

    refused = post(owner, "undo", edit_no=3)
    assert refused.status_code == 422
    assert "Daily" in Item.objects.get(path=PATH).source


def test_the_form_without_script_keeps_a_text_that_can_be_undone(
    owner: Client, draft: Item
) -> None:
    form = owner.get(f"{HERE}?view=source").content.decode()
    assert 'name="source"' in form
    kept = owner.post(HERE, {"source": "instructions: [\n", "edit_no": "1"})
    assert kept.status_code == 303
    assert "cannot be read" not in SOURCE
    shown = text_of(owner.get(HERE))
    assert "Mend it in the source" in shown
    assert post(owner, "undo", edit_no=2).status_code == 200
    assert Item.objects.get(path=PATH).source == SOURCE


def test_of_two_people_the_second_is_told_who_did_what(owner: Client, draft: Item) -> None:
    bob = second()
    operate(owner, 1, do="delete", at=["1"])
    held = operate(bob, 2, do="delete", at=["0"])
    assert held.status_code == 409
    assert held.json()["code"] == "held"
    assert "ada edits" in held.json()["error"]

    bob.post(f"{HERE}-/presence/?act=take")
    conflict = operate(bob, 1, do="delete", at=["0"])
    assert conflict.status_code == 409
    assert conflict.json()["code"] == "edited-meanwhile"
    assert conflict.json()["did"] == ["ada deleted 1"]
    assert operate(bob, 2, do="delete", at=["0"]).status_code == 200
    assert operate(owner, 2, do="delete", at=["0"]).json()["code"] == "edited-meanwhile"


def test_a_request_that_is_asked_again_is_done_once(owner: Client, draft: Item) -> None:
    given = {"do": "insert", "at": "0", "type": "Sleep"}
    first = post(owner, "operation", edit_no=1, request="r1", operation=given, look={}).json()
    again = post(owner, "operation", edit_no=1, request="r1", operation=given, look={})
    assert again.status_code == 200
    assert again.json()["edit_no"] == first["edit_no"] == 2
    assert first["moved"] == {"0": "1", "1": "2", "2": "3", "1/lock/0": "2/lock/0"}
    back = post(owner, "undo", edit_no=2, request="r2", look={}).json()
    assert post(owner, "undo", edit_no=2, request="r2", look={}).json()["edit_no"] == 3
    assert back["source"] is None
    assert Item.objects.get(path=PATH).source == SOURCE


@pytest.mark.parametrize("request_name", ["other", ""])
def test_only_the_same_request_counts_as_done(
    owner: Client, draft: Item, request_name: str
) -> None:
    given = {"do": "insert", "at": "0", "type": "Sleep"}
    post(owner, "operation", edit_no=1, request="r1", operation=given, look={})
    again = post(owner, "operation", edit_no=1, request=request_name, operation=given, look={})
    assert again.status_code == 409


def test_a_hold_ends_by_itself(owner: Client, draft: Item) -> None:
    operate(owner, 1, do="delete", at=["1"])
    DraftHold.objects.update(seen_at=Now() - timedelta(minutes=5))

    assert operate(second(), 2, do="delete", at=["0"]).status_code == 200


def test_a_colleague_who_may_look_sees_everything_and_changes_nothing(
    owner: Client, colleague: Client, draft: Item
) -> None:
    page = colleague.get(HERE).content.decode()
    assert "data-may-edit" not in page
    assert "<live-diagram" in page
    for what in ("operation", "undo", "redo", "presence"):
        assert post(colleague, what, edit_no=1).status_code == 403, what
    assert Item.objects.get(path=PATH).source == SOURCE


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ({"do": "delete", "at": ["7"]}, "There is no instruction at 7"),
        ({"do": "insert", "at": "7/then/0", "type": "If"}, "There is no place"),
        ({"do": "insert", "at": "0", "type": "Loop"}, "There is no instruction 'Loop'"),
        ({"do": "move", "at": ["1"], "to": "1/lock/0"}, "into itself"),
        ({"do": "remove-job", "job": "load"}, "run once"),
        ({"do": "rename-job", "job": "gone", "to": "x"}, "no job gone"),
        ({"do": "write", "source": "a: [\n"}, "line 2"),
        ({"do": "nonsense"}, "no operation"),
        ({"do": "field", "at": "0", "path": ["nonsense"], "text": "x"}, "no such field"),
        ({"do": "field", "job": "load", "path": ["timeout"], "text": "soon"}, "whole number"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    owner: Client, draft: Item, operation: dict[str, Any], told: str
) -> None:
    answer = operate(owner, 1, **operation)

    assert answer.status_code == 422
    assert told in answer.json()["error"]
    assert Item.objects.get(path=PATH).edit_no == 1


def test_fields_are_set_by_their_texts(owner: Client, draft: Item) -> None:
    sets: list[dict[str, Any]] = [
        {"job": "load", "path": ["timeout"], "text": "60"},
        {"job": "load", "path": ["executable", "env"], "text": "A = $a\nB = 'b'"},
        {"job": "load", "path": ["returnCodeMeaning", "warning"], "text": "3, 4"},
        {"at": "1", "path": ["demands", 0, "count"], "text": "2"},
        {"path": ["timeZone"], "text": "Europe/Berlin"},
    ]
    for edit_no, fields in enumerate(sets, 1):
        assert operate(owner, edit_no, do="field", **fields).status_code == 200, fields
    item = Item.objects.get(path=PATH)
    assert item.valid, item.problems
    panel = owner.get(f"{HERE}-/look/?at=0").json()["panel"]
    assert "A = $a\nB = &#x27;b&#x27;" in panel
    assert 'value="3, 4"' in panel


def test_a_problem_stands_at_its_field_in_the_diagram_and_in_the_bar(
    owner: Client, draft: Item
) -> None:
    found = operate(owner, 1, do="field", job="load", path=["agentName"], text="").json()

    assert not found["valid"]
    assert 'data-problem-at="0" data-problem-field="agentName"' in found["problems"]
    assert "is-fault" in found["faces"]
    panel = owner.get(f"{HERE}-/look/?at=0").json()["panel"]
    assert 'data-place="agentName"' in panel
    assert "This field is missing." in panel


def test_copied_instructions_are_pasted_with_their_jobs(owner: Client, draft: Item) -> None:
    fragment = owner.get(f"{HERE}-/copied/?at=0").json()
    assert fragment["jobs"].keys() == {"load"}
    changed = operate(owner, 1, do="field", job="load", path=["title"], text="another")
    assert changed.status_code == 200

    found = operate(owner, 2, do="paste", at="1/lock/0", fragment=fragment).json()
    assert found["at"] == "1/lock/0"
    assert "jobName: load-2" in found["source"]
    assert "label: load-2" in found["source"]


def test_hostile_texts_stay_texts_on_the_page(owner: Client, scene: Scene) -> None:
    bad = "</script><img src=x onerror=alert(1)>"
    source = json.dumps({
        "title": bad,
        "instructions": [{"TYPE": "Execute.Named", "jobName": bad, "label": bad}],
        "jobs": {bad: {"agentName": bad, "executable": {"TYPE": bad, "script": bad}}},
    })  # fmt: skip
    edit.put_draft("workflow", PATH, source, account="ada")
    for view in ("", "?view=source", "?view=outline", "?at=0"):
        assert "<img" not in owner.get(HERE + view).content.decode()
    assert "<img" not in "".join(
        str(v) for k, v in owner.get(f"{HERE}-/look/?at=0").json().items() if k != "source"
    )


def test_the_fields_for_completion_are_those_that_documents_have(owner: Client) -> None:
    found = owner.get("/inventory/workflow/-/fields/").json()

    assert found == json.loads(json.dumps(vocabulary()))
    assert {"agentName", "executable", "timeout"} <= found["types"]["Job"]["fields"].keys()
    assert "Job" in found["holders"]["jobs"]
    assert "Execute.Named" in found["tags"]


def test_nothing_can_be_done_again_that_was_not_taken_back(owner: Client, draft: Item) -> None:
    done = operating.operate(
        PATH, read_operation({"do": "delete", "at": ["1"]}), account="ada", edit_no=1
    )
    assert done.words == "deleted 1"
    with pytest.raises(OperationRefused, match="nothing to do again"):
        operating.redo(PATH, account="ada")
