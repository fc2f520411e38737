"""What expressions of job resources see."""

import pytest

from engine.expression import DictScope, EvaluationFailed
from engine.objects.model import JobResource
from engine.order.resource_scope import Resources, resource_variable
from engine.values import to_json

AROUND = DictScope({"file": "x"}, symbols={"orderId": "#1"}, now_us=5_000_000)


def resources(**documents: JobResource) -> Resources:
    """Return job resources by name, asked from an order's scope."""
    return Resources(documents.get, AROUND)


def test_variables_may_use_each_other_and_other_resources() -> None:
    known = resources(
        db=JobResource({"url": '"$host/$name"', "host": "JobResource:site:host", "name": "'n'"}),
        site=JobResource({"host": "'h1'", "bad": "$nothing"}),
    )
    assert known.variables("db")["url"] == "h1/n"
    assert list(known.variables("site")) == ["host", "bad"]


def test_built_in_facts_are_seen_and_variables_of_the_order_are_not() -> None:
    known = resources(a=JobResource({"id": "$js7OrderId", "at": "$js7EpochSecond", "f": "$file"}))
    assert known.variables("a")["id"] == "#1"
    assert to_json(known.value("a", JobResource({"at": "$js7EpochSecond"}), "at")) == 5
    with pytest.raises(EvaluationFailed, match="no variable file in job resource a"):
        known.variables("a")["f"]


def test_a_variable_that_is_defined_by_itself_is_said_with_the_way() -> None:
    known = resources(
        a=JobResource({"x": "JobResource:b:y"}), b=JobResource({"y": "JobResource:a:x"})
    )
    with pytest.raises(EvaluationFailed, match=r"JobResource:a:x by JobResource:b:y by"):
        known.variables("a")["x"]


def test_each_variable_is_evaluated_once() -> None:
    asked: list[str] = []

    class Counting(DictScope):
        def symbol(self, name: str) -> object:
            """Count."""
            asked.append(name)
            return super().symbol(name)

    document = JobResource({"a": "$js7OrderId", "b": "$a ++ $a", "c": 7})
    known = Resources({"r": document}.get, Counting(symbols={"orderId": "#1"}))
    assert known.variables("r")["b"] == "#1#1"
    assert asked == ["orderId"]
    assert to_json(known.value("r", document, "c")) == 7


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(EvaluationFailed, match="no job resource nothing"):
        resources().variables("nothing")
    with pytest.raises(EvaluationFailed, match="no variable x"):
        resource_variable(JobResource({"y": "1"}), "x")
    assert resource_variable(JobResource({"y": "'1'"}), "y") == "1"
