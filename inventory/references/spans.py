"""Where the texts of a document stand in its source, so that one of them alone is rewritten. Pure.

All around it - comments, order, indentation - stays as it is.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from engine.workflow.problem import Path
from inventory.form import Form

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
# An anchor or tag before the text belongs to the place, not to the text.
_MARKS = re.compile(r"(?:[&!]\S*\s+)+")
_MOST_NODES = 500_000


class Span(NamedTuple):
    """A text in the source, from `begin` to `end`; `style` is its first sign in YAML."""

    begin: int
    end: int
    style: str


Spans: TypeAlias = Iterator[tuple[Path, Span]]


def text_spans(form: Form, source: str) -> Spans:
    """Yield path and place of every text of a readable source."""
    return _json_spans(source) if form is Form.JSON else _yaml_spans(source)


def written(form: Form, span: Span, raw: str, text: str) -> str:
    """Return how a text is written at the place of another one, in the style of that.

    `raw` is what stands there now.
    """
    if form is Form.JSON:
        return json.dumps(text, ensure_ascii=not raw.isascii() or "\\u" in raw)
    if span.style == "'" and "\n" not in text:
        return "'" + text.replace("'", "''") + "'"
    if span.style == "" and _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    # A text over several lines goes up to the begin of the next one.
    return quoted + ("\n" if raw.endswith("\n") else "")


_PLAIN = re.compile(r"[A-Za-z_][\w.-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class _Cursor:
    """The path of the value that comes next, moved on by the signs of JSON."""

    def __init__(self) -> None:
        self.path: list[str | int] = []
        self.opened: list[str] = []
        self.key: str | None = None

    @property
    def wants_key(self) -> bool:
        return self.opened[-1:] == ["{"] and self.key is None

    def sign(self, sign: str) -> None:
        if sign in ("{", "["):
            self.opened.append(sign)
            self.path.append("" if sign == "{" else 0)
            self.key = None
        elif sign in ("}", "]"):
            self.opened.pop()
            self.path.pop()
        elif sign == ":":
            self.path[-1] = self.key or ""
        elif sign == ",":
            self.key = None
            if self.opened[-1] == "[":
                self.path[-1] = int(self.path[-1]) + 1


def _json_spans(source: str) -> Spans:
    cursor = _Cursor()
    for token in _TOKEN.finditer(source):
        if token[0][0] != '"':
            cursor.sign(token[0])
        elif cursor.wants_key:
            cursor.key = json.loads(token[0], strict=False)
        else:
            yield tuple(cursor.path), Span(token.start(), token.end(), '"')


def _yaml_spans(source: str) -> Spans:
    root = YAML(typ="safe", pure=True).compose(source)
    pending: list[tuple[Path, Node]] = [((), root)]
    seen = 0
    while pending and seen < _MOST_NODES:
        path, node = pending.pop()
        seen += 1
        match node:
            case ScalarNode():
                begin, end = node.start_mark.index, node.end_mark.index
                marked = _MARKS.match(source, begin, end)
                yield path, Span(marked.end() if marked else begin, end, node.style or "")
            case SequenceNode():
                pending.extend(((*path, i), each) for i, each in enumerate(node.value))
            case MappingNode():
                pending.extend(((*path, str(k.value)), v) for k, v in node.value)
            case _:
                continue
