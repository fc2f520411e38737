"""The newest life of an order, with what the history has not followed yet.

The history is a moment behind the controller. What happened to one order since is in the journal,
which is looked up by the order: so nobody has to wait until rows are there, and no end is missed.
"""

import datetime as dt
from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

import psycopg
from django.db import connection

from controller.journal import Entry
from controller.journal_reading import entries_about
from controller.models import FeedPosition
from history.changes import Changes
from history.follow import NAME
from history.load import newest_runs
from history.models import OrderRun
from history.project import RunUnknown, project
from history.runs import Run
from history.write import column_of

MOST_ENTRIES = 2_000
"""Entries about an order and its parents; a history that is further behind is not caught up."""

_UNIX = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Ahead(NamedTuple):
    """A life as the journal tells it; `news` leads from its row, if there is one, to `run`."""

    run: OrderRun
    news: Changes


def newest_life(controller: str, order_id: str) -> Ahead | None:
    """Return the newest life of an order, None where neither rows nor the journal know any.

    Nobody's permission is looked at.
    """
    family = _family(order_id)
    # First how far the rows are, then the rows: what comes between is in both, and told by numbers.
    no = FeedPosition.objects.filter(controller=controller, follower=NAME)
    since = no.values_list("no", flat=True).first() or 0
    known = newest_runs(_session(), controller, family)
    about = entries_about(controller, family, since=since + 1)
    found = list(islice(about, MOST_ENTRIES + 1))
    new = [e for e in reversed(found) if e.order not in known or e.no > known[e.order].changed_no]
    news = _projected(controller, new if len(found) <= MOST_ENTRIES else [], known)
    run = news.current.get(order_id)
    return None if run is None else Ahead(_row(run), news)


def _projected(controller: str, new: Sequence[Entry], known: dict[str, Run]) -> Changes:
    try:
        return project(controller, new, known)
    except RunUnknown:
        return Changes(controller, known)  # an entry before these could not be taken


def _family(order_id: str) -> list[str]:
    """Return the order and those that it may have come of by forks."""
    parts = order_id.split("|")
    return ["|".join(parts[:n]) for n in range(1, len(parts) + 1)]


def _session() -> psycopg.Connection[Any]:
    connection.ensure_connection()
    session: psycopg.Connection[Any] = connection.connection
    return session


def _row(run: Run) -> OrderRun:
    """Return a run in the form of its row, which is never saved."""
    values = {name: getattr(run, name) for name in run.__struct_fields__}
    return OrderRun(**{column_of(name): _column(name, one) for name, one in values.items()})


def _column(name: str, value: Any) -> Any:
    if name.endswith("_us"):
        return None if value is None else _UNIX + dt.timedelta(microseconds=value)
    return list(value) if isinstance(value, tuple) else value
