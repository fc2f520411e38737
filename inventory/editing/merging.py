"""YAML written anew by the round trip of ruamel.yaml: comments stay, the layout may change.

The way that is taken where a text cannot be changed piece by piece.
"""

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString
from ruamel.yaml.util import load_yaml_guess_indent

from inventory.editing.layout import Unsplicable

_WIDEST = 100_000


def merged(source: str, old: Any, new: Any) -> str:
    """Return the text written anew.

    Raises:
        Unsplicable: it cannot be.
    """
    try:
        _, indent, offset = load_yaml_guess_indent(source)
        yaml = YAML()
        yaml.preserve_quotes = True
        yaml.width = _WIDEST
        if indent:
            mapping = indent - (offset or 0)
            yaml.indent(mapping=max(mapping, 1), sequence=indent, offset=offset or 0)
        kept = _merge(yaml.load(source), old, new)
        written = io.StringIO()
        yaml.dump(kept, written)
    except (YAMLError, ValueError, TypeError, KeyError, IndexError, AttributeError) as e:
        raise Unsplicable from e
    return written.getvalue()


def _merge(kept: Any, old: Any, new: Any) -> Any:
    """Return the value that ruamel has kept with what is new in it."""
    if new is old:
        return kept
    if isinstance(new, Mapping) and isinstance(old, Mapping):
        for name in [name for name in kept if name not in new]:
            del kept[name]
        for name, value in new.items():
            kept[name] = _merge(kept.get(name), old[name], value) if name in old else _own(value)
        return kept
    if isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        for i, value in enumerate(new):
            kept[i] = _merge(kept[i], old[i], value)
        return kept
    return _own(new)


def _own(value: Any) -> Any:
    """Return a copy, so that nothing that stands twice becomes an alias."""
    if isinstance(value, Mapping):
        return {k: _own(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_own(each) for each in value]
    return LiteralScalarString(value) if isinstance(value, str) and "\n" in value else value
