"""Addresses of pages, with ids and paths quoted. Pure."""

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


def lock_at(path: str) -> str:
    """Return the address of a lock."""
    return f"/resources/locks/{quote(path)}/"
