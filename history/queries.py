"""Reads of the history for pages and the API.

Each function takes the rows that the caller may see as a query set; the permission gate narrows it
before. Lists come in pages by key (`history.keyset`).
"""

import datetime as dt
from collections.abc import Collection

import msgspec
from django.db.models import Q, QuerySet, Sum

from engine.order.notice_key import DAILY_PLAN
from history.keyset import Page, Row, page
from history.models import GroupCount, JobRun, OrderRun, OrderRunState


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of orders shows; empty fields do not restrict.

    `workflow` may end with `*`. `text` is a part of the order id, its beginning where it ends
    with `*`. Moments are of adding.
    """

    controller: str
    groups: Collection[str] = ()
    workflow: str = ""
    order_ids: Collection[str] = ()
    text: str = ""
    agent: str = ""
    tags: Collection[str] = ()
    order_date: str = ""
    plan: str = ""
    parent: str | None = None
    is_live: bool | None = None
    with_children: bool = False
    since: dt.datetime | None = None
    until: dt.datetime | None = None


class JobFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of job runs shows; empty fields do not restrict. Moments are of the start."""

    controller: str
    states: Collection[str] = ()
    workflow: str = ""
    job: str = ""
    agent: str = ""
    order_id: str = ""
    run: int | None = None
    criticalities: Collection[str] = ()
    warned: bool | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def order_runs(
    rows: QuerySet[OrderRun], wanted: OrderFilter, *, cursor: str | None = None, limit: int = 100
) -> Page:
    """Return a page of order runs, newest first by the moment of adding.

    Raises:
        CursorUnreadable: the cursor is not one of this list.
    """
    return page(filtered_orders(rows, wanted), "added_at", "run", cursor=cursor, limit=limit)


def filtered_orders(rows: QuerySet[OrderRun], wanted: OrderFilter) -> QuerySet[OrderRun]:
    """Return the order runs that match, in no order; what a selection by filter works on."""
    rows = rows.filter(controller=wanted.controller)
    if wanted.parent is not None:
        rows = rows.filter(parent=wanted.parent)
    elif not wanted.with_children and not wanted.order_ids:
        rows = rows.filter(parent__isnull=True)
    if wanted.is_live is not None:
        rows = rows.filter(live=wanted.is_live)
    given = {
        "group__in": list(wanted.groups),
        "order_id__in": list(wanted.order_ids),
        "agent": wanted.agent,
        "tags__contains": list(wanted.tags),
        "order_date": wanted.order_date,
    }
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    rows = rows.filter(_text("order_id", wanted.text), _path(wanted.workflow), _plan(wanted.plan))
    return _within(rows, "added_at", wanted.since, wanted.until)


def order_run(rows: QuerySet[OrderRun], controller: str, order_id: str) -> OrderRun | None:
    """Return the newest run of an order id, None where the history does not know it."""
    return rows.filter(controller=controller, order_id=order_id).order_by("-run").first()


def children(rows: QuerySet[OrderRun], run: OrderRun) -> QuerySet[OrderRun]:
    """Return the children that a run has made, in order of their birth."""
    return rows.filter(
        controller=run.controller, parent=run.order_id, run__gt=run.run, day__gte=run.day
    ).order_by("run")


def states(run: OrderRun) -> QuerySet[OrderRunState]:
    """Return the way of a run so far, oldest first."""
    return OrderRunState.objects.filter(
        controller=run.controller, run=run.run, day__gte=run.day
    ).order_by("no")


def job_runs(
    rows: QuerySet[JobRun], wanted: JobFilter, *, cursor: str | None = None, limit: int = 100
) -> Page:
    """Return a page of job runs, newest first by their start.

    Raises:
        CursorUnreadable: the cursor is not one of this list.
    """
    rows = rows.filter(_path(wanted.workflow), controller=wanted.controller)
    given = {
        "state__in": list(wanted.states),
        "job": wanted.job,
        "agent": wanted.agent,
        "order_id": wanted.order_id,
        "run": wanted.run,
    }
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    if wanted.warned is not None:
        rows = rows.filter(warnings__isnull=not wanted.warned)
    if wanted.criticalities:
        rows = rows.filter(_criticality(wanted.criticalities))
    rows = _within(rows, "started_at", wanted.since, wanted.until)
    return page(rows.defer("returned"), "started_at", "no", cursor=cursor, limit=limit)


def _criticality(wanted: Collection[str]) -> Q:
    found = Q(criticality__in=list(wanted))
    return found | Q(criticality__isnull=True) if "NORMAL" in wanted else found


def job_run(rows: QuerySet[JobRun], controller: str, no: int) -> JobRun | None:
    """Return the job run that a journal entry started."""
    return rows.filter(controller=controller, no=no).first()


def job_runs_of(rows: QuerySet[JobRun], run: OrderRun) -> QuerySet[JobRun]:
    """Return the job runs of an order's run, oldest first, without what they returned."""
    found = rows.filter(controller=run.controller, run=run.run, day__gte=run.day)
    return found.defer("returned").order_by("no")


def counts_by_group(
    rows: QuerySet[GroupCount], controller: str, *, workflow: str = "", with_children: bool = False
) -> dict[str, int]:
    """Return how many order runs are in each group, from maintained counts; zeros are left out."""
    rows = rows.filter(_path(workflow), controller=controller)
    if not with_children:
        rows = rows.filter(child=False)
    found = rows.values("group").annotate(total=Sum("count")).values_list("group", "total")
    return {group: total for group, total in found if total}


def _plan(wanted: str) -> Q:
    """Return the condition of a plan; an order that names none is in the daily plan of its date."""
    if not wanted:
        return Q()
    day = wanted.removeprefix(DAILY_PLAN) if wanted.startswith(DAILY_PLAN) else None
    return Q(plan=wanted) | Q(plan__isnull=True, order_date=day) if day else Q(plan=wanted)


def _path(wanted: str) -> Q:
    return _pattern("workflow", wanted) if "*" in wanted else Q(workflow=wanted) if wanted else Q()


def _text(field: str, wanted: str) -> Q:
    if not wanted:
        return Q()
    return _pattern(field, wanted) if "*" in wanted else Q(**{f"{field}__contains": wanted})


def _pattern(field: str, wanted: str) -> Q:
    """Return the condition of a text with `*` for anything; a beginning alone can use an index."""
    head, *rest = wanted.split("*")
    if rest == [""]:
        return Q(**{f"{field}__startswith": head})
    return Q(**{f"{field}__regex": "^" + ".*".join(map(_escaped, (head, *rest))) + "$"})


def _escaped(text: str) -> str:
    return "".join(c if c.isalnum() or c in "/_- #" else f"\\{c}" for c in text)


def _within(
    rows: QuerySet[Row], field: str, since: dt.datetime | None, until: dt.datetime | None
) -> QuerySet[Row]:
    if since is not None:
        rows = rows.filter(**{f"{field}__gte": since})
    if until is not None:
        rows = rows.filter(**{f"{field}__lt": until})
    return rows
