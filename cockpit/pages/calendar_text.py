"""The text of a draft with single values changed; all else stays as people wrote it. Pure.

In YAML the signs of a value are replaced where they stand, so comments and order stay. JSON has no
comments and is laid out anew. Whatever comes out is read again and must say what was meant.
"""

import json
import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from cockpit.pages.calendar_places import Path, value_or
from inventory.form import Form
from inventory.source import values_of

KEPT_EMPTY = frozenset({"calendars", "periods", "includes"})
"""Fields that a document must have, even if nothing is in them."""

GONE = object()
"""The value of what shall not be there any more."""


class TextUnfit(Exception):
    """A text that cannot be changed in single values; the message is a sentence."""


class Put(NamedTuple):
    """A value for a path; an index one behind the last appends, `GONE` removes."""

    path: Path
    value: Any


def tree_of(source: str) -> Any:
    """Return what a text says as JSON's values, to look at; None where it cannot be read."""
    values = values_of(source)
    if not isinstance(values.data, bytes):
        return values.data
    try:
        return json.loads(values.data)
    except (ValueError, RecursionError):
        return None


def changed(source: str, puts: Sequence[Put]) -> str:
    """Return the text with these values, one after the other.

    Raises:
        TextUnfit: the text cannot be read, or is written in a way that hides single values.
    """
    for put in puts:
        tree = tree_of(source)
        if not isinstance(tree, dict):
            raise TextUnfit("The source cannot be read; mend it on the tab Source first.")
        wanted = _in_tree(tree, put)
        if wanted == tree:
            continue
        is_json = values_of(source).form is Form.JSON
        source = _json(source, wanted) if is_json else _yaml(source, tree, wanted)
        if tree_of(source) != wanted:
            raise TextUnfit(
                "The source is written in a way that this form cannot change, such as with"
                " anchors; change it on the tab Source."
            )
    return source


def _in_tree(tree: Any, put: Put) -> Any:
    """Return a copy of the tree with the value; lists that become empty go."""
    found = deepcopy(tree)
    if put.value is GONE:
        _remove(found, put.path)
        return found
    at = found
    for part, following in zip(put.path[:-1], put.path[1:], strict=True):
        made: Any = [] if isinstance(following, int) else {}
        if isinstance(part, int) and part == len(at):
            at.append(made)
        elif isinstance(part, str) and at.get(part) is None:
            at[part] = made
        at = at[part]
    last = put.path[-1]
    if isinstance(last, int) and last == len(at):
        at.append(put.value)
    else:
        at[last] = put.value
    return found


def _remove(tree: Any, path: Path) -> None:
    around = value_or(tree, path[:-1])
    if value_or(tree, path, GONE) is GONE:
        return
    del around[path[-1]]
    if around == [] and path[-2] not in KEPT_EMPTY:
        _remove(tree, path[:-1])


def _json(source: str, wanted: Any) -> str:
    lines = source.split("\n", 2)
    indent = len(lines[1]) - len(lines[1].lstrip()) if len(lines) > 1 else 0
    end = "\n" if source.endswith("\n") else ""
    return json.dumps(wanted, indent=indent or None, ensure_ascii=False) + end


def _yaml(source: str, old: Any, new: Any) -> str:
    root = YAML(typ="safe", pure=True).compose(source)
    cuts = sorted(_Cutting(source).between(root, old, new), reverse=True)
    for cut in cuts:
        source = source[: cut.begin] + cut.text + source[cut.end :]
    return source


class _Cut(NamedTuple):
    """The text between two indices of the source becomes another one."""

    begin: int
    end: int
    text: str


class _Cutting:
    """Finds where the text of a node has to be cut so that it says something else."""

    def __init__(self, source: str) -> None:
        self.source = source

    def between(self, node: Node, old: Any, new: Any) -> list[_Cut]:
        """Return the cuts that make a node say `new` where it says `old`."""
        if old == new:
            return []
        if isinstance(node, MappingNode) and isinstance(new, dict) and new:
            return self._of_mapping(node, old, new)
        if isinstance(node, SequenceNode) and isinstance(new, list) and new:
            return self._of_sequence(node, old, new)
        return [self._instead(node, new)]

    def _of_mapping(self, node: MappingNode, old: Any, new: Any) -> list[_Cut]:
        pairs = {str(key.value): (key, value) for key, value in node.value}
        gone = [name for name in pairs if name not in new]
        more = {name: value for name, value in new.items() if name not in pairs}
        if gone and (node.flow_style or more):
            return [self._instead(node, new)]
        if not node.flow_style and gone and self._shares_a_line(node, gone, pairs):
            return [self._instead(node, new)]
        cuts = [self._lines(pairs[name][0], pairs[name][1]) for name in gone]
        for name, (_, value) in pairs.items():
            if name in new:
                cuts += self.between(value, old[name], new[name])
        if more:
            said = [f"{_scalar(name)}: {flow(value)}" for name, value in more.items()]
            cuts.append(self._behind(node, said))
        return cuts

    def _of_sequence(self, node: SequenceNode, old: Any, new: Any) -> list[_Cut]:
        if len(new) < len(old):
            return self._without(node, old, new)
        cuts = []
        for item, before, after in zip(node.value, old, new, strict=False):
            cuts += self.between(item, before, after)
        if len(new) > len(old):
            mark = "" if node.flow_style else "- "
            said = [f"{mark}{flow(value)}" for value in new[len(old) :]]
            cuts.append(self._behind(node, said))
        return cuts

    def _without(self, node: SequenceNode, old: Any, new: Any) -> list[_Cut]:
        """Take out one item of a block as whole lines; anything else is written anew."""
        gone = [i for i in range(len(old)) if [*old[:i], *old[i + 1 :]] == new]
        if node.flow_style or not gone or not self._begins_line(node.value[gone[-1]], "- "):
            return [self._instead(node, new)]
        item = node.value[gone[-1]]
        return [self._lines(item, item)]

    def _shares_a_line(self, node: MappingNode, gone: list[str], pairs: Any) -> bool:
        return any(not self._begins_line(pairs[name][0], "") for name in gone) or len(gone) == len(
            node.value
        )

    def _begins_line(self, node: Node, mark: str) -> bool:
        """Tell whether only blanks and the mark stand before a node on its line."""
        begin = node.start_mark.index
        line = self.source.rfind("\n", 0, begin) + 1
        return self.source[line:begin].strip() == mark.strip()

    def _lines(self, first: Node, last: Node) -> _Cut:
        begin = self.source.rfind("\n", 0, first.start_mark.index) + 1
        end = self.source.find("\n", self._end(last) - (self._ends_line(last)))
        return _Cut(begin, len(self.source) if end < 0 else end + 1, "")

    def _ends_line(self, node: Node) -> int:
        """Return 1 where a node ends with the line end that follows it, as block texts do."""
        end = self._end(node)
        return int(end > 0 and self.source[end - 1] == "\n")

    def _end(self, node: Node) -> int:
        """Return where the text of a node ends; the marks of blocks are behind comments."""
        inner: list[Node] = []
        if isinstance(node, MappingNode) and not node.flow_style:
            inner = [part for pair in node.value for part in pair]
        elif isinstance(node, SequenceNode) and not node.flow_style:
            inner = node.value
        return max(map(self._end, inner)) if inner else int(node.end_mark.index)

    def _behind(self, node: Node, said: list[str]) -> _Cut:
        """Add fields or items to the end of a collection."""
        end = self._end(node)
        if getattr(node, "flow_style", False):
            inside = f", {', '.join(said)}" if node.value else ", ".join(said)
            return _Cut(end - 1, end - 1, inside)
        line = self.source.find("\n", end - self._ends_line(node))
        at = len(self.source) if line < 0 else line
        indent = "\n" + " " * int(node.start_mark.column)
        return _Cut(at, at, "".join(indent + each for each in said))

    def _instead(self, node: Node, value: Any) -> _Cut:
        begin, end = int(node.start_mark.index), self._end(node)
        text = flow(value)
        if begin == end:
            return _Cut(begin, end, f" {text}")
        tail = "\n" if self.source[end - 1] == "\n" else ""
        return _Cut(begin, end, text + tail)


_PLAIN = re.compile(r"[A-Za-z_][\w./+-]*(?: [\w./+-]+)*|\d{4}-\d\d-\d\d")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def flow(value: Any) -> str:
    """Return a value in YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
