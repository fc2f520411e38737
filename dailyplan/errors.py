"""What can go wrong with the daily plan."""

from collections.abc import Sequence

import msgspec


class DailyPlanRefusal(Exception):
    """Root of everything that the daily plan refuses."""


class Told(msgspec.Struct, frozen=True):
    """What is wrong with a field, in a sentence."""

    field: str
    sentence: str


class SettingsRefused(DailyPlanRefusal):
    """Settings that cannot be taken; `problems` are all of them."""

    def __init__(self, problems: Sequence[Told]) -> None:
        super().__init__(" ".join(p.sentence for p in problems))
        self.problems = tuple(problems)


class SettingsMoved(DailyPlanRefusal):
    """Somebody else has changed the settings meanwhile."""


class PlanMoved(DailyPlanRefusal):
    """Another planner has planned the schedule meanwhile; nothing was written."""


class FilterUnreadable(DailyPlanRefusal):
    """A filter or cursor that nobody can understand."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
