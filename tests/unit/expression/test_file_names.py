"""The names that `toFile` gives its files."""

import pytest

from engine.expression import EvaluationFailed, ExpressionSyntax, compile_expression
from engine.expression.file_name import LONGEST_BYTES, file_name


@pytest.mark.parametrize(
    ("pattern", "name"),
    [("*.json", "r-1.json"), ("a *", "a r-1"), ("plain.txt", "plain.txt"), (".hidden", ".hidden")],
)
def test_the_star_of_a_pattern_is_the_unique_part(pattern: str, name: str) -> None:
    assert file_name(pattern, "r-1") == name


UNFIT = ["", ".", "..", "../x", "/etc/passwd", "a/b", "a\\b", "a\0b", "a\nb", "*-*", "x" * 256]


@pytest.mark.parametrize("pattern", UNFIT)
def test_a_name_that_leads_elsewhere_is_refused(pattern: str) -> None:
    with pytest.raises(EvaluationFailed):
        file_name(pattern, "1")


@pytest.mark.parametrize("pattern", [p for p in UNFIT if p.isprintable()])
def test_a_name_that_is_known_is_refused_with_the_document(pattern: str) -> None:
    with pytest.raises(ExpressionSyntax, match="toFile"):
        compile_expression(f"toFile($content, '{pattern}')")


def test_what_the_star_stands_for_counts_towards_the_longest_name() -> None:
    assert len(file_name("*" + "x" * 250, "12345")) == LONGEST_BYTES
    with pytest.raises(EvaluationFailed, match="longer"):
        file_name("*" + "x" * 250, "123456")


def test_a_name_that_comes_with_the_order_is_not_refused_early() -> None:
    assert compile_expression("toFile($content, $name)").needs == {"content", "name"}
