"""From the grammar's rules to nodes: one method a rule, called from the leaves upwards.

Knows the grammar; what operators, functions and names do is said elsewhere.
"""

import re
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias, cast

from lark import Token, Transformer

from engine.expression import access, calls, operators
from engine.expression.errors import ExpressionSyntax
from engine.expression.node import Node, Run, constant, joined
from engine.expression.symbols import WRITTEN
from engine.values import MISSING, NotAValue, normalise, text_of

_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t"}
_ESCAPED: Final = re.compile(r"\\(.)")


class Argument(NamedTuple):
    """An argument of a call, with its name if it was given by name."""

    name: str | None
    node: Node


class Entry(NamedTuple):
    """A field of an object in the text; `key` is its name as written there."""

    key: Token
    name: str
    node: Node


Part: TypeAlias = Token | Node


class Compiler(Transformer[Token, Node]):
    """Gives the node of each rule; the methods have the names of the grammar's rules."""

    def start(self, parts: list[Node]) -> Node:
        """The whole expression."""
        return joined(parts[0].run, parts)

    def choice(self, parts: list[Node]) -> Node:
        """`if … then … else …`."""
        condition, chosen, otherwise = (part.run for part in parts)
        return joined(operators.choice(condition, chosen, otherwise), parts)

    def function(self, parts: list[Part]) -> Node:
        """`(x, i) => …`."""
        head, body = cast("tuple[Token, Node]", parts)
        names = tuple(name.strip() for name in head[:-2].strip().strip("()").split(","))
        if len(set(names)) < len(names):
            raise misplaced(head, "A parameter is named twice.")
        return access.function(names, body)

    def chain(self, parts: list[Part]) -> Node:
        """Values with operators of one precedence between them."""
        nodes = cast("list[Node]", parts[::2])
        signs = cast("list[Token]", parts[1::2])
        rest = [(str(sign), node.run) for sign, node in zip(signs, nodes[1:], strict=True)]
        return joined(operators.chain(nodes[0].run, rest), nodes)

    def conjunction(self, parts: list[Node]) -> Node:
        """`… && …`."""
        return joined(operators.conjunction([part.run for part in parts]), parts)

    def disjunction(self, parts: list[Node]) -> Node:
        """`… || …`."""
        return joined(operators.disjunction([part.run for part in parts]), parts)

    def negation(self, parts: list[Node]) -> Node:
        """`!…`."""
        return joined(operators.negation(parts[0].run), parts)

    def negative(self, parts: list[Node]) -> Node:
        """`-…`."""
        return joined(operators.negative(parts[0].run), parts)

    def positive(self, parts: list[Node]) -> Node:
        """`+…`."""
        return joined(operators.positive(parts[0].run), parts)

    def caught(self, parts: list[Node]) -> Node:
        """`…?`."""
        return joined(operators.caught(parts[0].run), parts)

    def defaulted(self, parts: list[Node]) -> Node:
        """`… ? …`."""
        return joined(operators.defaulted(parts[0].run, parts[1].run), parts)

    def field(self, parts: list[Part]) -> Node:
        """`….name`; also the symbols with a dot."""
        of, name = cast("tuple[Node, Token]", parts)
        if of.word is not None and f"{of.word}.{name}" in WRITTEN:
            return access.symbol(f"{of.word}.{name}")
        return access.field(of, str(name))

    def index(self, parts: list[Node]) -> Node:
        """`…(…)`."""
        return access.index(parts[0], parts[1])

    def symbol(self, parts: list[Token]) -> Node:
        """A bare word: a symbol, or the label that a call takes by its name."""
        word = parts[0]
        if word in WRITTEN:
            return access.symbol(str(word))._replace(word=word)
        return Node(lambda _scope: MISSING, word=word, known=False)

    def number(self, parts: list[Token]) -> Node:
        """`1.5`."""
        try:
            return constant(normalise(Decimal(parts[0])))
        except NotAValue as problem:
            raise misplaced(parts[0], str(problem)) from None

    def true(self, _parts: list[Token]) -> Node:
        """`true`."""
        return constant(value=True)

    def false(self, _parts: list[Token]) -> Node:
        """`false`."""
        return constant(value=False)

    def missing(self, _parts: list[Token]) -> Node:
        """`missing`."""
        return constant(MISSING)

    def variable(self, parts: list[Token]) -> Node:
        """`$name`, `${name}`, `${name.field}` and ``$`odd name` ``."""
        name, *fields = _names_in(parts[0])
        node = access.variable(name)
        for field in fields:
            node = access.field(node, field)
        return node

    def job_resource(self, parts: list[Token]) -> Node:
        """`JobResource:resource:name`."""
        _, resource, *name = parts[0].split(":", 2)
        return access.job_resource(resource, name[0].strip("`") if name else None)

    def call(self, parts: list[Token | Argument | None]) -> Node:
        """`name(…)`."""
        name = cast("Token", parts[0])
        given = cast("list[Argument]", [part for part in parts[1:] if part is not None])
        try:
            return calls.call(str(name), given)
        except calls.Malcalled as problem:
            raise misplaced(name, str(problem)) from None

    def argument(self, parts: list[Part | None]) -> Argument:
        """`…` or `name=…` in a call."""
        name, node = cast("tuple[Token | None, Node]", parts)
        return Argument(None if name is None else str(name), node)

    def list_of(self, parts: list[Node | None]) -> Node:
        """`[…]`."""
        nodes = [part for part in parts if part is not None]
        return joined(_list([node.run for node in nodes]), nodes)

    def object_of(self, parts: list[Entry | None]) -> Node:
        """`{…}`."""
        entries = [part for part in parts if part is not None]
        runs: dict[str, Run] = {}
        for entry in entries:
            if entry.name in runs:
                raise misplaced(entry.key, f"The field {entry.name} is given twice.")
            runs[entry.name] = entry.node.run
        return joined(_object(runs), [entry.node for entry in entries])

    def entry(self, parts: list[Part]) -> Entry:
        """`name: …`; the name may be a text without variables."""
        key, node = cast("tuple[Token, Node]", parts)
        return Entry(key, _key(key), node)

    def raw(self, parts: list[Token]) -> Node:
        """`'…'`."""
        return constant(str(parts[0][1:-1]))

    def interpolated(self, parts: list[Node]) -> Node:
        """`"…"`."""
        return joined(_text([part.run for part in parts]), parts) if parts else constant("")

    def plain(self, parts: list[Token]) -> Node:
        """Characters within `"…"`."""
        return constant(str(parts[0]))

    def escape(self, parts: list[Token]) -> Node:
        r"""`\n` and the like within `"…"`."""
        return constant(_unescaped(parts[0][1]))


def misplaced(token: Token, sentence: str) -> ExpressionSyntax:
    """What is wrong at the place of this token."""
    return ExpressionSyntax(sentence, line=token.line or 1, column=token.column or 1)


def _key(token: Token) -> str:
    if token[0] == '"':
        return _ESCAPED.sub(lambda found: _unescaped(found[1]), token[1:-1])
    return token[1:-1] if token[0] == "'" else str(token)


def _unescaped(character: str) -> str:
    return _ESCAPES.get(character, character)


def _names_in(token: Token) -> list[str]:
    if token.startswith("${"):
        return token[2:-1].split(".")
    return [token[1:].strip("`")]


def _list(runs: list[Run]) -> Run:
    return lambda scope: [run(scope) for run in runs]


def _object(runs: dict[str, Run]) -> Run:
    return lambda scope: {name: run(scope) for name, run in runs.items()}


def _text(runs: list[Run]) -> Run:
    return lambda scope: "".join([text_of(run(scope)) for run in runs])
