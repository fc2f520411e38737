"""The difference of two texts as one piece, to go back and forth between them byte for byte."""

import msgspec

from inventory.editing.errors import TextKept


class Delta(msgspec.Struct, frozen=True):
    """At `begin`, counted in characters, `removed` stood before and `added` stands after."""

    begin: int
    removed: str
    added: str


def delta(before: str, after: str) -> Delta:
    """Return what makes one text of the other."""
    most = min(len(before), len(after))
    begin = _common(before, after, most)
    left = most - begin
    end = _common(before[::-1], after[::-1], left)
    return Delta(begin, before[begin : len(before) - end], after[begin : len(after) - end])


def redone(before: str, change: Delta) -> str:
    """Return the text after a change.

    Raises:
        TextKept: it is not the text that was changed.
    """
    return _replaced(before, change.begin, change.removed, change.added)


def undone(after: str, change: Delta) -> str:
    """Return the text before a change.

    Raises:
        TextKept: it is not the text that the change left.
    """
    return _replaced(after, change.begin, change.added, change.removed)


def _replaced(text: str, begin: int, old: str, new: str) -> str:
    end = begin + len(old)
    if text[begin:end] != old:
        raise TextKept("The text is another one than this change was made to.")
    return text[:begin] + new + text[end:]


def _common(one: str, other: str, most: int) -> int:
    """Return how many characters both begin with, at most so many; by halves, so quickly."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
