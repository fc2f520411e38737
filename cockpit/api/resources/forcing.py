"""Whom it hits when a notice is deleted by force, told before. Nothing is changed here."""

from collections.abc import Sequence

import msgspec

from cockpit.access.gate import require_at
from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.orders.preview_objects import would_be_taken
from cockpit.api.orders.world import RowsWorld
from engine.errors import EngineError
from engine.order.notice_users import Hit, hits
from engine.order.requests import DeleteNotice


class UserHit(msgspec.Struct, frozen=True, kw_only=True):
    """An order that consumes a notice, and what deleting that by force does to it.

    `ok` is false where it stays as it is, or where the account may not let it fail.
    """

    order: str
    workflow: str
    ok: bool
    code: str
    sentence: str


class NoticesForeseen(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen: the keys that go at once, those that go later, and who fails by force.

    Orders that the account may not see are counted as `hidden`.
    """

    dry_run: bool
    deleted: list[str]
    in_use: list[str]
    users: list[UserHit]
    hidden: int


def users_of(account: Account, asked: Sequence[DeleteNotice]) -> tuple[list[UserHit], int]:
    """Return the orders that deleting by force would hit, and how many one may not see."""
    found = [hit for one in asked for hit in _hits(one)]
    seen = [_seen(account, hit) for hit in found if may_at(account, Verb.LOOK, hit.workflow)]
    return seen, len(found) - len(seen)


def forced(account: Account, asked: DeleteNotice) -> DeleteNotice:
    """Return a request that lets those fail who consume the notice now, and nobody else.

    Raises:
        Forbidden: the account may not operate on the workflow of one of them.
    """
    found = _hits(asked)
    for workflow in sorted({hit.workflow for hit in found}):
        require_at(account, Verb.OPERATE, workflow)
    users = tuple(hit.order_id for hit in found)
    return msgspec.structs.replace(asked, force=True, users=users)


def foreseen(account: Account, asked: Sequence[DeleteNotice]) -> NoticesForeseen:
    """Return what deleting would do.

    Raises:
        Refusal: the controller would refuse it.
    """
    used = {one.key for one in asked if _hits(one)}
    for one in asked:
        would_be_taken(one, one.board)
    users, hidden = users_of(account, [one for one in asked if one.force])
    return NoticesForeseen(
        dry_run=True,
        deleted=[one.key for one in asked if one.key not in used],
        in_use=[one.key for one in asked if one.key in used],
        users=users,
        hidden=hidden,
    )


def _hits(asked: DeleteNotice) -> list[Hit]:
    rows = RowsWorld()
    try:
        return rows.until(lambda: hits(rows.world, asked))
    except EngineError:
        return []  # the board or the notice is not there; the controller says so


def _seen(account: Account, hit: Hit) -> UserHit:
    ok, code, sentence = hit.code == "accepted", hit.code, f"It {hit.effect}."
    if ok and not may_at(account, Verb.OPERATE, hit.workflow):
        ok, code = False, "forbidden"
        sentence = f"{account.name} may not operate {hit.workflow}."
    return UserHit(order=hit.order_id, workflow=hit.workflow, ok=ok, code=code, sentence=sentence)
