"""An operation of the editor does each part of its work once."""

import time
from collections import Counter
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cockpit.access.policy import Account
from cockpit.pages.editor_look import look_of
from cockpit.pages.editor_view import parts_of
from inventory import edit
from inventory.models import Item
from inventory.queries import item_at, present_items
from tests.component.pages.editing import HERE, PATH, SOURCE, long_source, operate


@pytest.fixture
def draft(owner: Client) -> Item:
    edit.put_draft("workflow", PATH, SOURCE, account="ada")
    return Item.objects.get(path=PATH)


READERS = (
    "inventory.source.read",  # of YAML; of JSON for the lines of its problems
    "inventory.workflow_reading.read_workflow",
    "inventory.kinds.check_reading",
    "inventory.editing.reading.Places",
    "cockpit.diagram.view.written",
)


MOST_QUERIES = 20
"""Of an operation: with the session, the account, four savepoints, the audit, the answer, and the
names that nobody has."""


def test_an_operation_on_many_instructions_is_quick(owner: Client) -> None:
    """The parts of an answer for 270 instructions; the machine of the tests is shared."""
    edit.put_draft("workflow", PATH, long_source(as_json=True), account="ada")
    item = item_at(present_items(), "workflow", PATH)
    taken = []
    for _ in range(5):
        begin = time.process_time()
        parts_of(item, look_of({"at": "0"}), Account.__name__)
        taken.append(time.process_time() - begin)
    assert min(taken) < 0.1


@pytest.mark.parametrize("as_json", [True, False])
def test_an_operation_reads_the_document_once_and_writes_no_rows_that_stay(
    owner: Client, as_json: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit.put_draft("workflow", PATH, long_source(as_json=as_json), account="ada")
    edit.put_draft("lock", "t", "{}", account="ada")
    operate(owner, 1, do="field", job="j3", path=["timeout"], text="30")
    counts = Counter[str]()
    for place in READERS:
        counting(monkeypatch, place, counts)
    with CaptureQueriesContext(connection) as queries:
        answer = operate(owner, 2, do="field", job="j3", path=["timeout"], text="60")

    assert answer.status_code == 200
    # No picture shows a timeout; JSON without problems has no lines to look for.
    assert counts == dict.fromkeys(READERS[1 if as_json else 0 : -1], 1)
    assert len(queries) <= MOST_QUERIES
    written = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "DELETE"))]
    assert not any("inventory_reference" in sql for sql in written)


def counting(monkeypatch: pytest.MonkeyPatch, place: str, counts: Counter[str]) -> None:
    """Count the calls of a function where it is used."""
    module, _, name = place.rpartition(".")
    real = getattr(import_module(module), name)

    def counted(*args: Any, **more: Any) -> Any:
        counts[place] += 1
        return real(*args, **more)

    monkeypatch.setattr(place, counted)


def test_what_a_picture_shows_is_drawn_anew(
    owner: Client, draft: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = Counter[str]()
    counting(monkeypatch, "cockpit.diagram.view.written", counts)
    sets = [
        {"job": "load", "path": ["timeout"], "text": "60"},
        {"job": "load", "path": ["agentName"], "text": "elsewhere"},
        {"at": "0", "path": ["label"], "text": "another"},
    ]
    for edit_no, fields in enumerate(sets, 1):
        found = operate(owner, edit_no, do="field", **fields).json()["faces"]
    assert counts["cockpit.diagram.view.written"] == 3
    assert "elsewhere" in found
    assert "another" in found
    operate(owner, 4, do="field", job="load", path=["timeout"], text="90")
    before = counts["cockpit.diagram.view.written"]
    operate(owner, 5, do="field", job="load", path=["timeout"], text="120")
    assert counts["cockpit.diagram.view.written"] == before


def test_a_selection_draws_nothing(
    owner: Client, draft: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = Counter[str]()
    counting(monkeypatch, "cockpit.diagram.view.written", counts)
    found = owner.get(f"{HERE}-/look/?at=0").json()

    assert 'data-panel-at="0"' in found["panel"]
    assert not counts
