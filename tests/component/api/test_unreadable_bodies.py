"""Bodies that no decoder takes are told by line, or by the field whose value is none."""

import pytest

from tests.component.api.client import Api

DRAFT = "/inventory/workflow/demo/report/"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"source": "a",\n "comment" 5}', "This is no JSON: line 2, column 12: "),
        ('{"source": "ä"}'.encode("latin-1"), "This is no UTF-8: line 1, byte 13 of the line."),
        (b"source=a", "This is no JSON: line 1, column 1: "),
    ],
)
def test_what_is_no_json_is_told_by_line(administrator: Api, body: bytes, sentence: str) -> None:
    reply = administrator.ask("PUT", DRAFT, body)
    assert (reply.status, reply["code"]) == (400, "malformed-json")
    assert reply["detail"].startswith(sentence)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"workflow": "demo/report", "arguments": {"n": 1e999}}', "arguments.n"),
        (b'{"workflow": "demo/report", "arguments": {"n": [NaN]}}', "arguments.n[0]"),
        (b'{"workflow": "demo/report", "arguments": {"n": "\\ud800"}}', "arguments.n"),
        (b'{"workflow": 5, "arguments": {"n": -1e999}}', "arguments.n"),
        (b"[" * 100_000, ""),
    ],
)
def test_a_value_that_cannot_be_kept_is_told_at_its_field(
    administrator: Api, body: bytes, field: str
) -> None:
    reply = administrator.ask("POST", "/orders/", body)
    assert (reply.status, reply["code"], reply.fields) == (422, "invalid", [field])


def test_a_text_that_no_draft_can_have_is_told_at_the_source(administrator: Api) -> None:
    reply = administrator.put(DRAFT, {"source": "a\0b"})
    assert (reply.status, reply.fields) == (422, ["source"])


def test_the_values_of_an_object_with_free_names_are_told_by_name(administrator: Api) -> None:
    body = {"document": {}, "from": "2026-01-01", "to": "2026-01-02", "calendars": {"eu": 5}}
    assert "calendars.eu" in administrator.post("/schedules/preview/", body).fields


def test_a_text_that_the_database_does_not_keep_is_told_at_its_field(administrator: Api) -> None:
    document = {"instructions": [{"TYPE": "Finish"}]}
    administrator.put(DRAFT, {"document": document})
    body = {"objects": [{"type": "workflow", "path": "demo/report"}], "comment": "a\0b"}
    reply = administrator.post("/deployments/", body)
    assert (reply.status, reply["code"], reply.fields) == (422, "invalid", ["comment"])
