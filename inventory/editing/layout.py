"""Where the values of a YAML text stand: lines, columns, the comments that belong to them. Pure."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from inventory.editing import emitting
from inventory.yaml_pieces import Read


class Unsplicable(Exception):
    """A text that cannot be changed piece by piece at this place."""


class Layout(emitting.Known):
    """One text, and where its values stand."""

    def __init__(self, source: str, found: Read, data: Any) -> None:
        self.source = source
        self._pieces = found.begins
        self._begins = [0, *(i + 1 for i, c in enumerate(source) if c == "\n")]
        self.nodes: dict[int, Any] = {}
        self._note(found.node, data)

    def _note(self, node: Any, data: Any) -> None:
        """Learn the node of each collection; what is not written as it reads is refused."""
        pending = [(node, data)]
        while pending:
            node, data = pending.pop()
            if isinstance(node, MappingNode) and isinstance(data, Mapping):
                if [str(k.value) for k, _ in node.value] != [str(k) for k in data]:
                    raise Unsplicable
                pending += zip((v for _, v in node.value), data.values(), strict=True)
            elif isinstance(node, SequenceNode) and isinstance(data, list):
                pending += zip(node.value, data, strict=True)
            if isinstance(data, Mapping | list):
                self.nodes[id(data)] = node

    def start(self, node: Any) -> int:
        """Return where a node begins in the text."""
        return int(node.start_mark.index) + self._pieces.get(id(node), 0)

    def end(self, node: Any) -> int:
        """Return where a node ends in the text, maybe with blanks behind it."""
        return int(node.end_mark.index) + self._pieces.get(id(node), 0)

    def above(self, value: Any, column: int) -> list[str]:
        """Return the comment lines above an item that is put elsewhere."""
        node = self.nodes.get(id(value)) if isinstance(value, Mapping | list) else None
        if node is None:
            return []
        begin = self.line_begin(self.start(node))
        above = self.source[self.own_comments(begin) : begin].splitlines()
        return [" " * column + line.strip() for line in above]

    def lines(self, value: Any, column: int) -> list[str] | None:
        """Return the lines of a collection that stands in the text already."""
        node: Any = self.nodes.get(id(value)) if isinstance(value, Mapping | list) else None
        if node is None or not value or node.anchor:
            return None
        begin = self.start(node)
        if node.flow_style:
            text = self.source[begin : self.end(node)]
            return [text] if emitting.is_flat(value) and "\n" not in text else None
        first, *rest = self.source[begin : self.content_end(node)].split("\n")
        shift = column - node.start_mark.column
        return [first, *(_shifted(line, shift) for line in rest)]

    def entry_span(self, node: Node, i: int) -> tuple[int, int]:
        """Return where a field of a mapping stands, with its comments above and its line end."""
        key = self.start(node.value[i][0])
        begin = self.line_begin(key)
        end = self.line_end(self.content_end(node.value[i]))
        if self.source[begin:key].strip():
            return key, end
        # What stands above all is about the whole document.
        return self.own_comments(begin) or begin, end

    def item_span(self, node: Node, i: int) -> tuple[int, int]:
        """Return where an item of a list stands, with its comments above and its line end."""
        dash = self.dash(node, i)
        begin = self.line_begin(dash)
        end = self.line_end(self.content_end(node.value[i]))
        if self.source[begin:dash].strip():
            return dash, end
        return self.own_comments(begin), end

    def dash(self, node: Node, i: int) -> int:
        """Return where the dash of an item stands."""
        at = self.start(node.value[i]) - 1
        while at >= 0 and self.source[at] in " \t\n":
            at -= 1
        if at < 0 or self.source[at] != "-":
            raise Unsplicable
        return at

    def value_span(self, key: Node, value: Node) -> tuple[int, int, str]:
        """Return where a value stands, from its colon on, and the comment between the two."""
        colon = self.colon(key)
        if isinstance(value, ScalarNode) and self.start(value) == self.end(value):
            return colon, colon, ""
        if value.anchor:
            raise Unsplicable
        first, *rest = self.source[colon : self.start(value)].split("\n")
        if any(line.strip() and not line.lstrip().startswith("#") for line in [first, *rest[:-1]]):
            raise Unsplicable  # a tag stands between
        comment = f"  {first.strip()}" if first.strip() else ""
        return colon, self.content_end(value), comment

    def colon(self, key: Node) -> int:
        """Return where the text behind the colon of a field begins."""
        found = self.source.find(":", self.end(key))
        if found < 0 or self.source[self.end(key) : found].strip():
            raise Unsplicable
        return found + 1

    def content_end(self, node: Any) -> int:
        """Return where the last sign of a value stands, without blanks and comments behind it."""
        while True:
            if isinstance(node, tuple):
                key, value = node
                empty = isinstance(value, ScalarNode) and self.start(value) == self.end(value)
                if empty:
                    return self.colon(key)
                node = value
            is_open = isinstance(node, MappingNode | SequenceNode) and not node.flow_style
            if not is_open or not node.value:
                break
            node = node.value[-1]
        return self._scalar_end(node)

    def _scalar_end(self, node: Node) -> int:
        begin, end = self.start(node), self.end(node)
        if getattr(node, "style", None) not in ("|", ">"):
            return end
        head = self.source[begin : self.source.find("\n", begin)]
        if "+" in head:
            return end - 1 if self.source[end - 1 : end] == "\n" else end
        return begin + len(self.source[begin:end].rstrip())

    def own_comments(self, begin: int) -> int:
        """Return the begin of the comment lines right above a line, or of the line itself."""
        while begin > 0:
            above = self.line_begin(begin - 1)
            line = self.source[above : begin - 1]
            column = len(line) - len(line.lstrip())
            here = self.source[begin : self.line_end(begin)]
            if not line.lstrip().startswith("#") or column != len(here) - len(here.lstrip()):
                break
            begin = above
        return begin

    def line_begin(self, index: int) -> int:
        """Return where the line of an index begins."""
        return self._begins[bisect_right(self._begins, index) - 1]

    def line_end(self, index: int) -> int:
        """Return where the next line begins, the end of the text for the last one."""
        at = bisect_right(self._begins, index)
        return self._begins[at] if at < len(self._begins) else len(self.source)

    def is_line_begin(self, index: int) -> bool:
        """Tell whether a line begins at an index."""
        return index == self.line_begin(index)


def _shifted(line: str, shift: int) -> str:
    if not line.strip():
        return line
    if shift >= 0:
        return " " * shift + line
    return line[min(-shift, len(line) - len(line.lstrip())) :]
