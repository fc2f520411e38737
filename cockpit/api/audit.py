"""`/audit/`: who changed what."""

import datetime as dt
from typing import Annotated

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.gate import require, rows
from cockpit.access.policy import Verb
from cockpit.api.documented import told
from cockpit.api.problem import as_json
from cockpit.api.query import Limit, Word, one_of, read_query
from cockpit.api.view import View
from cockpit.audit import note_missing_answers
from cockpit.models import AuditEntry


class AuditQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries. `cursor` is the id before which a page begins; `object` names one exactly."""

    account: Word = ""
    verb: Word = ""
    kind: Word = ""
    object: Word = ""
    ticket: Word = ""
    result: Annotated[str, one_of(("done", "accepted", "refused", "partly"))] = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    cursor: int | None = None
    limit: Limit = 100


class AuditSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An entry. `result` is `done`, `accepted`, `refused` or `partly`, empty while it is open."""

    id: int
    at: dt.datetime
    account: str
    through: str
    request_id: str
    verb: str
    kind: str
    objects: list[str]
    before: msgspec.Raw | None
    after: msgspec.Raw | None
    comment: str
    ticket: str
    result: str
    answer: msgspec.Raw | None


class AuditPage(msgspec.Struct, frozen=True):
    """A page of the audit log, newest first; `older` is the cursor of the next page."""

    entries: list[AuditSeen]
    older: str | None


class AuditList(View):
    """The audit log."""

    @told(query=AuditQuery, answers={200: AuditPage})
    def get(self, request: Request) -> HttpResponse:
        """List entries of the audit log, newest first."""
        require(self.account, Verb.ADMINISTER)
        query = read_query(request.GET, AuditQuery)
        found = rows(AuditEntry, self.account)
        note_missing_answers(found)
        given = {
            "account": query.account,
            "verb": query.verb,
            "kind": query.kind,
            "ticket": query.ticket,
            "result": query.result,
            "objects_named__contains": [query.object] if query.object else None,
            "at__gte": query.since,
            "at__lt": query.until,
            "pk__lt": min(query.cursor, 2**63 - 1) if query.cursor is not None else None,
        }
        found = found.filter(**{name: value for name, value in given.items() if value})
        page = list(found.order_by("-pk")[: query.limit + 1])
        more, page = len(page) > query.limit, page[: query.limit]
        return as_json(AuditPage([_seen(e) for e in page], str(page[-1].pk) if more else None))


def _seen(entry: AuditEntry) -> AuditSeen:
    return AuditSeen(
        id=entry.pk,
        at=entry.at,
        account=entry.account,
        through=entry.through,
        request_id=entry.request_id,
        verb=entry.verb,
        kind=entry.kind,
        objects=entry.objects_named,
        before=_raw(entry.before),
        after=_raw(entry.after),
        comment=entry.comment,
        ticket=entry.ticket,
        result=entry.result,
        answer=_raw(entry.answer),
    )


def _raw(text: str | None) -> msgspec.Raw | None:
    return None if text is None else msgspec.Raw(text.encode())
