"""Makes a case fit for a system that has other orders, other objects and another day."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from tests.conformance.case import Case

_DATE = re.compile(r"20\d\d-\d\d-\d\d")
_RESOURCE = re.compile(r"\bJobResource:([\w-]+)")
_QUOTED = re.compile(r"'([^']+)'")


def moved(case: Case, run: str, today: date) -> Case:
    """Return the case as of today, with order ids of its own."""
    begin = date.fromisoformat(case.start[:10])
    text = msgspec.json.encode(case).decode()
    text = _DATE.sub(lambda m: str(today + (date.fromisoformat(m[0]) - begin)), text)
    for root in sorted({i.split("|")[0] for i in _ids(msgspec.json.decode(text))}, key=len)[::-1]:
        text = re.sub(rf"{re.escape(root)}(?![\w.-])", f"{root}.{run}", text)
    return msgspec.json.decode(text, type=Case)


def _ids(case: dict[str, Any]) -> Iterator[str]:
    yield from case["expect"].get("orders", {})
    for step in case["steps"]:
        if "add_order" in step.get("do", {}):
            yield step["do"]["add_order"]["id"]


def renamed(value: Any, suffix: str, folder: str) -> Any:
    """Return a document in which locks, boards and job resources have names of their own.

    Workflows are named by their path in the folder. Names of objects are told apart from labels
    by the fields they stand in.
    """
    match value:
        case dict():
            return {k: _field(k, v, suffix, folder) for k, v in value.items()}
        case list():
            return [renamed(v, suffix, folder) for v in value]
        case str():
            return _RESOURCE.sub(lambda m: f"JobResource:{m[1]}{suffix}", value)
        case _:
            return value


def _field(name: str, value: Any, suffix: str, folder: str) -> Any:
    match name, value:
        case "lockName", str():
            return value + suffix
        case "workflowName", str():
            return f"{folder}/{value}"
        case (("noticeBoardNames" | "jobResourceNames"), list()):
            return [f"{found}{suffix}" for found in value]
        case "noticeBoardNames", str():
            return _QUOTED.sub(lambda m: f"'{m[1]}{suffix}'", value)
        case _:
            return renamed(value, suffix, folder)
