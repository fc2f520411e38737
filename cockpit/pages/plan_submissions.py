"""`/plan/submissions/`: who handed what to the controller or took it back, and how it went."""

from datetime import date

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
    found = rows(Submission, actor.account)
    problems: list[str] = []
    if given["date"]:
        try:
            found = found.filter(day=date.fromisoformat(given["date"]))
        except ValueError:
            problems.append("Write a day as 2026-01-31.")
    found = found.filter(**{n: given[n] for n in ("account", "verb") if given[n]})
    cursor = request.GET.get("cursor", "")
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 19:
        found = found.filter(pk__lt=int(cursor))
    shown = [] if problems else list(found.order_by("-pk")[: ROWS + 1])
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
