"""What the frame around each page shows: navigation, environment, theme."""

from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.context import Context
from django.urls import Resolver404, get_urlconf, resolve

register = template.Library()

THEMES = ("auto", "light", "dark", "contrast")
ENVIRONMENT_HUES = {"TEST": "amber", "STAGE": "amber", "DEV": "green", "DEMO": "blue"}


class Entry(NamedTuple):
    """One line of the navigation; `prefix` is what marks it as the current page."""

    text: str
    icon: str
    path: str
    prefix: str
    staff: bool = False


class Section(NamedTuple):
    """Entries below one heading; the first section has none."""

    title: str
    entries: tuple[Entry, ...]


NAVIGATION = (
    Section("", (Entry("Dashboard", "layout-dashboard", "/", "/"),)),
    Section(
        "Operate",
        (
            Entry("Orders", "list-ordered", "/orders/", "/orders/"),
            Entry("Workflows", "workflow", "/workflows/", "/workflows/"),
            Entry("Daily plan", "calendar-clock", "/plan/", "/plan/"),
            Entry("Order history", "history", "/history/orders/", "/history/orders/"),
            Entry("Job history", "terminal", "/history/jobs/", "/history/jobs/"),
            Entry("Agents", "server", "/resources/agents/", "/resources/agents/"),
            Entry("Notice boards", "megaphone", "/resources/boards/", "/resources/boards/"),
            Entry("Locks", "lock", "/resources/locks/", "/resources/locks/"),
            Entry(
                "File order sources",
                "folder",
                "/resources/file-order-sources/",
                "/resources/file-order-sources/",
            ),
        ),
    ),
    Section(
        "Design",
        (
            Entry("Inventory", "folder", "/inventory/", "/inventory/"),
            Entry("Calendars", "calendar-days", "/resources/calendars/", "/resources/calendars/"),
            Entry("Deployments", "rocket", "/deployments/", "/deployments/"),
        ),
    ),
    Section(
        "System",
        (
            Entry("Cluster", "network", "/cluster/", "/cluster/"),
            Entry("Audit log", "clipboard-list", "/audit/", "/audit/"),
            Entry("Settings", "sliders-horizontal", "/settings/", "/settings/"),
            Entry("Administration", "settings", "/admin/", "/admin/", staff=True),
        ),
    ),
)
"""Every place the cockpit may offer. A place whose address leads nowhere is left out."""


@register.inclusion_tag("cockpit/parts/navigation.html", takes_context=True)
def navigation(context: Context) -> dict[str, Any]:
    """Return the sections with the entries that exist and that this user may open."""
    request: HttpRequest = context["request"]
    staff = bool(getattr(getattr(request, "user", None), "is_staff", False))
    return {
        "sections": [
            (section.title, [(e, _is_current(e, request.path)) for e in entries])
            for section in NAVIGATION
            if (entries := [e for e in section.entries if _offered(e, staff=staff)])
        ]
    }


@register.simple_tag
def page_exists(path: str) -> bool:
    """Return whether an address leads to a page of this installation."""
    return _leads_somewhere(path, get_urlconf())


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """Return the theme that the reader chose, `auto` without a choice."""
    chosen = context["request"].COOKIES.get("theme", "auto")
    return chosen if chosen in THEMES else "auto"


@register.simple_tag
def environment() -> dict[str, str]:
    """Return name and hue of this installation, such as PROD; the name is empty when unset."""
    name = str(getattr(settings, "STELLWERK_ENVIRONMENT", ""))
    return {"name": name, "hue": ENVIRONMENT_HUES.get(name.upper(), "")}


def _offered(entry: Entry, *, staff: bool) -> bool:
    return (staff or not entry.staff) and _leads_somewhere(entry.path, get_urlconf())


def _is_current(entry: Entry, path: str) -> bool:
    return path == entry.path if entry.prefix == "/" else path.startswith(entry.prefix)


@lru_cache(maxsize=100)
def _leads_somewhere(path: str, urlconf: str | None) -> bool:
    try:
        resolve(path, urlconf)
    except Resolver404:
        return False
    return True
