"""The text of a document that has changed: JSON laid out as it was, YAML only where it changed."""

import json
import re
from typing import Any

import msgspec

from inventory.editing.errors import TextKept
from inventory.editing.layout import Unsplicable
from inventory.editing.merging import merged
from inventory.editing.splicing import spliced
from inventory.form import Form
from inventory.source import values_of

_INDENT = re.compile(r"^[{\[][ \t]*\r?\n([ \t]+)", re.MULTILINE)


def rewritten(source: str, old: Any, new: Any) -> str:
    """Return the text that says `new`; all that still says the same stays as it is written.

    Args:
        source: the text that says `old`.
        old: plain values; what `new` has in common with it is the same object.
        new: plain values.

    Raises:
        TextKept: the text cannot be changed there.
    """
    if new is old or new == old:
        return source
    if values_of(source).form is Form.JSON:
        return _json(source, new)
    for write in (spliced, merged):
        try:
            text = write(source, old, new)
        except Unsplicable:
            continue
        if values_of(text).data == new:
            return text
    raise TextKept(
        "The text cannot be changed at this place alone, for instance because of an anchor:"
        " change it in the source."
    )


def _json(source: str, new: Any) -> str:
    found = _INDENT.match(source.lstrip("\ufeff \t\r\n"))
    is_escaped = source.isascii() and "\\u" in source
    tight = '":' in source and '": ' not in source
    indent = found[1] if found else None
    if indent and not indent.strip(" ") and not is_escaped:
        text = msgspec.json.format(msgspec.json.encode(new), indent=len(indent)).decode()
        return text + ("\n" if source.endswith("\n") else "")
    text = json.dumps(
        new,
        indent=indent,
        ensure_ascii=is_escaped,
        separators=(",", ":") if tight and not found else None,
    )
    return text + ("\n" if source.endswith("\n") else "")
