"""Writes a workflow as canonical JSON: equal workflows give equal bytes.

Fields with their default are left out, names are sorted, nothing is indented. `instructions` is
always there, even where empty.
"""

import hashlib
from functools import cache
from typing import Any

import msgspec
from msgspec import NODEFAULT

from engine.workflow.model import Workflow


def write_workflow(workflow: Workflow) -> bytes:
    """Return the document in UTF-8; `read_workflow` makes an equal workflow from it."""
    return msgspec.json.encode(_plain(workflow), order="sorted")


def digest(workflow: Workflow) -> str:
    """Return the SHA-256 of the canonical document in hex: the id of the workflow's version."""
    return hashlib.sha256(write_workflow(workflow)).hexdigest()


def _plain(workflow: Workflow) -> dict[str, Any]:
    """Return dicts and lists.

    msgspec would do this too, but it leaves a default out only where it is the same object.
    """
    document: dict[str, Any] = {}
    pending: list[tuple[msgspec.Struct, dict[str, Any]]] = [(workflow, document)]
    while pending:
        struct, home = pending.pop()
        tag = struct.__struct_config__.tag
        if tag is not None:
            home["TYPE"] = tag
        for field in _fields(type(struct)):
            value = getattr(struct, field.name)
            if not _is_default(field, value):
                home[field.encode_name] = _shell(value, pending)
    return document


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)


def _is_default(field: msgspec.structs.FieldInfo, value: object) -> bool:
    if field.default is not NODEFAULT:
        return type(value) is type(field.default) and bool(value == field.default)
    return field.default_factory is not NODEFAULT and value == field.default_factory()


def _shell(value: Any, pending: list[tuple[msgspec.Struct, dict[str, Any]]]) -> Any:
    """Return the value with empty dicts for structs; the loop fills them, without recursion."""
    match value:
        case msgspec.Struct():
            shell: dict[str, Any] = {}
            pending.append((value, shell))
            return shell
        case tuple():
            return [_shell(v, pending) for v in value]
        case dict() if any(isinstance(v, msgspec.Struct) for v in value.values()):
            return {k: _shell(v, pending) for k, v in value.items()}
        case _:
            return value
