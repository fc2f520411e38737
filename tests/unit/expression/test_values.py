"""How values are read from JSON, compared and printed."""

from decimal import Decimal
from typing import Any

import pytest

from engine.values import MISSING, Function, NotAValue, equal, normalise, text_of, to_json


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("a", "a"),
        (7, "7"),
        (1.0, "1"),
        (0.1, "0.1"),
        (-0.0, "0"),
        (Decimal("1.50"), "1.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (100, "100"),
        (True, "true"),
        (None, ""),
        (["a", 1, None, [True]], '["a", 1, null, [true]]'),
        ({"a": 'x"y'}, '{"a": "x\\"y"}'),
    ],
)
def test_a_value_has_a_plain_text(given: object, text: str) -> None:
    assert text_of(normalise(given)) == text


@pytest.mark.parametrize(
    "given",
    [float("nan"), float("inf"), 10**400, b"x", object(), {1: 2}, {"a": {3: 4}}, [b"x"], {1, 2}],
)
def test_what_is_not_a_value_is_refused(given: object) -> None:
    with pytest.raises(NotAValue):
        normalise(given)


def test_endless_nesting_is_refused() -> None:
    deep: list[Any] = []
    deep.append(deep)
    with pytest.raises(NotAValue, match="100 deep"):
        normalise(deep)


def test_values_of_different_types_are_unequal_even_if_python_thinks_otherwise() -> None:
    assert not equal(normalise(1), normalise(given=True))
    assert not equal(normalise([1]), normalise([True]))
    assert not equal(normalise({"a": 0}), normalise({"a": False}))
    assert equal(normalise([1, {"a": 1.0}]), normalise([1.0, {"a": 1}]))


def test_a_number_goes_to_json_as_integer_or_float() -> None:
    assert repr(to_json(Decimal("7.0"))) == "7"
    assert repr(to_json(Decimal("3.5"))) == "3.5"
    assert isinstance(to_json(Decimal(2**63)), float)
    assert to_json(MISSING) is None


def test_a_function_is_neither_printed_nor_stored() -> None:
    function = Function(("x",), lambda given: given[0])
    with pytest.raises(NotAValue):
        text_of([function])
    with pytest.raises(NotAValue):
        to_json({"f": function})


def test_a_function_takes_as_many_arguments_as_it_has_parameters() -> None:
    function = Function(("x",), list)
    assert function.call([1, 2]) == [Decimal(1)]
    with pytest.raises(NotAValue, match="1 parameters, 0"):
        function.call([])
