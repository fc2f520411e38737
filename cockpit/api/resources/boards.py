"""Notice boards as they are now: what is posted, who consumes it, who waits and who would post."""

import datetime as dt
from typing import Any

import msgspec
from django.conf import settings

from cockpit.access.failures import NotThere
from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.moments import moment
from cockpit.api.resources.listing import PathQuery, path_page
from cockpit.api.uses import users_of
from controller import looking
from engine.facts import Instance
from engine.objects.model import NoticeBoard
from engine.order.notice_key import is_plannable, planned_key
from engine.order.secret import hidden

MOST_EXPECTING = 100
"""Orders that are named as waiting for one notice; all are counted."""

_READ_AT_ONCE = 500


class BoardListed(msgspec.Struct, frozen=True, kw_only=True):
    """A board: how many keys it has, of what is posted or announced, and how many orders wait.

    `deployed` is false where it was revoked and something is left of it.
    """

    path: str
    title: str
    type: str
    deployed: bool
    keys: int
    expecting: int


class BoardPage(msgspec.Struct, frozen=True):
    """A page of boards by path; `older` is the cursor of the next page."""

    boards: list[BoardListed]
    older: str | None


class BoardSeen(BoardListed, frozen=True, kw_only=True):
    """A board with its expressions, and the workflows that post to it and that wait for it.

    `max_block_duration` is in seconds, null for no warning.
    """

    post_order_to_notice_id: str | None
    expect_order_to_notice_id: str | None
    end_of_life: str | None
    consumption_policy: str
    max_block_duration: int | None
    posted_by: list[str]
    expected_by: list[str]


class InstanceSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One posting of a notice: `consumed_by` are workflows that have taken it already.

    `consuming` are the orders that hold it now, `held_long` those of them that do so for longer
    than the board allows. `policy` tells when it goes; `failed_by` are workflows whose failure
    keeps it. `kept_for` are orders whose block failed: resumed there, they hold it again.
    """

    posted_at: dt.datetime | None
    end_of_life: dt.datetime | None
    arguments: dict[str, Any]
    consuming: list[str]
    consumed_by: list[str]
    policy: str = "any_success"
    failed_by: list[str] = []
    held_long: list[str] = []
    kept_for: list[str] = []


class ExpectingSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An order that waits for a notice."""

    order: str
    workflow: str
    position: str
    priority: int


class NoticeSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a board. `state` is `posted`, `in-use`, `kept`, `announced` or `expected`.

    A `posted` one may be consumed as well: see `consuming`. `taken` answers a posting of which
    nothing is left. `notice` is the posting that orders may read now, `others` those that are in
    use or go, or that are only kept for orders whose block failed.
    `announced` counts orders that will post it, `posted_by` names the workflows that could.
    `expecting_orders` are the first of `expecting`.
    """

    board: str
    plan: str | None
    key: str
    state: str
    notice: InstanceSeen | None
    others: list[InstanceSeen]
    announced: int
    expecting: int
    expecting_orders: list[ExpectingSeen]
    posted_by: list[str]


class NoticePage(msgspec.Struct, frozen=True):
    """A page of a board's notices by plan and key; `older` is the cursor of the next page."""

    notices: list[NoticeSeen]
    older: str | None


def board_page(account: Account, query: PathQuery) -> BoardPage:
    """Return a page of boards by path."""
    found, older = path_page(
        account,
        query,
        lambda after, limit: looking.boards(board_here(), after=after, limit=limit),
    )
    return BoardPage([BoardListed(**_listed(board)) for board in found], older)


def board_seen(account: Account, path: str) -> BoardSeen:
    """Return a board.

    Raises:
        NotThere: there is nothing of it, or the account may not see it.
    """
    board = _board(account, path)
    document = board.board
    return BoardSeen(
        **_listed(board),
        post_order_to_notice_id=document.post_order_to_notice_id if document else None,
        expect_order_to_notice_id=document.expect_order_to_notice_id if document else None,
        end_of_life=document.end_of_life if document else None,
        consumption_policy=document.consumption_policy if document else "any_success",
        max_block_duration=document.max_block_duration if document else None,
        posted_by=list(users_of(account, path, "boards_posted")),
        expected_by=list(users_of(account, path, "boards_expected", "boards_consumed")),
    )


def notice_page(
    account: Account, path: str, *, plan: str = "", text: str = "", cursor: str = "", limit: int
) -> NoticePage:
    """Return a page of a board's notices.

    Args:
        account: who asks.
        path: of the board.
        plan: id of a plan; empty is all.
        text: a part of the key, or of plan and key as they are kept (`PLAN/KEY`).
        cursor: as a page before named it.
        limit: at most so many.

    Raises:
        NotThere: there is no such board, or the account may not see it.
    """
    board = _board(account, path)
    after = cursor.removeprefix("~") if cursor else plan or None  # a key may be empty: PLAN/
    found: list[looking.NoticeSeen] = []
    while len(found) <= limit:
        batch = looking.notices(board_here(), path, after=after, limit=_READ_AT_ONCE)
        found += [n for n in batch if _is_something(n) and _matches(board, n.key, plan, text)]
        last, mine = batch[-1].key if batch else "", f"{plan}/"
        over = plan and last > mine and not last.startswith(mine)
        if len(batch) < _READ_AT_ONCE or over:
            break
        after = batch[-1].key
    page = found[:limit]
    posters = list(users_of(account, path, "boards_posted"))
    older = f"~{page[-1].key}" if len(found) > limit else None
    return NoticePage([_notice(board, one, posters) for one in page], older)


def notice_seen(account: Account, path: str, key: str, plan: str | None) -> NoticeSeen | None:
    """Return one notice of a board, None where nothing is known of it.

    Raises:
        NotThere: there is no such board, or the account may not see it.
    """
    board = _board(account, path)
    found = looking.notice(board_here(), path, planned_key(plan, key) if plan else key)
    if not _is_something(found):
        return None
    return _notice(board, found, list(users_of(account, path, "boards_posted")))


def board_here() -> str:
    """Return the id of the controller whose boards are shown."""
    found: str = settings.STELLWERK_CONTROLLER_ID
    return found


def _board(account: Account, path: str) -> looking.BoardSeen:
    visible = "\0" not in path and may_at(account, Verb.LOOK, path)
    found = looking.board(board_here(), path) if visible else None
    if found is None:
        raise NotThere(f"There is no notice board {path}.", "board-unknown")
    return found


def _listed(board: looking.BoardSeen) -> dict[str, Any]:
    document = board.board or NoticeBoard("", "")
    return {
        "path": board.path,
        "title": document.title or "",
        "type": document.board_type,
        "deployed": board.board is not None,
        "keys": board.notices,
        "expecting": board.expecting,
    }


def _notice(board: looking.BoardSeen, found: looking.NoticeSeen, posters: list[str]) -> NoticeSeen:
    plan, key = _split(board, found.key)
    waiting = looking.expecting(board_here(), found.board, found.key, limit=MOST_EXPECTING)
    return NoticeSeen(
        board=found.board,
        plan=plan,
        key=key,
        state=_state(found),
        notice=_instance(found.present) if found.present else None,
        others=[_instance(other) for other in found.others],
        announced=found.announced,
        expecting=found.expecting,
        expecting_orders=[
            ExpectingSeen(
                order=one.order_id,
                workflow=one.workflow,
                position=one.position,
                priority=one.priority,
            )
            for one in waiting
        ],
        posted_by=posters,
    )


def _instance(found: Instance) -> InstanceSeen:
    return InstanceSeen(
        posted_at=moment(found.posted_us),
        end_of_life=moment(found.end_of_life_us),
        arguments=hidden(found.arguments),
        consuming=list(found.holders),
        consumed_by=list(found.consumed_by),
        policy=found.policy.value,
        failed_by=list(found.failed_by),
        held_long=list(found.held_long),
        kept_for=list(found.granted),
    )


def _state(found: looking.NoticeSeen) -> str:
    if found.present is not None:
        return "posted"
    if found.others:
        kept = all(other.granted and not other.holders for other in found.others)
        return "kept" if kept else "in-use"
    return "announced" if found.announced else "expected"


def _is_something(found: looking.NoticeSeen) -> bool:
    """Tell whether a key is more than the memory of a notice that has gone."""
    return bool(found.present or found.others or found.announced or found.expecting)


def _split(board: looking.BoardSeen, kept: str) -> tuple[str | None, str]:
    plannable = board.board is not None and is_plannable(board.board)
    plan, slash, key = kept.partition("/")
    return (plan, key) if plannable and slash else (None, kept)


def _matches(board: looking.BoardSeen, kept: str, plan: str, text: str) -> bool:
    mine, key = _split(board, kept)
    return (not plan or mine == plan) and text.lower() in (kept if mine else key).lower()


def taken(path: str, key: str, plan: str | None) -> NoticeSeen:
    """Return a notice of which nothing is left: whoever waited for it has consumed it."""
    return NoticeSeen(
        board=path,
        plan=plan,
        key=key,
        state="taken",
        notice=None,
        others=[],
        announced=0,
        expecting=0,
        expecting_orders=[],
        posted_by=[],
    )
