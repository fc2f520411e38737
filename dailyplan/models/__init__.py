"""The tables of the daily plan."""

from dailyplan.models.counted import CountChange
from dailyplan.models.forecast import Forecast, ForecastNotice, ForecastOrder
from dailyplan.models.planned import Parameterisation, PlannedOrder, SubmittedStart
from dailyplan.models.planning import PlannedSchedule, PlanSettings, ProjectedMonth
from dailyplan.models.submission import Intent, Submission, SubmissionPart

__all__ = [
    "CountChange",
    "Forecast",
    "ForecastNotice",
    "ForecastOrder",
    "Intent",
    "Parameterisation",
    "PlanSettings",
    "PlannedOrder",
    "PlannedSchedule",
    "ProjectedMonth",
    "Submission",
    "SubmissionPart",
    "SubmittedStart",
]
