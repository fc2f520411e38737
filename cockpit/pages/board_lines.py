"""Notice boards as lines of a list, and their notices as pages show them. Knows no request.

What an account may not see of orders is counted, but not named.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.conf import settings

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api.journal import entries_about
from cockpit.api.moments import moment
from cockpit.api.resources.boards import InstanceSeen, NoticeSeen
from cockpit.pages.addresses import board_at, order_at
from cockpit.pages.known_facts import bare_orders, decode_fact, waiting_counts
from cockpit.pages.resuming import Variable, as_json_texts
from controller.models import Fact
from engine.facts import NoticeState
from engine.order.events import OrderConsumptionStarted
from engine.order.model import Order

KIND = "noticeboard"
PLANNABLE = "PLANNABLE"
MOST_USES = 20
_MOST_DATED = 100


class BoardLine(NamedTuple):
    """A board: how many keys have a notice now, and how many orders expect one.

    `held_long` counts orders that hold one for longer than the board allows.
    """

    path: str
    href: str
    title: str
    is_plannable: bool
    present: int
    in_use: int
    announced: int
    expecting: int
    held_long: int


class Use(NamedTuple):
    """An order that uses or expects a notice; `since` None where nobody knows any more.

    `late`: it holds it for longer than the board allows.
    """

    order_id: str
    href: str
    workflow: str
    since: datetime | None = None
    late: bool = False


class Notice(NamedTuple):
    """A notice under its key: `plan` is empty for a global board, `condition` a word of pages.

    `users` consume it now, `kept_for` are orders whose block with it failed, `waiting` ones expect
    it, `taken_by` workflows have had it and `failed_by` keep it by their failure. `remark` tells
    when one goes that is not present any more.
    """

    plan: str
    key: str
    condition: str
    word: str
    remark: str
    posted_at: datetime | None
    ends_at: datetime | None
    arguments: list[Variable]
    users: list[Use]
    more_users: int
    kept_for: list[Use]
    waiting: list[Use]
    more_waiting: int
    announced: int
    may_delete: bool
    taken_by: list[str]
    failed_by: list[str]


def board_lines(account: Account, found: Sequence[tuple[str, bytes]]) -> list[BoardLine]:
    """Return boards that one may see, given as path and document, with what is on them."""
    paths = [path for path, _ in found]
    states = _states(account, paths)
    waiting = waiting_counts(account, "notice", paths)
    return [_line(path, raw, states.get(path, []), waiting.get(path, 0)) for path, raw in found]


def _line(path: str, raw: bytes, states: Collection[NoticeState], expecting: int) -> BoardLine:
    document: dict[str, Any] = msgspec.json.decode(raw)
    instances = [i for state in states for i in state.instances]
    return BoardLine(
        path=path,
        href=board_at(path),
        title=document.get("title") or "",
        is_plannable=document.get("boardType") == PLANNABLE,
        present=sum(state.present is not None for state in states),
        in_use=sum(bool(i.holders) for i in instances),
        announced=sum(state.announced > 0 for state in states),
        expecting=expecting,
        held_long=sum(len(i.held_long) for i in instances),
    )


def _states(account: Account, paths: Collection[str]) -> dict[str, list[NoticeState]]:
    found = rows(Fact, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, kind="notice", name__in=paths
    )
    states: dict[str, list[NoticeState]] = {}
    for name, body in found.values_list("name", "body"):
        state = decode_fact(bytes(body))
        if isinstance(state, NoticeState):
            states.setdefault(name, []).append(state)
    return states


def notices(account: Account, found: Sequence[NoticeSeen]) -> list[Notice]:
    """Return notices as pages show them, with who uses and expects them."""
    ids = {i for one in found for i in [*_users(one), *_kept_for(one), *_expecting(one)]}
    orders = bare_orders(account, ids)
    consuming = [orders[i] for one in found for i in _users(one) if i in orders]
    since = _since(account, found[0].board, consuming) if found else {}
    return [_notice(one, orders, since) for one in found]


def _instances(seen: NoticeSeen) -> list[InstanceSeen]:
    return [*([seen.notice] if seen.notice else []), *seen.others]


def _users(seen: NoticeSeen) -> list[str]:
    return [order for instance in _instances(seen) for order in instance.consuming]


def _kept_for(seen: NoticeSeen) -> list[str]:
    return list(dict.fromkeys(i for one in _instances(seen) for i in one.kept_for))


def _expecting(seen: NoticeSeen) -> list[str]:
    return [one.order for one in seen.expecting_orders]


def _since(account: Account, board: str, orders: Sequence[Order]) -> dict[str, datetime | None]:
    """Return since when orders use a notice of a board: as they know, else as the journal does."""
    found = {order.id: _known_since(order, board) for order in orders}
    unknown = [order for order in orders if found[order.id] is None]
    return {**found, **_consumed_since(account, board, unknown[:_MOST_DATED])}


def _known_since(order: Order, board: str) -> datetime | None:
    return next(
        (
            moment(used.since_us)
            for used in order.consumptions
            if used.since_us and any(path == board for path, _, _ in used.notices)
        ),
        None,
    )


def _consumed_since(
    account: Account, board: str, orders: Sequence[Order]
) -> Mapping[str, datetime | None]:
    """Return since when orders use a notice of a board, as far as the journal still knows."""
    missing = {order.id for order in orders}
    found: dict[str, datetime | None] = {}
    if not missing:
        return found
    for entry in entries_about(account, missing, since=min(order.run for order in orders)):
        if entry.order not in found and _begins(entry.event, board):
            found[entry.order] = moment(entry.at_us)
            if len(found) == len(missing):
                break
    return found


def _begins(event: object, board: str) -> bool:
    return isinstance(event, OrderConsumptionStarted) and any(
        path == board for path, _, _ in event.notices
    )


def _notice(
    seen: NoticeSeen, orders: Mapping[str, Order], since: Mapping[str, datetime | None]
) -> Notice:
    instances, users = _instances(seen), _users(seen)
    newest = instances[0] if instances else None
    late = {i for instance in instances for i in instance.held_long}
    shown = [
        _use(i, orders[i], since.get(i))._replace(late=i in late)
        for i in users[:MOST_USES]
        if i in orders
    ]
    expecting = [i for i in _expecting(seen)[:MOST_USES] if i in orders]
    kept = [i for i in _kept_for(seen) if i in orders and _may_return(instances, orders[i])]
    condition, word, remark = _condition(seen, in_use=bool(users), kept=bool(kept))
    return Notice(
        plan=seen.plan or "",
        key=seen.key,
        condition=condition,
        word=word,
        remark=remark,
        posted_at=newest.posted_at if newest else None,
        ends_at=newest.end_of_life if newest else None,
        arguments=as_json_texts(newest.arguments) if newest else [],
        users=shown,
        more_users=len(users) - len(shown),
        kept_for=[_use(i, orders[i]) for i in kept[:MOST_USES]],
        waiting=[_use(i, orders[i]) for i in expecting],
        more_waiting=seen.expecting - len(expecting),
        announced=seen.announced,
        may_delete=seen.notice is not None or bool(users),
        taken_by=newest.consumed_by if newest else [],
        failed_by=newest.failed_by if newest else [],
    )


def _use(order_id: str, order: Order, since: datetime | None = None) -> Use:
    return Use(order_id, order_at(order_id), order.workflow, since)


def _may_return(instances: list[InstanceSeen], order: Order) -> bool:
    """Tell whether an order whose block failed may hold again what it held.

    Not once another order of its workflow has consumed it.
    """
    return any(order.id in i.kept_for and order.workflow not in i.consumed_by for i in instances)


def _condition(seen: NoticeSeen, *, in_use: bool, kept: bool) -> tuple[str, str, str]:
    if seen.notice is not None:
        return ("running", "in use", "") if in_use else ("finished", "present", "")
    if seen.others and in_use:
        return "running", "in use", "goes with its last user"
    if seen.others:
        return "cancelled", "gone", "kept for who failed" if kept else ""
    return ("scheduled", "announced", "") if seen.announced else ("waiting", "expected", "")
