"""How a text differs from what it was. Pure."""

import difflib


def text_difference(path: str, before: str, after: str) -> str:
    """Return what changes in the text of an object as unified diff, empty where nothing does."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), fromfile=path, tofile=path, lineterm=""
    )
    return "\n".join(lines)
