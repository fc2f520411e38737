"""What the journal tells of an order's newest life, and of the objects that concern it."""

from itertools import islice

from django.conf import settings

from cockpit.access.failures import NotThere
from cockpit.access.policy import Account
from cockpit.api.journal import JournalEntrySeen, entry_seen
from cockpit.api.orders.ended import ended_life
from cockpit.api.orders.load import orders_now
from controller.journal import Entry
from controller.journal_reading import entries_about
from engine.order import model as m
from engine.order import object_events as o
from history.runs import CHILD_BITS


def journal_of(
    account: Account, order_id: str, *, before: int | None, limit: int
) -> tuple[list[JournalEntrySeen], int | None]:
    """Return events of an order, newest first, and the number before which the next page begins.

    Raises:
        NotThere: nobody knows the order, or the account may not see it.
    """
    order = orders_now(account, [order_id]).get(order_id)
    since, upto, subjects = _span(account, order_id, order)
    if upto is not None:
        before = upto + 1 if before is None else min(before, upto + 1)
    boards = dict(order.state.expected) if order and _expects(order) else {}  # type: ignore[union-attr]
    about = entries_about(settings.STELLWERK_CONTROLLER_ID, subjects, since=since, before=before)
    wanted = (entry for entry in about if _concerns(entry, order_id, boards))
    found = list(islice(wanted, limit + 1))
    more, page = len(found) > limit, found[:limit]
    return [entry_seen(entry) for entry in page], page[-1].no if more else None


def _span(
    account: Account, order_id: str, order: m.Order | None
) -> tuple[int, int | None, list[str]]:
    """Return the first and the last number of the order's life, and what to look for."""
    if order is not None:
        boards = [board for board, _ in order.state.expected] if _expects(order) else []  # type: ignore[union-attr]
        subjects = [o.subject("board", board) for board in boards]
        return order.run, None, [order_id, o.subject("workflow", order.workflow), *subjects]
    try:
        run = ended_life(account, order_id).run
    except NotThere:
        return 0, 0, [order_id]
    return run.run >> CHILD_BITS, run.changed_no, [order_id, o.subject("workflow", run.workflow)]


def _expects(order: m.Order) -> bool:
    return isinstance(order.state, m.ExpectingNotices)


def _concerns(entry: Entry, order_id: str, boards: dict[str, str]) -> bool:
    if entry.order == order_id or entry.order.startswith("|workflow|"):
        return True
    event = entry.event
    match event:
        case o.NoticePosted(notice=notice):
            return boards.get(notice.board) == notice.key
        case o.NoticeDeleted(board=board, key=key) | o.NoticeReleased(board=board, key=key):
            return boards.get(board) == key
        case _:
            return False
