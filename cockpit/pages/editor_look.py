"""What somebody looks at in the workflow editor, as addresses and requests say it. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.http import QueryDict

from cockpit.diagram import asked
from cockpit.diagram.view import Asked

CHANGES = "changes"


class Look(NamedTuple):
    """What somebody looks at: the selected position, what is folded, whether the text is wanted.

    `marks` is whether it is marked what differs from what is deployed.
    """

    at: str = ""
    asked: Asked = Asked()
    source: bool = False
    marks: bool = False


def look_of(query: Mapping[str, Any] | QueryDict) -> Look:
    """Return what an address, or the fields of a request, ask to see."""
    lists: dict[str, list[str]] = (
        {name: [str(v) for v in query.getlist(name)] for name in query}
        if isinstance(query, QueryDict)
        else {
            n: [str(each) for each in (v if isinstance(v, list) else [v])] for n, v in query.items()
        }
    )
    at = (*lists.get("at", ()), "")[0]
    view = (*lists.get("view", ()), "")[0]
    kept = "view=changes&" if view == CHANGES else "marks=1&" if lists.get("marks") else ""
    return Look(at, asked(lists, kept), view == "source", marks=bool(kept))
