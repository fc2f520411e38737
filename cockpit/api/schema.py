"""The OpenAPI schema, made from the structs that the views read and answer with."""

import re
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import msgspec
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from cockpit.api import keep
from cockpit.api.documented import JSON, NOTHING_TOLD, STRUCTS, Told, alternatives
from cockpit.api.problem import CONTENT_TYPE, Problem

_REF = "#/components/schemas/{name}"
_ALWAYS = (401, 403, 503)


class StructSchema(AutoSchema):
    """Describes the views of this API; REST framework's serializers play no part in it."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> dict[str, Any]:
        """Return what the schema says about one method at one address."""
        handler = getattr(self.view, method.lower())
        told: Told = getattr(handler, "told", NOTHING_TOLD)
        first, _, rest = (handler.__doc__ or "").strip().partition("\n")
        found: dict[str, Any] = {
            "operationId": _operation_id(path, method),
            "summary": first,
            "tags": [path.removeprefix("/api/v1/").partition("/")[0]],
            "parameters": _path_parameters(path) + _query_parameters(told, method),
            "responses": _responses(told, method, path),
        }
        if rest.strip():
            found["description"] = re.sub(r"\s+", " ", rest).strip()
        if told.body is not None:
            content: dict[str, Any] = {"schema": _schema(told.body)}
            if told.examples:
                content["examples"] = {n: {"value": v} for n, v in told.examples.items()}
            found["requestBody"] = {"required": True, "content": {JSON: content}}
        if told.takes:
            file = {"schema": {"type": "string", "format": "binary"}}
            found["requestBody"] = {"required": True, "content": dict.fromkeys(told.takes, file)}
        # Without permission classes there is nobody to ask who it is.
        found["security"] = (
            [{"token": []}, {"session": []}] if self.view.permission_classes else [{}]
        )
        return found


def add_components(result: dict[str, Any], **context: Any) -> dict[str, Any]:
    """Return the schema with the structs of all views; a hook of drf-spectacular."""
    _, components = msgspec.json.schema_components([Problem, *STRUCTS], ref_template=_REF)
    result["components"] = {
        "schemas": dict(sorted(components.items())),
        "securitySchemes": {
            "token": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`Token SECRET`",
            },
            "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        },
    }
    return result


@lru_cache(maxsize=1)
def whole_schema() -> dict[str, Any]:
    """Return the schema of the whole API."""
    # The package has no types.
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    schema: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema


def _schema(kind: Any) -> dict[str, Any]:
    kinds = alternatives(kind)
    found, _ = msgspec.json.schema_components(kinds, ref_template=_REF)
    return dict(found[0]) if len(kinds) == 1 else {"anyOf": list(found)}


def _operation_id(path: str, method: str) -> str:
    words = [w for w in re.split(r"[^A-Za-z0-9]+", path.removeprefix("/api/v1/")) if w]
    return "_".join([*words, method.lower()])


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query_parameters(told: Told, method: str) -> list[dict[str, Any]]:
    found = []
    if told.query is not None:
        (_,), components = msgspec.json.schema_components([told.query], ref_template=_REF)
        shape = components[told.query.__name__]
        for name, schema in shape["properties"].items():
            parameter = {"in": "query", "name": name, "schema": schema}
            if name in shape.get("required", ()):
                parameter["required"] = True
            found.append(parameter)
    if method == "POST":
        found.append(
            {
                "in": "header",
                "name": keep.HEADER,
                "schema": {"type": "string", "maxLength": 200},
                "description": "The same key with the same request gives the first answer again.",
            }
        )
    return found


def _responses(told: Told, method: str, path: str) -> dict[str, Any]:
    answers = told.answers or {200: None}
    found = {str(status): _answer(status, kind, told.media) for status, kind in answers.items()}
    problems = {*_ALWAYS, *told.problems}
    problems |= {422} if told.query is not None or told.body is not None else set()
    problems |= {400, 413} if told.body is not None or told.takes else set()
    problems |= {404} if "{" in path else set()
    for status in sorted(problems):
        found[str(status)] = _answer(status, Problem, CONTENT_TYPE)
    return found


def _answer(status: int, kind: Any, media: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if kind is not None or media != JSON:
        schema = _schema(kind) if kind is not None else {"type": "string"}
        answer["content"] = {media: {"schema": schema}}
    return answer
