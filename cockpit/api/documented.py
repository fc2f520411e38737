"""What the schema tells about a method of a view, written where the method is."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

F = TypeVar("F", bound=Callable[..., Any])

JSON = "application/json"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Body, query and answers of a method; a tuple of types is one of them."""

    body: Any = None
    query: Any = None
    answers: Mapping[int, Any] = {}
    media: str = JSON
    problems: tuple[int, ...] = ()
    examples: Mapping[str, Any] = {}
    takes: tuple[str, ...] = ()


NOTHING_TOLD = Told()
STRUCTS: list[Any] = []
"""All types that the schema has to describe."""


def told(
    *,
    body: Any = None,
    query: Any = None,
    answers: Mapping[int, Any] | None = None,
    media: str = JSON,
    problems: tuple[int, ...] = (),
    examples: Mapping[str, Any] | None = None,
    takes: tuple[str, ...] = (),
) -> Callable[[F], F]:
    """Return a decorator that notes what a method takes and answers.

    Args:
        body: type of the body.
        query: struct of the query parameters.
        answers: type of each successful answer by status; None is an answer without a body.
        media: content type of the answers.
        problems: statuses of refusals beyond those that every method may have.
        examples: bodies that people may begin with, by name.
        takes: content types of a body that is a file.
    """

    def note(method: F) -> F:
        found = Told(
            body=body,
            query=query,
            answers=answers or {},
            media=media,
            problems=problems,
            examples=examples or {},
            takes=takes,
        )
        for kind in (body, query, *found.answers.values()):
            STRUCTS.extend(k for k in alternatives(kind) if k is not None)
        method.told = found  # type: ignore[attr-defined]
        return method

    return note


def alternatives(kind: Any) -> tuple[Any, ...]:
    """Return the types that a body or answer may have."""
    return kind if isinstance(kind, tuple) else (kind,)
