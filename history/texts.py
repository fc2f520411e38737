"""Texts from orders and jobs in the form that columns can hold. Pure."""

from typing import overload

MESSAGE_LIMIT = 4_000
"""Characters of a message that lists and pages show; the log has all of it."""


def short(text: str | None) -> str | None:
    """Return a text cut to what a list can show."""
    return stored_text(text[:MESSAGE_LIMIT]) if text else None


@overload
def stored_text(text: str) -> str: ...
@overload
def stored_text(text: str | None) -> str | None: ...
def stored_text(text: str | None) -> str | None:
    """Return the text as PostgreSQL can hold it: jobs may write NUL, its texts cannot."""
    return text.replace("\0", "\u2400") if text and "\0" in text else text
