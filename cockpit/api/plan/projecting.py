"""`/plan/projection/`: what schedules would do on any days."""

from datetime import UTC, date, datetime, timedelta

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.policy import Verb, may_at
from cockpit.api.documented import told
from cockpit.api.plan.bodies import ProjectedSeen, ProjectionSeen
from cockpit.api.plan.selecting import days_of
from cockpit.api.problem import as_json
from cockpit.api.query import Word, read_query
from cockpit.api.view import View
from cockpit.services.plan import zones_version
from dailyplan.plan_settings import kept
from dailyplan.projection import inverted, project, selected
from dailyplan.released import read_released


class ProjectionQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which days and schedules; without days two months. `inverted`: schedules without orders."""

    since: date | None = msgspec.field(default=None, name="from")
    until: date | None = msgspec.field(default=None, name="to")
    schedule: list[Word] = []
    folder: Word = ""
    automatic: bool = False
    inverted: bool = False


class PlanProjection(View):
    """The projection."""

    @told(query=ProjectionQuery, answers={200: ProjectionSeen})
    def get(self, request: Request) -> HttpResponse:
        """Tell how many orders schedules would have on each day, planned or not."""
        query = read_query(request.GET, ProjectionQuery)
        config, released = kept().config, read_released()
        today = config.day_of(datetime.now(UTC))
        since = query.since or (query.until or today).replace(day=1)
        until = query.until or since + timedelta(days=61)
        first, last = days_of(None, since, until, today)
        schedules = selected(
            released,
            query.schedule,
            query.folder,
            may=lambda path: may_at(self.account, Verb.LOOK, path),
            only_automatic=query.automatic,
        )
        found = project(schedules, released, config, first=first, last=last, given=zones_version())
        without = dict(inverted(schedules, found)) if query.inverted else {}
        days = [
            ProjectedSeen(
                date=day.day,
                orders=day.orders,
                schedules={} if query.inverted else day.schedules,
                without=without.get(day.day, []),
            )
            for day in found.days
        ]
        return as_json(ProjectionSeen(days, found.problems))
