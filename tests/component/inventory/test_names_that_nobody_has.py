"""A name that nobody has is a warning at its place, until somebody has it."""

import json

import pytest

from inventory import dangling
from inventory.edit import put_draft
from inventory.models import Item
from inventory.validating import validate
from tests.component.inventory.documents import workflow

pytestmark = pytest.mark.django_db

LOCK = {
    "TYPE": "Lock",
    "demands": [{"lockName": "press"}],
    "lockedWorkflow": {"instructions": []},
}


def told() -> list[tuple[str, str]]:
    item = dangling.told(Item.objects.get(path="x"))
    return [(found["place"], found["code"]) for found in item.problems]


def put(kind: str, path: str, source: str) -> None:
    put_draft(kind, path, source, account="ada")


def test_it_is_told_with_the_draft_s_own_problems_and_is_gone_when_somebody_has_it() -> None:
    put("workflow", "x", workflow(instructions=[LOCK], title=5))
    place = "instructions[0].demands[0].lockName"
    assert told() == [("title", "wrong-type"), (place, "reference-dangling")]
    assert not Item.objects.filter(problems__icontains="dangling").exists()
    put("lock", "press", "{}")
    assert told() == [("title", "wrong-type")]


def test_it_is_told_once_however_often() -> None:
    put("workflow", "x", workflow(instructions=[LOCK, LOCK]))
    item = dangling.told(dangling.told(Item.objects.get(path="x")))
    assert [found["place"] for found in item.problems] == ["instructions[0].demands[0].lockName"]
    assert item.problems[0]["severity"] == "warning"


def test_validating_many_tells_the_place_too() -> None:
    boards = {"TYPE": "ExpectNotices", "noticeBoardNames": "'here' && 'there'"}
    put("workflow", "x", workflow(instructions=[boards]))
    put("noticeboard", "here", json.dumps({"title": "no board yet"}))
    found = [p.problem for p in validate(Item.objects.all()).problems if p.path == "x"]
    assert [(p.place, p.code) for p in found if p.code != "agent-unknown"] == [
        ("instructions[0].noticeBoardNames", "reference-dangling")
    ]
