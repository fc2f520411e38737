"""Checks PostNotices, ExpectNotices and ConsumeNotices."""

from collections.abc import Iterator

from engine.objects.board_expression import BoardExpressionUnreadable, parse
from engine.workflow.checks.here import Here
from engine.workflow.checks.known import Known
from engine.workflow.checks.names import variable_name_problems
from engine.workflow.checks.references import reference_problems
from engine.workflow.checks.values import choice_problems
from engine.workflow.model import ConsumeNotices, ExpectNotices, PostNotices
from engine.workflow.problem import Path, Problem, problem, shown, warning
from engine.workflow.program import plain

WHEN_NOT_ANNOUNCED = ("Wait", "SkipWhenNoNotice", "DontWait")


def post_problems(here: Here, post: PostNotices) -> Iterator[Problem]:
    """Yield what is wrong with a PostNotices."""
    path = (*here.path, "noticeBoardNames")
    if not post.notice_board_names:
        yield problem(path, "boards-missing", "At least one board is needed.")
    for i, name in enumerate(post.notice_board_names):
        yield from reference_problems((*path, i), name, "board", here.known)
        if name in post.notice_board_names[:i]:
            sentence = f"The board {shown(name)} is given already."
            yield problem((*path, i), "board-repeated", sentence)
    for name in post.arguments:
        yield from variable_name_problems((*here.path, "arguments", name), name)


def expect_problems(here: Here, expect: ExpectNotices | ConsumeNotices) -> Iterator[Problem]:
    """Yield what is wrong with an ExpectNotices or ConsumeNotices."""
    path = here.path
    yield from board_expression_problems(
        (*path, "noticeBoardNames"), expect.notice_board_names, here.known
    )
    yield from choice_problems(
        (*path, "whenNotAnnounced"), expect.when_not_announced, WHEN_NOT_ANNOUNCED
    )
    if isinstance(expect, ConsumeNotices):
        yield from _held_already(here, expect)


def _held_already(here: Here, inner: ConsumeNotices) -> Iterator[Problem]:
    """Warn of a notice that the order, or its parent, holds for certain and needs once more."""
    needed = _needed(inner.notice_board_names)
    for around in here.all_around():
        outer = plain(around.instruction)
        held = _needed(outer.notice_board_names) if isinstance(outer, ConsumeNotices) else set()
        for name in sorted(needed & held):
            sentence = (
                f"A block around this one holds the notice of the board {shown(name)} already: the"
                " order waits here until somebody posts it anew."
            )
            yield warning((*here.path, "noticeBoardNames"), "board-nested", sentence)


def _needed(text: str) -> set[str]:
    """Return the boards without which an expression is false whatever else is there."""
    try:
        tree = parse(text)
    except BoardExpressionUnreadable:
        return set()
    return {name for name in tree.names if not tree.evaluate(lambda other, n=name: other != n)}  # type: ignore[misc]


def board_expression_problems(path: Path, text: str, known: Known) -> Iterator[Problem]:
    """Yield why a text is no expression over boards, or which of its boards there are not."""
    try:
        names = parse(text).names
    except BoardExpressionUnreadable as e:
        yield problem(path, "board-expression-invalid", f"This is no expression over boards: {e}")
        return
    for name in names:
        yield from reference_problems(path, name, "board", known)
