"""`/audit/`: who changed what, newest first."""

from django.http import HttpRequest, HttpResponse

from cockpit import audit as log
from cockpit.access.account import Actor
from cockpit.access.gate import rows
from cockpit.access.policy import Verb, may
from cockpit.models import AuditEntry
from cockpit.pages.addresses import with_query
from cockpit.pages.audit_lines import lines_of
from cockpit.pages.door import page, render

ROWS = 100
FILTERS = ("account", "verb", "kind")


@page()
def entries(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the audit log to those who may see it."""
    given = {name: _text(request, name) for name in (*FILTERS, "object")}
    visible = rows(AuditEntry, actor.account)
    if may(actor.account, Verb.ADMINISTER):
        log.note_missing_answers(visible)
    found = visible.filter(**{name: given[name] for name in FILTERS if given[name]})
    if given["object"]:
        found = found.filter(objects_named__contains=[given["object"]])
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:  # what a bigint holds
        found = found.filter(id__lt=int(before))
    page_rows = list(found.order_by("-id")[: ROWS + 1])
    shown, more = page_rows[:ROWS], len(page_rows) > ROWS
    older = with_query({**given, "before": str(shown[-1].pk)}) if more else ""
    context = {
        "page_title": "Audit log",
        "entries": lines_of(shown),
        "given": given,
        "is_filtered": any(given.values()),
        "older": older,
        "newest": with_query(given) or "?" if before else "",
    }
    return render(request, actor, "audit/list.html", context)


def _text(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").strip().replace("\0", "")
