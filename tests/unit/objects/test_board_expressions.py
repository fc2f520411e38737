"""Expressions over boards: what they mean, and what is said of those that mean nothing."""

import pytest

from engine.objects.board_expression import (
    DEEPEST,
    MOST_BOARDS,
    AllOf,
    AnyOf,
    Board,
    BoardExpressionUnreadable,
    parse,
)

A, B, C = Board("a"), Board("b"), Board("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("'a'", A),
        ("  ( 'a' )\n", A),
        ("'a'&&'b'", AllOf((A, B))),
        ("'a' || 'b' && 'c'", AnyOf((A, AllOf((B, C))))),
        ("('a' || 'b') && 'c'", AllOf((AnyOf((A, B)), C))),
        ("'a' && 'b' && 'c'", AllOf((A, B, C))),
    ],
)
def test_and_binds_closer_than_or_and_brackets_closest(text: str, tree: object) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("present", "expected"),
    [("", False), ("a", False), ("b", False), ("ab", True), ("ac", True), ("bc", False)],
)
def test_it_is_true_where_the_notices_are_there(present: str, expected: bool) -> None:
    assert parse("'a' && ('b' || 'c')").evaluate(lambda name: name in present) is expected


def test_the_boards_come_in_the_order_of_the_text_each_once() -> None:
    assert parse("'c' || ('a' && 'c') || 'b'").names == ("c", "a", "b")


@pytest.mark.parametrize(
    ("text", "column", "part"),
    [
        ("", 1, "the end stands"),
        ("a", 1, "'a' is not understood"),
        ("'a' & 'b'", 5, "not understood"),
        ("'a", 1, "not closed"),
        ("'a' 'b'", 5, "the end, && or ||"),
        ("'a' &&", 7, "name of a board"),
        ("('a'", 5, "closing bracket"),
        ("'a')", 4, "the end, && or ||"),
        ("!'a'", 1, "not understood"),
        ("(" * (DEEPEST + 1) + "'a'" + ")" * (DEEPEST + 1), DEEPEST + 1, "nested deeper"),
        (" || ".join(f"'b{n}'" for n in range(MOST_BOARDS + 1)), 1, "More than"),
    ],
)
def test_other_texts_are_refused_with_the_place(text: str, column: int, part: str) -> None:
    with pytest.raises(BoardExpressionUnreadable, match=r"Column \d+: ") as caught:
        parse(text)
    assert caught.value.column == column
    assert part in str(caught.value)


def test_the_deepest_and_the_most_are_read() -> None:
    assert parse("(" * DEEPEST + "'a'" + ")" * DEEPEST) == A
    assert len(parse(" && ".join(f"'b{n}'" for n in range(MOST_BOARDS))).names) == MOST_BOARDS
