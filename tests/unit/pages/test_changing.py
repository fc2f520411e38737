"""What a form changes of an order's variables."""

from cockpit.pages.changing import changes_in, fields_to_change

VALUES = {"who": "eu", "rows": 7, "on": True, "many": [1], "text": "a\nb"}


def test_fields_show_values_by_their_types() -> None:
    fields = {f.name: (f.type, f.kind, f.value) for f in fields_to_change(None, VALUES, {})}
    assert fields["who"] == ("String", "text", "eu")
    assert fields["rows"] == ("Number", "number", "7")
    assert fields["on"] == ("Boolean", "choice", "true")
    assert fields["many"] == ("List", "json", "[1]")
    assert fields["text"][1] == "lines"


def test_only_what_differs_is_changed_and_by_its_type() -> None:
    given = {"var.who": "12", "var.rows": "8", "var.on": "true", "var.many": "[2]", "more": "n = 1"}
    changed = changes_in(None, VALUES, given, field="variables")
    assert changed.values == {"who": "12", "rows": 8, "many": [2], "n": 1}
    assert not changed.problems


def test_an_emptied_field_takes_away_only_where_that_is_meant() -> None:
    kept = changes_in(None, VALUES, {"var.who": ""}, field="variables")
    assert (kept.values, kept.removed) == ({"who": ""}, [])
    gone = changes_in(None, VALUES, {"var.who": ""}, field="arguments", takes_away=True)
    assert (gone.values, gone.removed) == ({}, ["who"])


def test_everything_unreadable_is_told_at_once() -> None:
    given = {"var.rows": "many", "var.on": "perhaps", "var.many": "{}", "more": "x"}
    fields = {p.field for p in changes_in(None, VALUES, given, field="variables").problems}
    assert fields == {"variables.rows", "variables.on", "variables.many", "more"}
