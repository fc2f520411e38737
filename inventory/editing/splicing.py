"""YAML changed piece by piece: only the lines that say something else are written anew.

What moves takes its text along, with the comments above and in it.
"""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, NamedTuple

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from inventory.editing import emitting
from inventory.editing.layout import Layout, Unsplicable
from inventory.source import composed

__all__ = ["Unsplicable", "spliced"]


class Piece(NamedTuple):
    """Text to stand from `begin` to `end` in the place of what is there."""

    begin: int
    end: int
    text: str


def spliced(source: str, old: Any, new: Any) -> str:
    """Return the text that says `new`.

    Raises:
        Unsplicable: it cannot be changed piece by piece.
    """
    found = composed(source)
    node = found.node
    if not isinstance(node, MappingNode) or found.data != old:
        raise Unsplicable
    pieces = sorted(_Splicer(source, found, old).difference(node, old, new))
    for before, after in pairwise(pieces):
        if before.end > after.begin:
            raise Unsplicable
    for piece in reversed(pieces):
        source = source[: piece.begin] + piece.text + source[piece.end :]
    return source


class _Splicer(Layout):
    """Finds what differs, and what is written in its place."""

    def difference(self, node: Node, old: Any, new: Any) -> Iterator[Piece]:
        """Yield the pieces that make `new` of `old`."""
        if new is old or (new == old and type(new) is type(old)):
            return
        is_block = isinstance(node, MappingNode | SequenceNode) and not node.flow_style
        if is_block and new and isinstance(new, Mapping) and isinstance(old, Mapping):
            yield from self._mapping(node, old, new)
        elif is_block and new and isinstance(new, list) and isinstance(old, list):
            yield from self._sequence(node, old, new)
        else:
            raise _Anew

    def _mapping(
        self, node: Node, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> Iterator[Piece]:
        pairs = {str(k.value): (k, v) for k, v in node.value}
        renamed = _renamed(old, new)
        for name, to in renamed.items():
            key = pairs[name][0]
            yield Piece(self.start(key), self.end(key), emitting.scalar(to))
        fields = {renamed.get(name, name): name for name in old}
        known = [name for name in new if name in fields]
        if not known or known != [name for name in fields if name in new]:
            raise _Anew
        for name in new:
            if name in fields:
                key, value = pairs[fields[name]]
                yield from self._field(node, (key, value), old[fields[name]], new[name])
        yield from self._removed_fields(node, [n for n in fields if n not in new])
        yield from self._added_fields(node, fields, new)

    def _field(self, node: Node, pair: tuple[Node, Node], old: Any, new: Any) -> Iterator[Piece]:
        key, value = pair
        try:
            yield from list(self.difference(value, old, new))
        except _Anew:
            name, column = str(key.value), node.value[0][0].start_mark.column
            begin, end, comment = self.value_span(key, value)
            if getattr(value, "flow_style", False) and emitting.is_flat(new):
                yield Piece(begin, end, f" {emitting.scalar(new)}{comment}")
                return
            first, *rest = emitting.entry(name, new, column, self)
            first = first[len(emitting.scalar(name)) + 1 :] + comment
            yield self._replacing(begin, end, [first, *rest])

    def _replacing(self, begin: int, end: int, lines: list[str]) -> Piece:
        """Put lines in the place of a value; what follows on its line has to fit."""
        rest = self.source[end : self.line_end(end)].strip()
        over_lines = len(lines) > 1
        if rest and over_lines:
            if not rest.startswith("#"):
                raise Unsplicable
            return Piece(begin, self.line_end(end), f"{lines[0]}  {rest}\n" + _joined(lines[1:]))
        if self.source[begin:end].endswith("\n") or over_lines:
            stop = end if self.is_line_begin(end) else self.line_end(end)
            return Piece(begin, stop, _joined(lines))
        return Piece(begin, end, lines[0])

    def _removed_fields(self, node: Node, names: list[str]) -> Iterator[Piece]:
        keys = [k for k, _ in node.value]
        for i, (key, _) in enumerate(node.value):
            if str(key.value) not in names:
                continue
            begin, end = self.entry_span(node, i)
            if not self.is_line_begin(begin):
                # It stands behind a dash: the next field that stays takes its place.
                left = [k for k in keys[i + 1 :] if str(k.value) not in names]
                end = self.start(left[0])
                yield Piece(begin, end, "")
                later = keys.index(left[0])
                names = [n for n in names if n not in {str(k.value) for k in keys[:later]}]
            else:
                yield Piece(begin, end, "")

    def _added_fields(
        self, node: Node, fields: Mapping[str, str], new: Mapping[str, Any]
    ) -> Iterator[Piece]:
        column = node.value[0][0].start_mark.column
        places = {str(k.value): i for i, (k, _) in enumerate(node.value)}
        after: int | None = None
        gathered: dict[int | None, list[str]] = {}
        for name, value in new.items():
            if name in fields:
                after = places[fields[name]]
                continue
            lines = emitting.entry(name, value, column, self)
            gathered.setdefault(after, []).extend([" " * column + lines[0], *lines[1:]])
        for place, lines in gathered.items():
            if place is None:
                # Before the first field, which may stand behind a dash.
                begin = self.start(node.value[0][0])
                text = _joined(lines)[column:] + " " * column
                yield Piece(begin, begin, text)
            else:
                yield self._inserting(self.content_end(node.value[place]), lines)

    def _sequence(self, node: Node, old: list[Any], new: list[Any]) -> Iterator[Piece]:
        column = self.dash(node, 0) - self.line_begin(self.dash(node, 0))
        flat = all(getattr(item, "flow_style", False) for item in node.value)
        a, b = _compared(old, new)
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
            if tag == "equal":
                continue
            if i2 - i1 == j2 - j1 and all(map(self._same_kind, old[i1:i2], new[j1:j2])):
                for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
                    yield from self._element(node, i, old[i], new[j], column)
                continue
            lines: list[str] = []
            for each in new[j1:j2]:
                lines += self._item_lines(each, column, flat=flat)
            yield from self._replaced_items(node, (i1, i2), lines)

    def _replaced_items(
        self, node: Node, span: tuple[int, int], lines: list[str]
    ) -> Iterator[Piece]:
        first, last = span
        if first == last:
            if first < len(node.value):
                begin, _ = self.item_span(node, first)
                yield self._inserting_before(begin, lines, node)
            else:
                yield self._inserting(self.content_end(node.value[-1]), lines)
            return
        begin, _ = self.item_span(node, first)
        _, end = self.item_span(node, last - 1)
        if self.is_line_begin(begin):
            yield Piece(begin, end, _joined(lines))
        else:
            yield from self._behind_dash(node, begin, last, lines)

    def _behind_dash(self, node: Node, begin: int, last: int, lines: list[str]) -> Iterator[Piece]:
        """Replace items of which the first stands on the line of an outer dash or key."""
        column = begin - self.line_begin(begin)
        if lines:
            _, end = self.item_span(node, last - 1)
            yield Piece(begin, end, _joined(lines)[column:])
        else:
            yield Piece(begin, self.dash(node, last), "")

    def _inserting_before(self, begin: int, lines: list[str], node: Node) -> Piece:
        if self.is_line_begin(begin):
            return Piece(begin, begin, _joined(lines))
        column = begin - self.line_begin(begin)
        return Piece(begin, begin, _joined(lines)[column:] + " " * column)

    def _element(self, node: Node, i: int, old: Any, new: Any, column: int) -> Iterator[Piece]:
        try:
            yield from list(self.difference(node.value[i], old, new))
        except _Anew:
            if getattr(node.value[i], "flow_style", False) and emitting.is_flat(new):
                mapping = node.value[i]
                begin, end = self.start(mapping), self.end(mapping)
                yield Piece(begin, end, emitting.scalar(new))
                return
            dash, end = self.dash(node, i), self.item_span(node, i)[1]
            lines = self._item_lines(new, column)
            rest = self.source[self.content_end(node.value[i]) : end].strip()
            if rest.startswith("#") and len(lines) == 1:
                lines = [f"{lines[0]}  {rest}"]
            yield Piece(dash, end, _joined(lines)[column:])

    def _same_kind(self, old: Any, new: Any) -> bool:
        if id(new) in self.nodes or type(old) is not type(new):
            return False
        if isinstance(old, Mapping):
            return bool(old.get("TYPE") == new.get("TYPE") and set(old) & set(new))
        return True

    def _inserting(self, end: int, lines: list[str]) -> Piece:
        at = self.line_end(end)
        ends = at == 0 or self.source[at - 1] == "\n"
        text = _joined(lines)
        return Piece(at, at, text if ends else "\n" + text.removesuffix("\n"))

    def _item_lines(self, value: Any, column: int, *, flat: bool = False) -> list[str]:
        """Return the lines of an item; where all others stand on one line each, so does it."""
        is_new = id(value) not in self.nodes
        lines = emitting.item(value, column, self, flat=flat and is_new)
        above = self.above(value, column)
        return [*above, " " * column + lines[0], *lines[1:]]


class _Anew(Exception):
    """A value that has to be written as a whole, by whoever holds it."""


def _compared(old: list[Any], new: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return what two lists are compared by: collections by identity, others by value.

    A new collection is like no other one.
    """
    known = {id(each) for each in old if isinstance(each, Mapping | list)}
    a = [id(v) if id(v) in known else ("plain", repr(v)) for v in old]
    b = [
        id(v) if id(v) in known
        else ("new", i) if isinstance(v, Mapping | list) else ("plain", repr(v))
        for i, v in enumerate(new)
    ]  # fmt: skip
    return a, b


def _renamed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """Return fields that have another name and the same value."""
    gone = [name for name in old if name not in new]
    come = [name for name in new if name not in old]
    if len(gone) != 1 or len(come) != 1:
        return {}
    same = new[come[0]] is old[gone[0]] and list(old).index(gone[0]) == list(new).index(come[0])
    return {gone[0]: come[0]} if same else {}


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
