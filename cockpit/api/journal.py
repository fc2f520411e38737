"""Entries of the journal as the API shows them."""

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any

import msgspec
from django.conf import settings

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api.moments import moment
from controller import journal_reading
from controller.journal import Entry
from controller.models import OrderRow
from engine.order.secret import hidden

_UNIX = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class JournalEntrySeen(msgspec.Struct, frozen=True, kw_only=True):
    """An event of an order, or of a board, workflow or plan that concerns it, as it was stored."""

    no: int
    at: dt.datetime
    event: str
    order: str | None = None
    object: str | None = None
    facts: dict[str, Any] = {}


def entries_about(
    account: Account, order_ids: Collection[str], *, since: int = 0, before: int | None = None
) -> Iterator[Entry]:
    """Yield journal entries about orders that have not left, newest first, as one may see them.

    Args:
        account: who asks.
        order_ids: of orders that the controller has.
        since: number of the oldest entry wanted.
        before: number before which entries are wanted, None from the newest on.
    """
    here = settings.STELLWERK_CONTROLLER_ID
    seen = rows(OrderRow, account).filter(controller=here, order_id__in=list(order_ids))
    ids = set(seen.values_list("order_id", flat=True))
    return journal_reading.entries_about(here, ids, since=since, before=before)


def entry_seen(entry: Entry) -> JournalEntrySeen:
    """Return an entry for the API: the event by its name and with its fields."""
    facts = {
        name: hidden(msgspec.to_builtins(getattr(entry.event, name), str_keys=True))
        for name in entry.event.__struct_fields__
    }
    about = entry.order.removeprefix("|") if entry.order.startswith("|") else None
    return JournalEntrySeen(
        no=entry.no,
        at=moment(entry.at_us) or _UNIX,
        event=type(entry.event).__name__,
        order=None if about else entry.order,
        object=about,
        facts=facts,
    )
