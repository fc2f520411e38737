"""Query parameters as values of a struct, with all problems at once.

A list is given by repeating a parameter or by commas; ids may contain commas, so they are only
repeated. What a parameter may be is said by its type alone: a `Literal`, an enumeration, a text
that is `one_of` some, or one that is `checked`. So no list is empty because of a word that nothing
could ever fit.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec
from django.http import QueryDict
from msgspec import Meta

from cockpit.api.problem import FieldProblem, invalid
from cockpit.api.reading import allowed_in, among, metas_of, sentence_of

T = TypeVar("T")

Word = Annotated[str, Meta(max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
Limit = Annotated[int, Meta(ge=1, le=1_000, description="Most entries of a page.")]
Cursor = Annotated[str, Meta(max_length=200, pattern=r"^[-\w.]*$")]

ONLY_REPEATED = frozenset({"ids"})
_CHECK = "check"


class NoParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a method takes that says nothing of parameters."""


def one_of(allowed: Iterable[str]) -> Meta:
    """Return the mark of a text that has to be one of these, also for the schema of the API."""
    names = list(allowed)
    return Meta(extra={"allowed": tuple(names)}, extra_json_schema={"enum": names})


def checked(check: Callable[[str], str | None]) -> Meta:
    """Return the mark of a text of which `check` says a sentence where it cannot be taken."""
    return Meta(extra={_CHECK: check})


def read_query(given: QueryDict, kind: type[T]) -> T:
    """Return the parameters of a request as a value.

    Raises:
        Refusal: with everything that is wrong with them.
    """
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}  # type: ignore[arg-type]
    values: dict[str, object] = {}
    problems: list[FieldProblem] = []
    known = ", ".join(sorted(fields)) or "none"
    for name in given:
        if name in fields:
            is_list = _is_list(fields[name].type)
            values[name] = _values(given, name) if is_list else given[name]
            continue
        problems.append(FieldProblem(name, f"This parameter is not known; known are: {known}."))
    found, wrong = taken(kind, values)
    problems += wrong
    problems += [
        FieldProblem(name, "This parameter is required.")
        for name, field in fields.items()
        if field.required and name not in given
    ]
    if problems:
        raise invalid(problems)
    return kind(**found)


def taken(
    kind: type[Any], values: Mapping[str, object], place: str = ""
) -> tuple[dict[str, Any], list[FieldProblem]]:
    """Return values as the fields of a struct need them, and what is wrong with the others.

    Args:
        kind: the struct; values that it has no field for are passed by.
        values: by the names of parameters; texts stand for numbers, moments and so on.
        place: what stands before the names in problems.
    """
    found: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for field in msgspec.structs.fields(kind):
        if field.encode_name not in values:
            continue
        value = values[field.encode_name]
        sentence = _problem(value, field.type)
        if sentence is not None:
            problems.append(FieldProblem(f"{place}{field.encode_name}", sentence))
            continue
        found[field.name] = msgspec.convert(value, field.type, strict=False)
    return found, problems


def _problem(value: object, kind: Any) -> str | None:
    """Return what keeps a value from being of a type, of a list about all that is wrong in it."""
    if isinstance(value, list) and _is_list(kind):
        item = get_args(get_args(kind)[0] if hasattr(kind, "__metadata__") else kind)[0]
        allowed = allowed_in(item)
        if allowed and (wrong := [str(one) for one in value if one not in allowed]):
            return among(wrong, allowed)
    try:
        msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as problem:
        return sentence_of(str(problem), kind)
    return _own_problem(value, kind)


def _own_problem(value: object, kind: Any) -> str | None:
    """Return what the marks of a text say about it; an empty one stands for none."""
    if not isinstance(value, str) or not value:
        return None
    allowed = allowed_in(kind)
    if allowed and value not in allowed:
        return among([value], allowed)
    tests = (meta.extra[_CHECK] for meta in metas_of(kind) if meta.extra and _CHECK in meta.extra)
    return next((sentence for one in tests if (sentence := one(value))), None)


def _values(given: QueryDict, name: str) -> list[str]:
    found = given.getlist(name)
    if name not in ONLY_REPEATED:
        found = [part for value in found for part in value.split(",")]
    return [value for value in found if value]


def _is_list(kind: object) -> bool:
    if hasattr(kind, "__metadata__"):
        kind = get_args(kind)[0]
    return get_origin(kind) in (list, tuple)
