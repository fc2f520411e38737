"""`/inventory/workflow/-/fields/`: the fields of workflow documents, for completion in the text.

Made from the types that the documents are read with, so it says what is taken and nothing else.
"""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from msgspec import inspect

from cockpit.access.account import Actor
from cockpit.pages.door import page
from engine.workflow.model import Workflow


@page()
def fields(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Answer types with their fields, and which field holds which types."""
    return JsonResponse(vocabulary(), headers={"Cache-Control": "private, max-age=3600"})


@cache
def vocabulary() -> dict[str, Any]:
    """Return names of types with tag and fields, and the types below each field."""
    types: dict[str, Any] = {}
    holders: dict[str, set[str]] = {}
    pending: list[inspect.Type] = [inspect.type_info(Workflow)]
    while pending:
        struct = pending.pop()
        if not isinstance(struct, inspect.StructType) or struct.cls.__name__ in types:
            continue
        name = struct.cls.__name__
        types[name] = {"tag": struct.tag or "", "fields": {}}
        for field in struct.fields:
            below = _structs(field.type)
            types[name]["fields"][field.encode_name] = _said(field)
            holders.setdefault(field.encode_name, set()).update(b.cls.__name__ for b in below)
            pending += below
        if struct.tag:
            types[name]["fields"]["TYPE"] = str(struct.tag)
    tags = sorted(str(each["tag"]) for each in types.values() if each["tag"])
    return {
        "types": types,
        "holders": {field: sorted(names) for field, names in holders.items() if names},
        "tags": tags,
    }


def _structs(kind: inspect.Type) -> list[inspect.StructType]:
    match kind:
        case inspect.StructType():
            return [kind]
        case inspect.UnionType(types=types):
            return [found for each in types for found in _structs(each)]
        case inspect.DictType(value_type=inner) | inspect.VarTupleType(item_type=inner):
            return _structs(inner)
        case _:
            return []


def _said(field: inspect.Field) -> str:
    """Return what is said beside a field."""
    kind = _word(field.type)
    return f"{kind}, needed" if field.required else kind


def _word(kind: inspect.Type) -> str:
    match kind:
        case inspect.StrType() | inspect.LiteralType():
            return "text"
        case inspect.IntType():
            return "number"
        case inspect.BoolType():
            return "true or false"
        case inspect.VarTupleType():
            return "list"
        case inspect.UnionType(types=types):
            words = dict.fromkeys(_word(t) for t in types if not isinstance(t, inspect.NoneType))
            return " or ".join(words)
        case inspect.StructType() | inspect.DictType():
            return "object"
        case _:
            return "any value"
