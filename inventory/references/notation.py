"""How a text names other objects, and the same text with other names in it. Pure.

Knows texts one by one, not the documents that they stand in.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from engine.expression import ExpressionSyntax, compile_expression
from engine.objects.board_expression import BoardExpressionUnreadable, parse
from engine.objects.include import included_names

_BOARD = re.compile(r"'([^']*)'")
# Texts are skipped as a whole, so that what they say is not taken for a name.
_RESOURCE = re.compile(r"""'[^']*'|"(?:[^"\\$]|\\.)*"|(?<![\w.-])JobResource:(\w[\w.-]*)""")
_RESOURCE_ANYWHERE = re.compile(r"(?<![\w.-])JobResource:(\w[\w.-]*)")
_LITERAL = re.compile(r"""(['"])([\w.-]+)\1""")
_INCLUDE = re.compile(r"^([ \t]*(?:##|::|//|--)!include[ \t]+)(\S+)", re.IGNORECASE | re.MULTILINE)
_MAY_NAME = ("JobResource:", "jobResourceVariable")


class Notation(StrEnum):
    """How names stand in a text."""

    NAME = "name"  # the text is the name
    BOARDS = "boards"  # an expression over boards: 'a' && ('b' || 'c')
    EXPRESSION = "expression"  # an expression that may read job resources
    SCRIPT = "script"  # lines such as ##!include NAME


def names_of_text(notation: Notation, text: str) -> tuple[str, ...]:
    """Return the names in a text, each once; none where it cannot be read."""
    match notation:
        case Notation.NAME:
            return (text,)
        case Notation.BOARDS:
            return _boards(text)
        case Notation.EXPRESSION:
            return _resources(text)
        case Notation.SCRIPT:
            return included_names(text)


def renamed_text(notation: Notation, text: str, names: Mapping[str, str]) -> str:
    """Return the text with the new names in the place of the old ones; all else stays."""
    match notation:
        case Notation.NAME:
            return names.get(text, text)
        case Notation.BOARDS:
            return _BOARD.sub(lambda m: f"'{names.get(m[1], m[1])}'", text)
        case Notation.EXPRESSION:
            return _expression(text, names)
        case Notation.SCRIPT:
            return _INCLUDE.sub(lambda m: m[1] + names.get(m[2], m[2]), text)


def _boards(text: str) -> tuple[str, ...]:
    try:
        return parse(text).names
    except BoardExpressionUnreadable:
        return ()


def _resources(text: str) -> tuple[str, ...]:
    if not any(word in text for word in _MAY_NAME):
        return ()
    try:
        return tuple(sorted(compile_expression(text).uses.job_resources))
    except ExpressionSyntax:
        return ()


def _expression(text: str, names: Mapping[str, str]) -> str:
    """Go from the careful way to the coarse ones until no old name is left."""
    used = names.keys() & set(_resources(text))
    if not used:
        return text
    concerned = {old: names[old] for old in used}
    for replace in (_outside_texts, _anywhere, _literals):
        text = replace(text, concerned)
        if not _left(text, concerned):
            break
    return text


def _left(text: str, concerned: Mapping[str, str]) -> bool:
    return bool(set(_resources(text)) & (concerned.keys() - set(concerned.values())))


def _outside_texts(text: str, names: Mapping[str, str]) -> str:
    return _RESOURCE.sub(_named(names), text)


def _anywhere(text: str, names: Mapping[str, str]) -> str:
    """Reach what stands in a text that is put together: "to ${…}"."""
    return _RESOURCE_ANYWHERE.sub(_named(names), text)


def _literals(text: str, names: Mapping[str, str]) -> str:
    """Reach the arguments of functions: jobResourceVariable(resource='NAME', …)."""
    return _LITERAL.sub(lambda m: f"{m[1]}{names.get(m[2], m[2])}{m[1]}", text)


def _named(names: Mapping[str, str]) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        name = found[1]
        return found[0] if name is None else f"JobResource:{names.get(name, name)}"

    return replaced
