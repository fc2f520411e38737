"""Bodies and parameters as values, and sentences for what is wrong with them."""

from typing import Annotated, Any

import msgspec
import pytest
from django.http import QueryDict
from msgspec import Meta

from cockpit.api.problem import Refusal
from cockpit.api.query import read_query
from cockpit.api.reading import read


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    n: Annotated[int, Meta(ge=0, le=9)]


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=2, pattern="^[a-z]*$")]
    inner: Inner | None = None
    more: list[Inner] = []
    flag: bool = False


def problems(body: Any) -> dict[str, str]:
    with pytest.raises(Refusal) as refused:
        read(msgspec.json.encode(body), Outer)
    assert refused.value.status == 422
    return {problem.field: problem.sentence for problem in refused.value.problems}


def test_a_good_body_is_a_value() -> None:
    found = read(b'{"name": "ab", "more": [{"n": 1}]}', Outer)
    assert found == Outer("ab", more=[Inner(1)])


def test_every_problem_has_its_place_and_a_sentence() -> None:
    body = {"name": "A", "inner": {"n": 10}, "more": [{"n": 1}, {"m": "x"}, 5], "flag": None}
    assert problems(body) == {
        "name": "It must have at least 2 characters.",
        "inner.n": "It must be at most 9.",
        "more[1].m": "This field is not known here; known are: n.",
        "more[1].n": "This field is required.",
        "more[2]": "It must be an object, not a whole number.",
        "flag": "It must be true or false, not null.",
    }


def test_characters_that_do_not_fit_are_told() -> None:
    assert "control characters" in problems({"name": "a\0"})["name"]


def test_many_problems_are_cut() -> None:
    assert len(problems({"name": "ab", "more": [{}] * 500})) == 100


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [(b"{", 400, "malformed-json"), (b"x" * 99, 413, "body-too-large")],
)
def test_what_is_no_json_is_told(body: bytes, status: int, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(body, Outer, largest=64)
    assert (refused.value.status, refused.value.code) == (status, code)


def test_deep_nesting_is_told_as_such() -> None:
    with pytest.raises(Refusal) as refused:
        read(b"[" * 100_000, Outer)
    assert [p.sentence for p in refused.value.problems] == ["The JSON is nested too deep."]


class Described(msgspec.Struct, forbid_unknown_fields=True):
    inner: Annotated[Inner, Meta(description="Described.")] | None = None


def test_a_described_part_that_may_be_missing_is_read_field_by_field_as_well() -> None:
    with pytest.raises(Refusal) as refused:
        read(b'{"inner": {"n": 1, "m": 2}}', Described)
    (problem,) = refused.value.problems
    assert (problem.field, problem.sentence) == (
        "inner.m",
        "This field is not known here; known are: n.",
    )


class Query(msgspec.Struct):
    need: str
    n: int = 0
    tags: list[str] = []
    ids: list[str] = []


def test_parameters_are_values_and_lists_are_repeated_or_with_commas() -> None:
    given = QueryDict("need=x&n=5&tags=a,b&tags=c&ids=a,b&ids=c")
    assert read_query(given, Query) == Query("x", 5, ["a", "b", "c"], ["a,b", "c"])


def test_all_problems_of_parameters_are_told() -> None:
    with pytest.raises(Refusal) as refused:
        read_query(QueryDict("n=x&colour=red"), Query)
    assert {p.field for p in refused.value.problems} == {"need", "n", "colour"}
