"""`/plan/submissions/`: who handed what to the controller, and how it went."""

import datetime as dt
from typing import Annotated

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.gate import rows
from cockpit.api.documented import told
from cockpit.api.plan.bodies import SubmissionPage, SubmissionSeen
from cockpit.api.problem import as_json
from cockpit.api.query import Limit, Word, one_of, read_query
from cockpit.api.view import View
from dailyplan.models import Submission
from dailyplan.submissions import CANCEL, COPY, SUBMIT
from dailyplan.unplanned import UNPLANNED

VERBS = (SUBMIT, CANCEL, COPY, UNPLANNED)


class SubmissionQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which submissions. `cursor` is the id before which a page begins."""

    date: dt.date | None = None
    account: Word = ""
    verb: Annotated[str, one_of(VERBS)] = ""
    cursor: int | None = None
    limit: Limit = 100


class SubmissionList(View):
    """The submissions."""

    @told(query=SubmissionQuery, answers={200: SubmissionPage})
    def get(self, request: Request) -> HttpResponse:
        """List submissions, newest first."""
        query = read_query(request.GET, SubmissionQuery)
        given = {
            "day": query.date,
            "account": query.account,
            "verb": query.verb,
            "pk__lt": min(query.cursor, 2**63 - 1) if query.cursor is not None else None,
        }
        found = rows(Submission, self.account).filter(**{k: v for k, v in given.items() if v})
        page = list(found.order_by("-pk")[: query.limit + 1])
        more, page = len(page) > query.limit, page[: query.limit]
        return as_json(SubmissionPage([_seen(s) for s in page], str(page[-1].pk) if more else None))


def _seen(one: Submission) -> SubmissionSeen:
    return SubmissionSeen(
        id=one.pk,
        at=one.at,
        account=one.account,
        verb=one.verb,
        day=one.day,
        asked=one.asked,
        accepted=one.accepted,
        refused=one.refused,
        comment=one.comment,
    )
