"""In which line of a text the place of a problem is."""

import json
import re
from typing import Any

from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, SequenceNode

from inventory.source import composed

LARGEST = 128 * 1024
"""Longer texts are not searched: JSON has to be read as YAML for it."""

_PART = re.compile(r'\.?([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]')


def lines_of(source: str, places: list[str]) -> list[int]:
    """Return the line of each place, counted from 1: of the last part of it that is there."""
    if not places or len(source) > LARGEST:
        return [1] * len(places)
    try:
        found = composed(source)
    except (YAMLError, ValueError, RecursionError):
        return [1] * len(places)
    return [_line(source, found, place) for place in places]


def _line(source: str, found: Any, place: str) -> int:
    node, at = found.node, 0
    for name, index, quoted in _PART.findall(place):
        below = _below(node, json.loads(quoted) if quoted else name, index)
        if below is None:
            break
        mark, node = below
        at = int(mark.start_mark.index) + found.begins.get(id(mark), 0)
    return source.count("\n", 0, at) + 1


def _below(node: Any, name: str, index: str) -> tuple[Any, Any] | None:
    """Return the node that is shown for a part of a place, and the one to go on with."""
    if index and isinstance(node, SequenceNode) and int(index) < len(node.value):
        return node.value[int(index)], node.value[int(index)]
    if not index and isinstance(node, MappingNode):
        for key, value in node.value:
            if str(key.value) == name:
                return key, value
    return None
