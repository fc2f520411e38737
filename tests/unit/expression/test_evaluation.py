"""What expressions ask of a scope and what they make of the answers."""

from decimal import Decimal
from typing import Any

import pytest

from engine.errors import EngineError
from engine.expression import DictScope, EvaluationFailed, Result, Scope, compile_expression
from engine.values import MISSING, Function, Value, equal, normalise

SCOPE = DictScope(
    {"mode": "full", "n": 7, "t": "true", "o": {"x y": [1, 2]}, "none": None},
    results=[
        Result({"rows": "1", "mode": "delta"}, label="first", job="load"),
        Result({"rows": "2"}, label="second", job="load"),
        Result({"rows": "3"}),
    ],
    defaults=[{"mode": "node", "limit": 1}, {"limit": 2, "size": 3}],
    symbols={
        "orderId": "#2026-03-02#T1",
        "label": None,
        "tryCount": 2,
        "workflow.timezone": "Europe/Berlin",
        "job": {"name": "load", "processLimit": 5},
    },
    job_resources={"db": {"user": "loader", "port": 5432}},
    env={"HOME": "/home/a"},
    now_us=1_772_438_400_123_456,  # 2026-03-02T08:00:00.123456Z
    zone="Asia/Tokyo",
)


def evaluated(text: str, scope: Scope = SCOPE) -> Value:
    return compile_expression(text).evaluate(scope)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$mode", "full"),
        ("$rows", "3"),
        ("$limit", 1),
        ("$size", 3),
        ("$none", None),
        ("argument('mode')", "full"),
        ("argument('limit')", 1),
        ("argument('rows', default='none')", "none"),
        ("variable('rows', label=first)", "1"),
        ("variable('rows', label='second')", "2"),
        ("variable('rows', job=load)", "2"),
        ("variable(key='rows', label=third, default=9)", 9),
        ("variable('ro' ++ 'ws')", "3"),
        ("orderId", "#2026-03-02#T1"),
        ("$js7OrderId", "#2026-03-02#T1"),
        ("$js7Label ? 'no label'", "no label"),
        ("tryCount + 1", 3),
        ("workflow.timezone", "Europe/Berlin"),
        ("$js7WorkflowTimezone", "Europe/Berlin"),
        ("$js7Job.processLimit", 5),
        ("$js7EpochMilli", 1_772_438_400_123),
        ("$js7EpochSecond + 1", 1_772_438_401),
        ("JobResource:db:user", "loader"),
        ("JobResource:db:`user`", "loader"),
        ("JobResource:db", {"user": "loader", "port": 5432}),
        ("jobResourceVariable('db', 'port') + 1", 5433),
        ("jobResourceVariables('db').port", 5432),
        ("env('HOME')", "/home/a"),
        ("env('NOWHERE', 'd')", "d"),
        ("now('yyyy-MM-dd HH:mm')", "2026-03-02 17:00"),
        ("now('HH', 'UTC')", "08"),
        ("now(format='HH', timezone='Europe/Berlin')", "09"),
        ("scheduledOrEmpty('yyyy')", ""),
        ("$o('x y')(1)", 2),
        ("toNumber($t ? '0') ? 5", 5),
        ("toNumber('-1.50e2')", -150),
        ("toNumber(true)", 1),
        ("toBoolean($t)", True),
        ("min('b', 'a')", "a"),
        ("max(1, missing)", None),
        ("[1] ++ ['a']", [1, "a"]),
        ("missing in [missing]", True),
        ("true || false in [true]", True),  # `in` binds weaker than `||`
        ("$n in [1, 7] ", True),
        ("!missing", None),
        ("missing.x", None),
        ("impure($n)", 7),
        ("$none? - 1", None),
        ("$none? -1", -1),
        ("-$unknown ? 3", -3),
        ("{'a b': 1, \"c\\n\": 2, if: 3}", {"a b": 1, "c\n": 2, "if": 3}),
        (r'"\"\\\$\n\t$mode.x(1) $(  "a$($n)" )"', '"\\$\n\tfull.x(1) a7'),
        ("if 'a' < 'b' then 1 else error('no')", 1),
    ],
)
def test_an_expression_has_this_value(text: str, value: Any) -> None:
    assert equal(evaluated(text), normalise(value)), evaluated(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("$nowhere", "no variable nowhere"),
        ("argument('rows')", "no argument rows"),
        ("variable('rows', label=third)", "no result rows of label third"),
        ("variable('rows', job=other)", "no result rows of job other"),
        ("JobResource:dc:user", "no job resource dc"),
        ("JobResource:db:users", "job resource db has no variable users"),
        ("env('NOWHERE')", "NOWHERE is not set"),
        ("controllerId", "controllerId is not available here"),
        ("toFile('a', '*.txt')", "toFile is not available here"),
        ("uniqueOrderId('a')", "uniqueOrderId is not available here"),
        ("subagentIds()", "subagentIds is not available here"),
        ("now('yyyy', 'Mars/North')", "'Mars/North' is unknown"),
        ("$o.z", "no field z"),
        ("$n.z", "needs an object, not a number"),
        ("$n(0)", "only of a list"),
        ("[1](0.5)", "whole number"),
        ("1 + 'a'", "two numbers, not a number and a text"),
        ("1 < 'a'", "two numbers or two texts"),
        ("1 / 0", "divided by zero"),
        ("1 in 2", "needs a list"),
        ("1 && true", "true or false, not a number"),
        ("if missing then 1 else 2", "it is missing"),
        ("'a' matches 1", "two texts"),
        ("-'a'", "needs a number"),
        ("toNumber('1_000')", "cannot read '1_000'"),
        ("toNumber('NaN')", "cannot read 'NaN'"),
        ("toNumber('٣')", "cannot read"),
        ("toNumber('9e999')", "out of range"),
        ("toBoolean('yes')", "true or false"),
        ("substring('abc', 2, 1)", "before its start"),
        ('"$(x => 1)"', "function has no text"),
        ("mkString([x => 1])", "function has no text"),
    ],
)
def test_a_failure_says_what_is_wrong(text: str, sentence: str) -> None:
    with pytest.raises(EngineError) as failure:
        evaluated(text)
    assert sentence in str(failure.value)


def test_numbers_out_of_range_fail() -> None:
    big = "9" * 200
    with pytest.raises(EvaluationFailed, match="out of range"):
        evaluated(f"{big} * {big}")


def test_division_keeps_34_digits() -> None:
    assert evaluated("1 / 3") == Decimal("0." + "3" * 34)


def test_a_scope_without_clock_refuses_it() -> None:
    with pytest.raises(EvaluationFailed, match="clock is not available"):
        evaluated("now('yyyy')", DictScope())


def test_a_function_sees_its_parameters_and_what_is_around() -> None:
    function = evaluated('(x, i) => "$i:$x.name$mode" ++ $x.name ++ JobResource:db:user')
    assert isinstance(function, Function)
    assert function.parameters == ("x", "i")
    with pytest.raises(EvaluationFailed):
        function.call([{}, 1])
    assert function.call([{"name": "n"}, 1]) == '1:{"name": "n"}.namefullnloader'


def test_functions_within_functions_keep_their_parameters() -> None:
    outer = evaluated("x => y => $x + $y + $n")
    assert isinstance(outer, Function)
    inner = outer.call([1])
    assert isinstance(inner, Function)
    assert inner.call([2]) == Decimal(10)


def test_only_the_side_needed_is_evaluated() -> None:
    assert evaluated("if $n == 7 then 1 else $nowhere") == 1
    assert evaluated("false && $nowhere") is False
    assert evaluated("env('HOME', error('no'))") == "/home/a"


class Unloaded(EngineError):
    """A variable is not in memory yet."""


class UnloadedScope(Scope):
    """A scope whose variables are not in memory yet."""

    def variable(self, name: str) -> object:
        raise Unloaded(name)


def test_the_question_mark_catches_failures_of_the_expression_only() -> None:
    with pytest.raises(Unloaded):
        evaluated("$a ? 1", UnloadedScope())
    with pytest.raises(Unloaded):
        evaluated("variable('a', default=1)", UnloadedScope())


def test_values_of_a_scope_are_copied() -> None:
    given = {"l": [1]}
    value = evaluated("$l", DictScope(given))
    assert value == [Decimal(1)]
    assert value is not given["l"]


def test_missing_is_one_object() -> None:
    assert evaluated("missing") is MISSING
