"""Speaks the API through the whole stack of the site, as a script would."""

import json
from typing import Any
from urllib.parse import quote

import msgspec
from django.test import Client


class Reply(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]

    def __getitem__(self, name: str) -> Any:
        return self.body[name]

    @property
    def fields(self) -> list[str]:
        """The places of all problems."""
        return [problem["field"] for problem in self.body.get("problems", [])]


class Api:
    """A caller with a token, or without one."""

    def __init__(self, token: str | None) -> None:
        self.token = token
        self._client = Client(raise_request_exception=False)

    def get(self, path: str, **query: Any) -> Reply:
        return self.ask("GET", path, query=query)

    def post(self, path: str, body: Any = None, **headers: str) -> Reply:
        return self.ask("POST", path, {} if body is None else body, headers=headers)

    def put(self, path: str, body: Any) -> Reply:
        return self.ask("PUT", path, body)

    def patch(self, path: str, body: Any) -> Reply:
        return self.ask("PATCH", path, body)

    def delete(self, path: str) -> Reply:
        return self.ask("DELETE", path, {})

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        given = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        if self.token:
            given["Authorization"] = f"Token {self.token}"
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        response = self._client.generic(
            method,
            f"/api/v1{path}",
            data,
            content_type="application/json",
            headers=given,
            query_params=query or {},
        )
        content = response.getvalue()
        return Reply(response.status_code, _parsed(content, response), dict(response.items()))


def order_path(order_id: str, below: str = "") -> str:
    """Return the address of an order, with its id percent-encoded."""
    return f"/orders/{quote(order_id, safe='')}/{below}"


def _parsed(content: bytes, response: Any) -> Any:
    if "json" in response.get("Content-Type", "") and "ndjson" not in response["Content-Type"]:
        return json.loads(content)
    return content
