"""Single values of a source are changed; comments, order and notation stay."""

import pytest

from cockpit.pages.calendar_places import PlaceUnknown, path_of, value_or
from inventory.editing import EditingRefusal
from inventory.editing.values import GONE, Put, tree_of, with_values
from timetable.problem import place_text

YAML = """\
# who closes when
title: Closing   # shown in lists
type: WORKINGDAYSCALENDAR
includes:
  # the week
  weekdays:
    - {days: [1, 2, 3, 4, 5]}  # Monday to Friday
    # and
    - days: [6]
      from: 2026-01-01   # since then
  dates: [2026-01-01]
# what not
excludes:
  easter:
  - days:
    - -2
"""


def test_a_new_rule_is_put_behind_the_others_and_nothing_else_changes() -> None:
    text = with_values(YAML, [Put(("includes", "weekdays", 2), {"days": [0]})])
    assert text == YAML.replace("# since then\n", "# since then\n    - days: [0]\n")


def test_a_rule_goes_with_its_own_comment_only() -> None:
    text = with_values(YAML, [Put(("includes", "weekdays", 0), GONE)])
    assert text == YAML.replace("    - {days: [1, 2, 3, 4, 5]}  # Monday to Friday\n", "")


def test_a_value_is_changed_where_it_stands() -> None:
    text = with_values(YAML, [Put(("includes", "weekdays", 1, "from"), "2027-01-01")])
    assert text == YAML.replace("from: 2026-01-01   #", "from: 2027-01-01   #")


def test_a_field_is_added_to_a_rule_and_taken_away_again() -> None:
    added = with_values(YAML, [Put(("includes", "weekdays", 0, "to"), "2026-12-31")])
    assert "- {to: 2026-12-31, days: [1, 2, 3, 4, 5]}  # Monday to Friday" in added
    back = with_values(added, [Put(("includes", "weekdays", 0, "to"), GONE)])
    assert tree_of(back) == tree_of(YAML)


def test_the_last_rule_of_a_kind_takes_the_field_along() -> None:
    tree = tree_of(with_values(YAML, [Put(("excludes", "easter", 0), GONE)]))
    assert tree["excludes"] == {}


def test_lists_that_a_document_needs_stay_when_they_are_empty() -> None:
    source = "calendars:\n  - calendarName: a\n    periods:\n      - {singleStart: '06:00'}\n"
    text = with_values(source, [Put(("calendars", 0, "periods", 0), GONE)])
    assert tree_of(text) == {"calendars": [{"calendarName": "a", "periods": []}]}


def test_what_is_missing_on_the_way_is_made() -> None:
    text = with_values("type: X\nincludes: {}\n", [Put(("excludes", "dates", 0), "2026-12-24")])
    assert text == "type: X\nincludes: {}\nexcludes:\n  dates: [2026-12-24]\n"
    assert tree_of(with_values("includes:\n", [Put(("includes", "dates"), ["2026-12-24"])])) == {
        "includes": {"dates": ["2026-12-24"]}
    }


def test_json_keeps_its_order_and_layout() -> None:
    text = with_values('{\n  "type": "X",\n  "includes": {}\n}\n', [Put(("title",), "Tägl.")])
    assert text == '{\n  "type": "X",\n  "title": "Tägl.",\n  "includes": {}\n}\n'
    assert with_values('{"a": 1}', [Put(("b",), True)]) == '{"a": 1, "b": true}'


@pytest.mark.parametrize("text", ["yes", "1:30", "06:00", "a: b", "#x", "'", "null", "- a", "*x"])
def test_texts_stay_texts(text: str) -> None:
    assert tree_of(with_values("a: 1\n", [Put(("b",), [text]), Put((text,), text)])) == {
        "a": 1, "b": [text], text: text,
    }  # fmt: skip


@pytest.mark.parametrize(
    "source",
    ["a: [1\n", "- 1\n", "a: &x {days: [1]}\nb: *x\n"],
)
def test_what_hides_its_values_is_refused_with_a_sentence(source: str) -> None:
    with pytest.raises(EditingRefusal, match=r"no YAML|no fields|in the source"):
        with_values(source, [Put(("b", "days", 0), 7), Put(("a", "c"), 2)])


def test_a_new_item_stands_on_one_line_where_all_others_do() -> None:
    source = "periods:\n  - {singleStart: '06:00'}\n"
    text = with_values(source, [Put(("periods", 1), {"singleStart": "07:00"})])
    assert text == source + "  - {singleStart: '07:00'}\n"


def test_places_are_read_as_they_are_written() -> None:
    path = ("includes", "months", 0, "weekdays", 12)
    assert path_of(place_text(path)) == path
    assert path_of("") == ()
    for wrong in ("a..b", "a[", "[x]", "a b", "a[99999999]", "a." * 400):
        with pytest.raises(PlaceUnknown):
            path_of(wrong)
    assert value_or({"a": [1]}, ("a", 1), "none") == "none"
