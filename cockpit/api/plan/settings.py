"""`/settings/dailyplan/`: how orders are planned and submitted."""

from typing import Any

import msgspec
from django.db import connection, transaction
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit import audit
from cockpit.access.gate import require
from cockpit.access.policy import Verb
from cockpit.api.documented import told
from cockpit.api.orders.bodies import Remark, Ticket
from cockpit.api.problem import FieldProblem, Refusal, as_json, invalid
from cockpit.api.view import View
from cockpit.audit import Deed, Reason
from dailyplan.errors import SettingsMoved, SettingsRefused
from dailyplan.intents import CHANNEL
from dailyplan.plan_settings import Kept, PlanConfig, change, kept


class PlanSettingsSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The settings in force, and the number that a change has to name."""

    edit_no: int
    settings: PlanConfig


class PlanSettingsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Changed settings; those that are missing stay. `edit_no` is the one that was seen."""

    edit_no: int | None = None
    time_zone: str | None = None
    period_begin: str | None = None
    days_ahead_plan: int | None = None
    days_ahead_submit: int | None = None
    late_tolerance_s: int | None = None
    age_of_plans_to_be_closed_automatically: int | None = None
    cycle_ahead_s: int | None = None
    keep_days: int | None = None
    comment: Remark = ""
    ticket: Ticket = ""


_FIELDS = PlanConfig.__struct_fields__


class DailyPlanSettings(View):
    """The settings of the daily plan."""

    verbs = {"PATCH": Verb.ADMINISTER}

    @told(answers={200: PlanSettingsSeen})
    def get(self, request: Request) -> HttpResponse:
        """Tell the settings of the daily plan."""
        return as_json(_seen(kept()))

    @told(body=PlanSettingsBody, answers={200: PlanSettingsSeen}, problems=(409,))
    def patch(self, request: Request) -> HttpResponse:
        """Change settings of the daily plan; the plan follows within seconds."""
        require(self.account, Verb.ADMINISTER)
        body = self.body(PlanSettingsBody)
        given: dict[str, Any] = {
            name: value for name in _FIELDS if (value := getattr(body, name)) is not None
        }
        before = kept()
        edit_no = before.edit_no if body.edit_no is None else body.edit_no
        wanted = msgspec.structs.replace(before.config, **given)
        try:
            with transaction.atomic():
                after = change(wanted, edit_no=edit_no)
                audit.record(
                    self.actor,
                    Deed(
                        verb="change-settings",
                        kind="settings",
                        objects=["dailyplan"],
                        before={name: getattr(before.config, name) for name in given},
                        after=given,
                    ),
                    Reason(body.comment, body.ticket),
                )
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
        except SettingsRefused as refused:
            raise invalid([FieldProblem(p.field, p.sentence) for p in refused.problems]) from None
        except SettingsMoved as moved:
            raise Refusal(409, "edited-meanwhile", str(moved)) from None
        return as_json(_seen(after))


def _seen(found: Kept) -> PlanSettingsSeen:
    return PlanSettingsSeen(edit_no=found.edit_no, settings=found.config)
