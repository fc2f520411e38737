"""The form in which things are said in diagrams: words of a node, short texts for expressions."""

import re
from typing import NamedTuple

_LITERAL = re.compile(r"""\s*(?:'([^']*)'|"([^"$\\]*)")\s*""")
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


class Words(NamedTuple):
    """The texts of one node, unclipped; empty where there is nothing to say."""

    icon: str
    kind: str
    name: str
    detail: str = ""

    @property
    def label(self) -> str:
        """The node in one sentence, for readers that do not see it."""
        told = " ".join(part for part in (self.kind, self.name) if part)
        return f"{told}, {self.detail}" if self.detail else told


def plain_text(expression: str) -> str:
    """Return a text literal without its quotes; any other expression as it stands."""
    found = _LITERAL.fullmatch(expression)
    return (found[1] or found[2] or "") if found else expression.strip()


def boards_text(expression: str) -> str:
    """Return `a && (b || c)` for `'a' && ('b' || 'c')`; a board reads well without quotes."""
    return re.sub(r"['\"]", "", expression).strip()


def seconds_text(duration: str) -> str:
    """Return `1 min 30 s` for `90`; an expression as it stands."""
    told = plain_text(duration)
    return duration_text(int(told)) if told.isdecimal() else told


def duration_text(seconds: int) -> str:
    """Return the two largest units of a duration, such as `1 h 30 min`."""
    parts = []
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def counted(count: int, thing: str) -> str:
    """Return `1 step` or `12 steps`."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def both(*parts: str) -> str:
    """Return what is said in two parts, as far as it is said."""
    return " · ".join(part for part in parts if part)
