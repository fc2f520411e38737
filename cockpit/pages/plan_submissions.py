"""`/plan/submissions/`: who handed what to the controller or took it back, and how it went."""

from collections.abc import Mapping
from datetime import date

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import rows
from cockpit.pages.addresses import with_query
from cockpit.pages.door import page, render
from dailyplan.models import Submission

ROWS = 100
_FILTERS = ("date", "account", "verb")


@page()
def submissions(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the submissions, newest first."""
    given = {name: request.GET.get(name, "").strip().replace("\0", "") for name in _FILTERS}
    cursor, problems = request.GET.get("cursor", ""), list[str]()
    shown: list[Submission] = []
    try:
        found = _matching(rows(Submission, actor.account), given, cursor)
        shown = list(found.order_by("-pk")[: ROWS + 1])
    except ValueError:
        problems.append("Write a day as 2026-01-31.")
    older = with_query({**given, "cursor": str(shown[ROWS - 1].pk)}) if len(shown) > ROWS else ""
    context = {
        "page_title": "Submission history",
        "given": given,
        "is_filtered": any(given.values()),
        "submissions": [
            (one, max(one.asked - one.accepted - one.refused, 0)) for one in shown[:ROWS]
        ],
        "older": older,
        "newest": with_query(given) or "?" if cursor else "",
        "wanted": {"problems": problems},
    }
    return render(request, actor, "plan/submissions.html", context, 422 if problems else 200)


def _matching(
    found: "QuerySet[Submission]", given: Mapping[str, str], cursor: str
) -> "QuerySet[Submission]":
    """Return the submissions that a filter selects, from a cursor on.

    Raises:
        ValueError: the day is none.
    """
    found = found.filter(**{name: given[name] for name in ("account", "verb") if given[name]})
    if given["date"]:
        found = found.filter(day=date.fromisoformat(given["date"]))
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 19:
        found = found.filter(pk__lt=int(cursor))
    return found
