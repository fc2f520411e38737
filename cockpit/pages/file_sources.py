"""`/resources/file-order-sources/`: the watched directories, their files and orders."""

from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.api.resources.file_sources import source_page, source_seen
from cockpit.api.resources.listing import PathQuery
from cockpit.pages.addresses import file_source_at, object_at, order_at, with_query, workflow_at
from cockpit.pages.door import page, render
from cockpit.pages.known_facts import bare_orders
from cockpit.pages.orders import upto
from engine.files.rules import KIND

ROWS = 100
FILES = 100


@page()
def file_sources(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the file order sources with what keeps them from being watched."""
    heard = upto(actor.account)
    text = request.GET.get("q", "").strip().replace("\0", "")[:200]
    after = request.GET.get("after", "").replace("\0", "")
    found = source_page(actor.account, PathQuery(text=text, cursor=after, limit=ROWS))
    context = {
        "page_title": "File order sources",
        "lines": [(each, file_source_at(each.path)) for each in found.sources],
        "q": text,
        "next": with_query({"q": text, "after": found.older}) if found.older else "",
        "first": (with_query({"q": text}) or "?") if after else "",
        "upto": heard,
    }
    return render(request, actor, "resources/file_sources.html", context)


@page()
def file_source(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    """Show one source: whether its directory is watched, and its files with their orders."""
    account, heard = actor.account, upto(actor.account)
    after = request.GET.get("after", "").replace("\0", "")
    seen = source_seen(account, path, after=after, limit=FILES)
    visible = bare_orders(account, [each.order for each in seen.listed if each.order])
    context = {
        "page_title": path,
        "path": path,
        "seen": seen,
        "files": [
            (each, order_at(each.order) if each.order and each.order in visible else "")
            for each in seen.listed
        ],
        "next": with_query({"after": seen.after}) if seen.after else "",
        "first": "?" if after else "",
        "workflow_href": workflow_at(seen.workflow),
        "edit_href": object_at(KIND, path),
        "upto": heard,
    }
    return render(request, actor, "resources/file_source.html", context)
