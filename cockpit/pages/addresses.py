"""Addresses of pages, with ids and paths quoted. Pure."""

from typing import Any
from urllib.parse import quote, urlencode


def order_at(order_id: str, tab: str = "") -> str:
    """Return the address of an order or of one of its tabs."""
    return f"/orders/{quote(order_id, safe='')}/" + (f"{tab}/" if tab else "")


def workflow_at(path: str, tab: str = "") -> str:
    """Return the address of a workflow or of one of its tabs; `-` cannot be part of a path."""
    return f"/workflows/{quote(path)}/" + (f"-/{tab}/" if tab else "")


def object_at(kind: str, path: str, what: str = "") -> str:
    """Return the address of an inventory object, or of something about it."""
    return f"/inventory/{quote(kind)}/{quote(path)}/" + (f"-/{what}/" if what else "")


def object_tabs(kind: str, path: str, here: str = "") -> list[tuple[str, str, bool]]:
    """Return the tabs of an inventory object: address, word, and whether it is `here`."""
    own = {"calendar": "Rules", "schedule": "Times"}.get(kind)
    only = "Editor" if kind == "workflow" else "Source"
    first = (("", own), ("source", "Source")) if own else (("", only),)
    tabs = (*first, ("references", "Used by"), ("versions", "Versions"))
    return [(object_at(kind, path, tab), word, tab == here) for tab, word in tabs]


def source_tab(kind: str) -> str:
    """Return the tab with the text of an object: the first one where there is no other editor."""
    return "source" if kind in ("calendar", "schedule") else ""


def subscribe_at(item: Any) -> str:
    """Return the page with the address of the feed of a calendar or schedule."""
    of = with_query({"of": f"{item.kind}:{item.path}"})
    return f"/resources/calendars/-/subscribe/{of}"


def log_at(no: int) -> str:
    """Return the address of a job run's log."""
    return f"/history/jobs/{no}/log/"


def orders_at(**query: str) -> str:
    """Return the list of orders with a filter."""
    return "/orders/" + with_query(query)


def with_query(query: dict[str, str] | list[tuple[str, str]]) -> str:
    """Return `?a=b`, empty where nothing is asked for."""
    pairs = list(query.items()) if isinstance(query, dict) else query
    said = urlencode([(name, value) for name, value in pairs if value])
    return f"?{said}" if said else ""


def board_at(path: str, **query: str) -> str:
    """Return the address of a notice board."""
    return f"/resources/boards/{quote(path)}/{with_query(query)}"


def file_source_at(path: str) -> str:
    """Return the address of a file order source."""
    return f"/resources/file-order-sources/{quote(path)}/"


def agent_at(agent: str) -> str:
    """Return the address of an agent."""
    return f"/resources/agents/{quote(agent, safe='')}/"


def lock_at(path: str) -> str:
    """Return the address of a lock."""
    return f"/resources/locks/{quote(path)}/"
