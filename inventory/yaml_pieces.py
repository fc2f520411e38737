"""YAML read in pieces, so that a text that changed in one place is not read as a whole again.

A block at one column is the sequence of its entries, and each entry can be read alone. Whatever
looks different - anchors, several documents, pieces that are none - is read as a whole. Pure.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

_KEPT_CHARACTERS = 16 * 1024
_SMALLEST = 400
_DEEPEST = 12
_UNUSUAL = re.compile(
    r"(?m)\ufeff|^(?:---|\.\.\.|%|\t)|(?:^|[\s\[{,:-])[&*!][^\s]|<<\s*:|^\s*\?\s|\r"
)
_CONTENT = re.compile(r"(?m)^( *+)[^ \n#]")
_KEY = re.compile(r"""([A-Za-z_][\w.-]*)[ ]*:[ ]*(?:\#.*)?\n""")


class Read(NamedTuple):
    """A text as nodes and as the values they mean.

    Nodes know where they stand in their piece; `begins` has the begin of the piece by id of node,
    nothing for 0.
    """

    node: Node | None
    data: Any
    begins: dict[int, int]


class _Constructor(SafeConstructor):
    """Makes what JSON can say: a date stays the text that it is."""


_Constructor.add_constructor(
    "tag:yaml.org,2002:timestamp", lambda _constructor, node: str(node.value)
)


class _Whole(Exception):
    """A text that has to be read as a whole."""


class Mark:
    """Where a block of several pieces begins, in its first piece."""

    def __init__(self, index: int, column: int) -> None:
        self.index = index
        self.column = column


def read(source: str) -> Read:
    """Return a text as it reads.

    Raises:
        YAMLError, ValueError, RecursionError: it is no YAML.
    """
    if len(source) > _SMALLEST and not _UNUSUAL.search(source):
        try:
            return _Pieces().read(source, 0, 0)
        except (_Whole, YAMLError, ValueError, RecursionError):
            pass
    return _whole(source)


def _whole(source: str) -> Read:
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = _Constructor
    node = reader.compose(source)
    data = None if node is None else reader.constructor.construct_document(node)
    return Read(node, data, {})


class _Piece(NamedTuple):
    """A piece as it reads, and the ids of all its nodes."""

    read: Read
    ids: tuple[int, ...]


def _piece(source: str) -> _Piece:
    found = _whole(source)
    return _Piece(found, () if found.node is None else tuple(map(id, _all(found.node))))


@lru_cache(maxsize=20_000)
def _piece_again(source: str, _nth: int) -> _Piece:
    """Read a piece; the same text again is a node of its own, so that each knows where it is."""
    return _piece(source)


class _Pieces:
    """One text, read in pieces."""

    def __init__(self) -> None:
        self._begins: dict[int, int] = {}
        self._times: Counter[str] = Counter()

    def read(self, text: str, begin: int, depth: int) -> Read:
        """Return a block with all its entries."""
        column, marks, is_list = _entries(text)
        # The blanks before an entry keep the columns of its lines right.
        pieces = [
            (" " * column + text[at:end], begin + at - column)
            for at, end in zip(marks, [*marks[1:], len(text)], strict=True)
        ]
        made, data = self._items(pieces, depth) if is_list else self._fields(pieces, depth)
        made.start_mark = Mark(column, column)
        self._begins[id(made)] = begin + marks[0] - column
        return Read(made, data, self._begins)

    def _items(self, pieces: list[tuple[str, int]], depth: int) -> tuple[Node, list[Any]]:
        read = [self._single(piece, here, depth) for piece, here in pieces]
        items = [node for node, _ in read]
        made = SequenceNode("tag:yaml.org,2002:seq", items, flow_style=False)
        return made, [value for _, value in read]

    def _fields(self, pieces: list[tuple[str, int]], depth: int) -> tuple[Node, dict[Any, Any]]:
        read = [self._entry(piece, here, depth) for piece, here in pieces]
        data = {name: value for _, name, value in read}
        if len(data) < len(read):
            raise _Whole  # the same field twice: the reader of the whole says so
        pairs = [pair for pair, _, _ in read]
        return MappingNode("tag:yaml.org,2002:map", pairs, flow_style=False), data

    def _entry(self, piece: str, here: int, depth: int) -> tuple[tuple[Node, Node], Any, Any]:
        """Return a field; a long one is read in pieces again."""
        head = _KEY.match(piece.lstrip(" "))
        if head and len(piece) > _SMALLEST and depth < _DEEPEST:
            cut = piece.index("\n") + 1
            try:
                below = self.read(piece[cut:], here + cut, depth + 1)
            except _Whole:
                return self._field(piece, here)
            key, name, _ = self._field(piece[:cut], here)
            assert below.node is not None  # noqa: S101  # a block has a node
            return (key[0], below.node), name, below.data
        return self._field(piece, here)

    def _field(self, piece: str, here: int) -> tuple[tuple[Node, Node], Any, Any]:
        found = self._piece(piece, here, MappingNode)
        ((name, value),) = found.data.items()
        return found.node.value[0], name, value

    def _single(self, piece: str, here: int, depth: int) -> tuple[Node, Any]:
        """Return an item; a long one is a block whose first line has a blank for the dash."""
        if len(piece) > _SMALLEST and depth < _DEEPEST:
            try:
                below = self.read(piece.replace("-", " ", 1), here, depth + 1)
            except _Whole:
                pass
            else:
                assert below.node is not None  # noqa: S101  # a block has a node
                return below.node, below.data
        found = self._piece(piece, here, SequenceNode)
        return found.node.value[0], found.data[0]

    def _piece(self, piece: str, here: int, kind: type[Node]) -> Any:
        """Return a piece with just one entry, and note where it stands."""
        self._times[piece] += 1
        if len(piece) > _KEPT_CHARACTERS:
            found, ids = _piece(piece)
        else:
            found, ids = _piece_again(piece, self._times[piece])
        node: Any = found.node
        is_kind = isinstance(node, kind)
        if not is_kind or len(node.value) != 1 or node.flow_style:
            raise _Whole
        if here:
            self._begins.update(dict.fromkeys(ids, here))
        return found


def _entries(text: str) -> tuple[int, list[int], bool]:
    """Return the column of a block, where the entries begin that stand at it, whether it is a list.

    The items of a list may stand at the column of the field that they belong to.
    """
    first = _CONTENT.search(text)
    if first is None:
        raise _Whole
    column = len(first[1])
    found = [(len(line[1]), line.end(1)) for line in _not_deeper(column).finditer(text)]
    if any(here < column for here, _ in found):
        raise _Whole
    marks = [(at, text.startswith(("- ", "-\n"), at) or text[at:] == "-") for _, at in found]
    is_list = marks[0][1]
    if is_list and not all(dashed for _, dashed in marks):
        raise _Whole
    return column, [mark for mark, dashed in marks if dashed is is_list], is_list


@cache
def _not_deeper(column: int) -> re.Pattern[str]:
    """Return what finds the lines whose content begins at a column or before it."""
    return re.compile(rf"(?m)^( {{0,{column}}}+)[^ \n#]")


def _all(node: Node) -> Iterator[Node]:
    pending: list[Any] = [node]
    while pending:
        found = pending.pop()
        yield found
        if isinstance(found, SequenceNode):
            pending += found.value
        elif isinstance(found, MappingNode):
            for key, value in found.value:
                pending += (key, value)
