"""What people do to planned orders: each verb decides by state, and writes guarded by it."""

from dailyplan.verbs.acting import Asked, Effect, act
from dailyplan.verbs.asking import (
    Cancel,
    Change,
    Copy,
    LetRun,
    PlanVerb,
    Remove,
    Restore,
    Submit,
)
from dailyplan.verbs.deciding import refusal
from dailyplan.verbs.sealing import sealed_verb

__all__ = [
    "Asked",
    "Cancel",
    "Change",
    "Copy",
    "Effect",
    "LetRun",
    "PlanVerb",
    "Remove",
    "Restore",
    "Submit",
    "act",
    "refusal",
    "sealed_verb",
]
