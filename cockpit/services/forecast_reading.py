"""Gathers what a forecast starts from: the plan, the controller's rows, agents and history.

The plan is read before the controller: an order that is submitted in between is found twice, and
taken once.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg

from dailyplan.forecast_coming import read_coming, read_deadlines
from dailyplan.forecast_present import (
    Present,
    read_agents,
    read_items,
    read_present,
    unlimited_agents,
)
from dailyplan.origin import microseconds
from dailyplan.plan_settings import PlanConfig, kept
from dailyplan.released import read_released
from engine.order.requests import NewOrder, SignedItem
from history.parallelism import most_at_once
from history.usual import branches_taken, last_runs
from simulation.forecast.snapshot import Ran, Snapshot, Went

ORDERS_AT_MOST = 20_000
DAYS = 2
"""Today and tomorrow: orders that start later are left out."""

AFTERWARDS = dt.timedelta(days=1)
"""So long orders of the last day are followed beyond it."""


class Gathered(msgspec.Struct, frozen=True):
    """A snapshot, what was left out of it, and what was taken for agents that nobody limits."""

    snapshot: Snapshot
    left_out: int
    unsubmitted: int
    processes: dict[str, int] = {}


def gather(conn: psycopg.Connection[Any], controller: str, now: dt.datetime) -> Gathered:
    """Return what a forecast of today and tomorrow starts from.

    Args:
        conn: a session without an open transaction, beside that of Django's models.
        controller: whose.
        now: the moment.
    """
    config = kept().config
    last = config.begin_of(config.day_of(now) + dt.timedelta(days=DAYS))
    coming = read_coming(config, now=now, until=last, most=ORDERS_AT_MOST)
    agents, clusters = read_agents(controller, now, most_at_once(conn, controller))
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        present = read_present(conn, controller, until_us=microseconds(last), most=ORDERS_AT_MOST)
        new = _new(coming.orders, present)
        walked = {(order.workflow, order.version) for order in present.orders}
        items, current = read_items(conn, controller, walked, {one.workflow for one in new})
        ran, went = _usual(conn, controller, items)
    snapshot = Snapshot(
        now_us=microseconds(now),
        until_us=microseconds(last + AFTERWARDS),
        last_no=present.last_no,
        items=tuple(items),
        current=current,
        orders=present.orders,
        facts=present.facts,
        coming=new,
        agents=agents,
        clusters=clusters,
        ran=tuple(ran),
        went=tuple(went),
        deadlines=_deadlines(present, new, config),
    )
    left_out, unlimited = present.left_out + coming.left_out, unlimited_agents()
    processes = {one.name: one.processes or 0 for one in agents if one.name in unlimited}
    return Gathered(snapshot, left_out, coming.unsubmitted, processes)


def _usual(
    conn: psycopg.Connection[Any], controller: str, items: Sequence[SignedItem]
) -> tuple[list[Ran], list[Went]]:
    workflows = [item for item in items if item.kind == "workflow"]
    return (
        last_runs(conn, controller, _jobs(workflows)),
        branches_taken(conn, controller, _with_conditions(workflows)),
    )


def _new(coming: Sequence[NewOrder], present: Present) -> tuple[NewOrder, ...]:
    known = {order.id for order in present.orders}
    return tuple(one for one in coming if one.id not in known)


def _jobs(workflows: Sequence[SignedItem]) -> dict[str, int]:
    """Return about how many jobs each workflow has."""
    found: dict[str, int] = {}
    for item in workflows:
        found[item.path] = max(found.get(item.path, 0), item.document.count(b'"Execute.Named"'))
    return found


def _with_conditions(workflows: Sequence[SignedItem]) -> list[str]:
    return sorted(
        {i.path for i in workflows if b'"If"' in i.document or b'"CaseWhen"' in i.document}
    )


def _deadlines(present: Present, coming: Sequence[NewOrder], config: PlanConfig) -> dict[str, int]:
    starts = [(o.id, o.scheduled_us) for o in present.orders if o.parent is None]
    starts += [(new.id, new.scheduled_us) for new in coming]
    return dict(read_deadlines(starts, read_released(), config.time_zone))
