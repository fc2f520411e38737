"""Planned orders as lines of a list, and the starts of a cyclic one. Knows no request."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.template.loader import get_template

from cockpit.access.policy import Account
from cockpit.api.plan.bodies import PlannedSeen, StartSeen
from cockpit.api.plan.seen import planned_seen, starts_seen
from cockpit.pages.addresses import object_at, order_at, workflow_at
from cockpit.pages.plan_dialogs import able
from cockpit.pages.plan_filtering import word_of
from cockpit.pages.plan_places import day_at, planned_at
from dailyplan.plan_settings import PlanConfig
from dailyplan.selecting import Listed, rows_named
from dailyplan.state import PlanState

LOOKS = {
    PlanState.PLANNED: "planned",
    PlanState.SUBMITTED: "scheduled",
    PlanState.STARTED: "running",
    PlanState.FINISHED: "finished",
    PlanState.FAILED: "failed",
    PlanState.CANCELLED: "cancelled",
    PlanState.REMOVED: "cancelled",
}
"""As which group of order states a planned order looks."""

_MARKS = {
    "start": "start changed",
    "parameters": "parameters changed",
    "held": "taken back",
    "copied": "copy",
    "generated": "created by hand",
}
MOST_STARTS_OPEN = 200


class PlanLine(NamedTuple):
    """What a row needs. `look` and `word` tell its state, `verbs` are those it takes now.

    `href` leads to the planned order, `order_href` to the order at the controller, empty where
    there is none. `done` counts starts of a cyclic period that have ended.
    """

    seen: PlannedSeen
    look: str
    word: str
    href: str
    order_href: str
    workflow_href: str
    schedule_href: str
    verbs: str
    marks: list[str]
    done: int
    total: int
    starts: list[StartSeen]
    more_starts: int
    is_open: bool = False
    fold_href: str = ""


def plan_lines(
    account: Account,
    found: Sequence[Listed],
    config: PlanConfig,
    now: datetime,
    *,
    opened: str = "",
    query: Mapping[str, str] | None = None,
) -> list[PlanLine]:
    """Return the lines of rows; the starts of the cyclic one that is `opened` are in its line.

    `query` is what the addresses that fold and unfold keep of the page.
    """
    seen = planned_seen(found, account, config, now)
    return [
        _line(account, row, one, config, now, is_open=one.id == opened)._replace(
            fold_href=day_at(
                row.day, **{**(query or {}), "open": "" if one.id == opened else one.id}
            )
        )
        for row, one in zip(found, seen, strict=True)
    ]


def rendered_plan_rows(
    account: Account,
    found: Sequence[Listed],
    config: PlanConfig,
    now: datetime,
    *,
    can_operate: bool,
    query: Mapping[str, str] | None = None,
) -> list[dict[str, str]]:
    """Return `id` and `html` of each row, for islands."""
    template = get_template("cockpit/plan/row.html")
    return [
        {
            "id": line.seen.id,
            "html": template.render({"line": line, "can_operate": can_operate}),
        }
        for line in plan_lines(account, found, config, now, query=query)
    ]


def rows_hinted(ids: Sequence[str]) -> list[Listed]:
    """Return the rows to which orders belong, each once; children count as their parents."""
    found = rows_named([order_id.partition("|")[0] for order_id in ids])
    return list({(row.day, row.origin): row for row in found.values()}.values())


def _line(
    account: Account,
    row: Listed,
    seen: PlannedSeen,
    config: PlanConfig,
    now: datetime,
    *,
    is_open: bool,
) -> PlanLine:
    state = PlanState(row.state)
    cycle = seen.cycle
    starts = starts_seen(row, account, config, now) if is_open else []
    with_controller = state not in (PlanState.PLANNED, PlanState.REMOVED)
    return PlanLine(
        seen=seen,
        look=LOOKS[state],
        word=word_of(state),
        href=planned_at(row.day, seen.id),
        order_href=order_at(seen.id) if with_controller and cycle is None else "",
        workflow_href=workflow_at(seen.workflow) if "/" in seen.workflow else "",
        schedule_href=object_at("schedule", seen.schedule),
        verbs=able(row),
        marks=[_MARKS[name] for name in seen.changed],
        done=cycle.finished + cycle.failed + cycle.cancelled if cycle else 0,
        total=cycle.orders if cycle else 1,
        starts=starts[:MOST_STARTS_OPEN],
        more_starts=max(len(starts) - MOST_STARTS_OPEN, 0),
        is_open=is_open,
    )
