"""`/plan/orders/-/generate/`: planning days by hand."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit import audit
from cockpit.access.policy import Verb, may_at
from cockpit.api import keep
from cockpit.api.documented import told
from cockpit.api.plan.bodies import GenerateAnswer, GenerateBody
from cockpit.api.plan.selecting import days_of
from cockpit.api.problem import as_json
from cockpit.api.view import View
from cockpit.audit import Deed, Reason
from dailyplan.plan_settings import kept
from dailyplan.released import read_released
from dailyplan.verbs import Asked
from dailyplan.verbs.generating import Generate, chosen, generate


class PlanGenerate(View):
    """Plans days by hand."""

    verbs = {"POST": Verb.OPERATE}

    @told(
        body=GenerateBody,
        answers={200: GenerateAnswer},
        examples={"A day": {"date": "2026-03-02"}, "Once more": {
            "date": "2026-03-02", "schedules": ["demo/morning"], "overwrite": True}},
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Plan days by hand: what is missing, or with `overwrite` all that may be replaced."""
        body = self.body(GenerateBody)
        config, now = kept().config, datetime.now(UTC)
        first, last = days_of(None, body.date, body.until or body.date, body.date)
        wanted = Generate(
            days=tuple(first + timedelta(days=n) for n in range((last - first).days + 1)),
            schedules=tuple(body.schedules),
            workflows=tuple(body.workflows),
            folder=body.folder,
            overwrite=body.overwrite,
            submit=body.submit,
            also_not_automatic=body.include_not_automatic or bool(body.schedules),
            include_late=body.include_late,
        )
        asked = Asked(
            account=self.account.name, now=now, config=config, comment=body.comment,
            dry_run=body.dry_run,
        )  # fmt: skip
        if body.dry_run:
            return as_json(self._done(wanted, asked))
        return keep.once(
            request._request,  # noqa: SLF001
            self.actor,
            lambda: as_json(self._noted(wanted, asked, body)),
        )

    def _done(self, wanted: Generate, asked: Asked) -> GenerateAnswer:
        released = read_released()
        schedules = chosen(wanted, released, lambda path: may_at(self.account, Verb.OPERATE, path))
        found = generate(wanted, schedules, released, asked, transaction.atomic)
        return GenerateAnswer(
            dry_run=asked.dry_run,
            schedules=found.schedules,
            added=found.added,
            deleted=found.deleted,
            submitted=found.submitted,
            problems=list(found.problems),
        )

    def _noted(self, wanted: Generate, asked: Asked, body: GenerateBody) -> GenerateAnswer:
        done = self._done(wanted, asked)
        days = [day.isoformat() for day in wanted.days]
        audit.record(
            self.actor,
            Deed(verb="plan-generate", kind="plan", objects=days, after=done),
            Reason(body.comment, body.ticket),
        )
        return done
