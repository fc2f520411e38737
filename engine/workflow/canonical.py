"""Writes a struct as canonical JSON: equal values give equal bytes.

Fields with their default are left out, unless they are required; names are sorted, nothing is
indented.
"""

import hashlib
from functools import cache
from typing import Any

import msgspec
from msgspec import NODEFAULT


def canonical(struct: msgspec.Struct) -> bytes:
    """Return the document in UTF-8; reading makes an equal value from it."""
    return msgspec.json.encode(_plain(struct), order="sorted")


def digest_of(document: bytes) -> str:
    """Return the SHA-256 of a canonical document in hex: the id of a version."""
    return hashlib.sha256(document).hexdigest()


def _plain(whole: msgspec.Struct) -> dict[str, Any]:
    """Return dicts and lists.

    msgspec would do this too, but it leaves a default out only where it is the same object.
    """
    document: dict[str, Any] = {}
    pending: list[tuple[msgspec.Struct, dict[str, Any]]] = [(whole, document)]
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
