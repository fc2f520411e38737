"""Texts of drafts: which notation, and every way to be unreadable."""

import time

import pytest

from inventory.form import Form
from inventory.source import LARGEST_YAML_BYTES, values_of


@pytest.mark.parametrize("text", ["{}", " \n{", "[1]", "\ufeff{}"])
def test_what_begins_with_a_bracket_is_json(text: str) -> None:
    values = values_of(text)
    assert (values.form, values.data) == (Form.JSON, text.encode())


def test_anything_else_is_yaml() -> None:
    assert values_of("a: on\nb: 010\n") == values_of("b: 10\na: 'on'\n")
    assert values_of("a: on").data == {"a": "on"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1,\n", "line 2, column 1"),
        ("a: 1\na: 2\n", 'line 2, column 1: while constructing a mapping, found duplicate key "a"'),
        ("a: !!python/object:os.system x", "could not determine a constructor"),
        ("a: \x07b", "line 1, column 4: special characters are not allowed"),
        ("- 1", "has no fields"),
        ("", "has no fields"),
        ("just words", "has no fields"),
        ("a: *gone", "found undefined alias"),
        ("a: " + "[" * 3000, "nested too deep"),
        ("# " + "x" * LARGEST_YAML_BYTES, "is written as JSON"),
    ],
)
def test_yaml_that_cannot_be_read_is_told_with_its_place(text: str, words: str) -> None:
    values = values_of(text)
    assert values.data is None
    assert words in values.problems[0].sentence


def test_a_small_yaml_that_grows_when_read_ends_in_a_sentence() -> None:
    from inventory.check import examine
    from inventory.known import known_names

    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
    )
    start = time.monotonic()
    examined = examine("workflow", bomb, known_names())
    assert not examined.valid
    assert time.monotonic() - start < 20
    assert any("values" in found.sentence for found in examined.frozen.problems)


def test_a_yaml_that_contains_itself_ends_in_a_sentence() -> None:
    from inventory.check import examine
    from inventory.known import known_names

    examined = examine("workflow", "title: &a [*a]\n", known_names())
    assert any("nested" in found.sentence for found in examined.frozen.problems)


@pytest.mark.parametrize("text", ["a: &a [*a]\n", "a: &a {b: *a}\n", "a: &a {b: [*a, *a]}\n"])
def test_nobody_is_given_a_value_that_contains_itself(text: str) -> None:
    """Whoever goes through it, as to find the names in it, would find no end."""
    values = values_of(text)
    assert values.data is None
    assert [found.code for found in values.problems] == ["too-deep"]


def test_a_value_that_is_named_twice_is_read() -> None:
    assert values_of("a: &a [1]\nb: *a\n").data == {"a": [1], "b": [1]}
