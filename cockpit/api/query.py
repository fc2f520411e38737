"""Query parameters as values of a struct, with all problems at once.

A list is given by repeating a parameter or by commas; ids may contain commas, so they are only
repeated.
"""

from typing import Annotated, TypeVar, get_args, get_origin

import msgspec
from django.http import QueryDict
from msgspec import Meta

from cockpit.api.problem import FieldProblem, invalid
from cockpit.api.reading import sentence_of

T = TypeVar("T")

Word = Annotated[str, Meta(max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
Limit = Annotated[int, Meta(ge=1, le=1_000, description="Most entries of a page.")]
Cursor = Annotated[str, Meta(max_length=200, pattern=r"^[-\w.]*$")]

ONLY_REPEATED = frozenset({"ids"})


def read_query(given: QueryDict, kind: type[T]) -> T:
    """Return the parameters of a request as a value.

    Raises:
        Refusal: with everything that is wrong with them.
    """
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}  # type: ignore[arg-type]
    values: dict[str, object] = {}
    problems: list[FieldProblem] = []
    for name in given:
        field = fields.get(name)
        if field is None:
            known = ", ".join(sorted(fields)) or "none"
            problems.append(FieldProblem(name, f"This parameter is not known; known are: {known}."))
            continue
        value = _values(given, name) if _is_list(field.type) else given[name]
        try:
            values[field.name] = msgspec.convert(value, field.type, strict=False)
        except msgspec.ValidationError as problem:
            problems.append(FieldProblem(name, sentence_of(str(problem))))
    problems += [
        FieldProblem(name, "This parameter is required.")
        for name, field in fields.items()
        if field.required and name not in given
    ]
    if problems:
        raise invalid(problems)
    return kind(**values)


def _values(given: QueryDict, name: str) -> list[str]:
    found = given.getlist(name)
    if name not in ONLY_REPEATED:
        found = [part for value in found for part in value.split(",")]
    return [value for value in found if value]


def _is_list(kind: object) -> bool:
    if hasattr(kind, "__metadata__"):
        kind = get_args(kind)[0]
    return get_origin(kind) in (list, tuple)
