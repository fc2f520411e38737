"""The addresses of the daily plan, with ids quoted and the view in the query. Pure."""

from datetime import date
from urllib.parse import quote

from cockpit.pages.addresses import with_query

VIEWS = ("list", "timeline", "month", "deps")


def day_at(day: date, **query: str) -> str:
    """Return the address of a day of the plan, with a view and filters."""
    return f"/plan/{day.isoformat()}/{with_query(query)}"


def planned_at(day: date, order_id: str) -> str:
    """Return the address of one planned order."""
    return f"/plan/{day.isoformat()}/orders/{quote(order_id, safe='')}/"
