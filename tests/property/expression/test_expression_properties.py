"""What holds for all expressions and values."""

from contextlib import suppress
from decimal import Decimal, localcontext
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.expression import DictScope, compile_expression, literal_of
from engine.values import ARITHMETIC, Value, equal, normalise, text_of, to_json

NUMBERS = st.decimals(-(10**12), 10**12, places=4)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
SCALARS = st.none() | st.booleans() | NUMBERS | st.integers() | TEXTS
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)
ANYTHING = JSON | st.floats() | st.binary(max_size=3) | st.dictionaries(st.integers(), JSON)

WORDS = r"""
1 -1 0.5 'a' "b" "$a" "$($b)" $a $b ${a} $`a\b` true false missing + - * / ++ == != < >= && || !
? ( ) [ ] { } , : . = => x if then else in matches orderId label a: min( max( match( toNumber(
mkString( substring( replaceAll( variable( error( now( env( argument( stripMargin( toBoolean(
jobResourceVariables( JobResource:r:v \ ' " $ $( ${ '(a+)+' '[' '$1' '$9' '\' é ٣
"""
PIECES = st.sampled_from(WORDS.split())
ALMOST = st.lists(PIECES, max_size=14).map(" ".join)


def evaluated(text: str, **variables: object) -> Value:
    return compile_expression(text).evaluate(DictScope(variables))


@given(JSON)
def test_a_printed_value_is_read_as_the_same_value(json: Any) -> None:
    value = normalise(json)
    assert equal(evaluated(literal_of(value)), value)


@given(JSON)
def test_normalising_twice_changes_nothing(json: Any) -> None:
    once = normalise(json)
    assert equal(normalise(once), once)


@given(st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXTS)
def test_a_scalar_survives_json(json: object) -> None:
    back = to_json(normalise(json))
    assert back == json
    assert type(back) is type(json)


@given(NUMBERS, NUMBERS, st.sampled_from(["+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!="]))
def test_arithmetic_is_that_of_decimals(left: Decimal, right: Decimal, sign: str) -> None:
    with localcontext(ARITHMETIC):
        try:
            wanted: object = eval(f"left {sign} right")  # noqa: S307 - the oracle
        except ArithmeticError:
            wanted = None
    try:
        value: object = evaluated(f"$left {sign} $right", left=left, right=right)
    except EngineError:
        value = None
    assert value == wanted


@given(NUMBERS, NUMBERS, NUMBERS)
def test_products_bind_stronger_than_sums(first: Decimal, second: Decimal, third: Decimal) -> None:
    with localcontext(ARITHMETIC):
        wanted = first - second * third - first
    names = {"a": first, "b": second, "c": third}
    assert evaluated("$a - $b * $c - $a", **names) == wanted


@given(TEXTS, TEXTS)
def test_interpolation_and_joining_agree(first: str, second: str) -> None:
    names = {"a": first, "b": second}
    assert evaluated('"$a-${b}"', **names) == evaluated("$a ++ '-' ++ $b", **names)


@given(NUMBERS)
def test_the_text_of_a_number_is_read_as_the_number(number: Decimal) -> None:
    assert evaluated("toNumber(mkString($n))", n=number) == number
    assert "E" not in text_of(number)


def survives(text: str, scope: DictScope) -> None:
    """Evaluates; only errors of the engine's family may come out."""
    with suppress(EngineError):
        value = compile_expression(text).evaluate(scope)
        text_of(value)
        to_json(value)


@given(st.text(max_size=60))
@example("\0")
@example("(" * 300)
@example("!" * 300)
def test_any_text_is_read_or_refused(text: str) -> None:
    survives(text, DictScope({"a": 1}))


@given(ALMOST, ANYTHING, ANYTHING)
def test_almost_expressions_never_fail_in_another_way(text: str, first: Any, second: Any) -> None:
    scope = DictScope(
        {"a": first, "b": second, "a b": first},
        symbols={"orderId": "#1", "label": first},
        job_resources={"r": {"v": first}},
        now_us=1_000_000,
    )
    survives(text, scope)


SIGNS = ["+", "-", "*", "/", "++", "==", "<", "&&", "||", "in", "matches", "?"]


@given(ANYTHING, ANYTHING, st.sampled_from(SIGNS))
def test_operators_take_any_values(first: Any, second: Any, sign: str) -> None:
    survives(f"$a {sign} $b", DictScope({"a": first, "b": second}))


CALLS = [
    "toNumber($a)", "toBoolean($a)", "mkString($a)", "stripMargin($a)", "error($a)", "min($a, $b)",
    "max($a, $b)", "substring($a, $b)", "match($a, $b, $a)", "replaceAll($a, $b, $a)", "$a($b)",
    "$a.x", "!$a", "-$a", "variable($a)", "now($a, $b)", "env($a, $b)", "jobResourceVariables($a)",
    "if $a then $b else 1", '"$a $b"', "subagentIds($a)", "toFile($a, $b)", "uniqueOrderId($a)",
]  # fmt: skip


@given(ANYTHING, ANYTHING, st.sampled_from(CALLS))
def test_functions_take_any_values(first: Any, second: Any, text: str) -> None:
    survives(text, DictScope({"a": first, "b": second}, now_us=0))
