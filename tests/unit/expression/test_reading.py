"""What is told about a text that is, or is not, an expression."""

import pytest

from engine.expression import DictScope, ExpressionSyntax, compile_expression, constant, literal_of
from engine.expression.read import MAX_CHARACTERS
from engine.values import NotAValue


@pytest.mark.parametrize(
    ("text", "line", "column", "sentence"),
    [
        ("", 1, 1, "is empty"),
        (" \n ", 1, 1, "is empty"),
        ("1 +", 1, 4, "ends too early"),
        ("(1", 1, 3, "ends too early"),
        ("1 2", 1, 3, "'2' is not expected"),
        ("1 +\n  * 2", 2, 3, "'*' is not expected"),
        ("'open", 1, 1, "not closed"),
        ('"open', 1, 6, "not closed"),
        ('"$5"', 1, 2, "must be followed by a name"),
        (r'"\q"', 1, 2, r"After \ "),
        ("$", 1, 1, "not followed by a name"),
        ("a\0", 1, 2, "NUL"),
        ("1 + UNKNOWN", 1, 5, "UNKNOWN is neither"),
        ("foo(1)", 1, 1, "no function foo"),
        ("1 + substring('a')", 1, 5, "needs the argument start"),
        ("toNumber(1, 2)", 1, 1, "more arguments than its 1"),
        ("now(fromat='y')", 1, 1, "no parameter fromat"),
        ("now('y', format='y')", 1, 1, "format twice"),
        ("(x, x) => 1", 1, 1, "named twice"),
        ("{a: 1, 'a': 2}", 1, 8, "a is given twice"),
        ("9" * 400, 1, 1, "out of range"),
        ("!!true", 1, 2, "'!' is not expected"),
        ("- 1", 1, 1, "'-' is not expected"),
    ],
)
def test_a_malformed_text_is_refused_with_its_place(
    text: str, line: int, column: int, sentence: str
) -> None:
    with pytest.raises(ExpressionSyntax) as refusal:
        compile_expression(text)
    assert sentence in refusal.value.sentence
    assert (refusal.value.line, refusal.value.column) == (line, column)
    assert str(refusal.value).startswith(f"Line {line}, column {column}: ")


@pytest.mark.parametrize("size", [MAX_CHARACTERS + 1, 1_000_000])
def test_a_huge_text_is_refused(size: int) -> None:
    with pytest.raises(ExpressionSyntax, match=f"longer than {MAX_CHARACTERS}"):
        compile_expression("(" * size)


@pytest.mark.parametrize(
    ("left", "core", "right"),
    [
        ("if true then 1 else ", "1", ""),
        ("[", "1", "]"),
        ("-(", "1", ")"),
        ("mkString(", "1", ")"),
        ("min(", "1", ")"),
        ('"$(', "1", ')"'),
        ("(", "1", ") ? 2"),
        ("1 + (", "1", ") + 2"),
        ("variable(", "'a'", ")"),
    ],
)
def test_nesting_is_possible_up_to_a_depth_and_then_refused(
    left: str, core: str, right: str
) -> None:
    scope = DictScope({"a": "a"})
    compile_expression(left * 90 + core + right * 90).evaluate(scope)
    with pytest.raises(ExpressionSyntax, match="nested more than 100 deep"):
        compile_expression(left * 500 + core + right * 500)


def test_brackets_without_meaning_may_be_nested_deep() -> None:
    text = "(" * 15_000 + "1" + ")" * 15_000
    assert compile_expression(text).evaluate(DictScope()) == 1


def test_long_chains_are_not_deep() -> None:
    text = "1" + " + 1" * 5_000
    assert compile_expression(text).evaluate(DictScope()) == 5_001


def test_an_expression_tells_what_it_uses() -> None:
    expression = compile_expression(
        "if $a > variable('b') && tryCount < 3 then \"$c ${d.e} $(env('X'))\" "
        "else JobResource:r:v ++ variable('f', label=one) ++ $js7OrderId ++ $`odd name`"
    )
    assert expression.needs == {"a", "b", "c", "d", "odd name"}
    assert expression.uses.symbols == {"tryCount", "orderId"}
    assert expression.uses.job_resources == {"r"}
    assert expression.uses.functions == {"env", "variable"}


def test_parameters_of_a_function_are_not_needed() -> None:
    assert compile_expression("(x, i) => $x ++ $i ++ $y").needs == {"y"}


@pytest.mark.parametrize(
    ("text", "is_constant"),
    [
        ("1 + 2", True),
        ("error('no')", True),
        ("if true then [1] else {a: 'x'}", True),
        ("$a", False),
        ("orderId", False),
        ("now('yyyy')", False),
        ("impure(1)", False),
        ("JobResource:r:v", False),
        ("$js7EpochMilli", False),
        ("subagentIds()", False),
    ],
)
def test_a_constant_needs_no_order(text: str, is_constant: bool) -> None:
    assert constant(compile_expression(text)) is is_constant


def test_expressions_of_the_same_text_are_equal() -> None:
    assert compile_expression("$a") == compile_expression("$a")
    assert hash(compile_expression("$a")) == hash(compile_expression("$a"))
    assert compile_expression("$a") != compile_expression("$b")


def test_a_text_with_nul_has_no_literal() -> None:
    with pytest.raises(NotAValue, match="NUL"):
        literal_of("a\0b")
