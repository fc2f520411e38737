"""The addresses of the daily plan. A plan day is part of the path, its view is in the query."""

from datetime import date

from django.urls import URLPattern, path, re_path, register_converter

from cockpit.pages import (
    plan_day,
    plan_deps,
    plan_generating,
    plan_list,
    plan_months,
    plan_operation,
    plan_order,
    plan_submissions,
    plan_timeline,
    plan_verbs,
    plans,
    settings_page,
)


class DayConverter:
    """A day as `2026-11-22`."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Return the day; a text that is none leads nowhere."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """Return the day as it stands in addresses."""
        return value.isoformat()


register_converter(DayConverter, "planday")

VIEWS = (plan_list, plan_timeline, plan_months, plan_deps)
"""The modules of the views: each makes itself known to `plan_day`."""

urlpatterns: list[URLPattern] = [
    path("plan/", plan_day.plan_today),
    re_path(r"^plan/-/(?P<verb>close|open)/$", plans.change_plan),
    path("plan/-/generate/", plan_generating.generate_plan),
    path("plan/-/<slug:verb>/", plan_verbs.plan_verb),
    path("plan/submissions/", plan_submissions.submissions),
    path("plan/<planday:day>/", plan_day.plan_day),
    path("plan/operations/<uuid:operation>/stop/", plan_operation.stop_operation),
    path("plan/<planday:day>/head/", plan_day.plan_head),
    path("plan/<planday:day>/rows/", plan_list.plan_rows),
    path("plan/<planday:day>/lanes/", plan_timeline.plan_lanes),
    path("plan/<planday:day>/orders/<path:order_id>/", plan_order.planned_order),
    path("settings/", settings_page.settings_page),
]
