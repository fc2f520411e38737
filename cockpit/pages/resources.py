"""Lists of deployed resources: part of the path as filter, pages by path. Knows no kind."""

from typing import Any, NamedTuple

from django.http import HttpRequest

from cockpit.pages.addresses import with_query


class Listed(NamedTuple):
    """A page of resources, each with path and document; `next` and `first` are addresses."""

    rows: list[tuple[str, bytes]]
    text: str
    next: str
    first: str


def listed(request: HttpRequest, found: Any, most: int) -> Listed:
    """Return the page of a list of deployed objects that an address asks for."""
    text = request.GET.get("q", "").strip().replace("\0", "")
    after = request.GET.get("after", "").replace("\0", "")
    if text:
        found = found.filter(path__icontains=text)
    if after:
        found = found.filter(path__gt=after)
    known = [(path, bytes(raw)) for path, raw in found.values_list("path", "document")[: most + 1]]
    shown, more = known[:most], len(known) > most
    query = {"q": text}
    return Listed(
        shown,
        text,
        with_query({**query, "after": shown[-1][0]}) if more else "",
        (with_query(query) or "?") if after else "",
    )
