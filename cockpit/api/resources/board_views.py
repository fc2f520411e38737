"""`/boards/` and `/boards/{path}/notices/`: what is posted, posting and deleting."""

from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from msgspec import Meta
from rest_framework.request import Request

from cockpit.access.gate import require_at
from cockpit.access.policy import Verb
from cockpit.api import asking
from cockpit.api.documented import told
from cockpit.api.moments import microseconds, moment_problems
from cockpit.api.orders import answering
from cockpit.api.orders.adding import plan_id, plan_problems, value_problems
from cockpit.api.orders.bodies import Accepted, Moment, Plan, Remark, Ticket
from cockpit.api.orders.preview import Preview
from cockpit.api.orders.preview_objects import preview_of_post
from cockpit.api.problem import FieldProblem, Refusal, as_json, invalid
from cockpit.api.query import Limit, Word, read_query
from cockpit.api.resources import boards
from cockpit.api.resources.forcing import NoticesForeseen, forced, foreseen
from cockpit.api.resources.listing import PathQuery
from cockpit.api.view import View
from cockpit.audit import Deed, Reason
from engine.order.notice_key import LONGEST_KEY
from engine.order.requests import DeleteNotice, PostNotice
from engine.order.requests import Request as Asked

MOST_DELETED = 1_000

Key = Annotated[str, Meta(max_length=LONGEST_KEY, pattern=r"^[^\x00-\x1f\x7f]*$")]
KeyCursor = Annotated[str, Meta(max_length=800, pattern=r"^[^\x00-\x1f\x7f]*$")]


class NoticeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A notice to be posted. `plan` is for PLANNABLE boards; `arguments` go to who expects it.

    The key may be empty where a plan tells the notices apart. Without `end_of_life` the board's own
    expression says how long it stays. `dry_run` tells what that means for each order that expects
    it, and posts nothing.
    """

    key: Key
    plan: Plan | None = None
    arguments: dict[str, Any] = {}
    end_of_life: Moment | None = None
    dry_run: bool = False
    comment: Remark = ""
    ticket: Ticket = ""


class NoticeQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which notices. `text` is a part of the key."""

    plan: Plan = ""
    text: Word = ""
    cursor: KeyCursor = ""
    limit: Limit = 100


class DeletedQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which notices go: one key, or all of a plan."""

    key: Annotated[str, Meta(max_length=LONGEST_KEY, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    plan: Plan = ""


class DeletedBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why notices are deleted, and whether those fail who use them: `force`.

    `dry_run` tells what would happen and changes nothing.
    """

    force: bool = False
    dry_run: bool = False
    comment: Remark = ""
    ticket: Ticket = ""


class NoticesDeleted(msgspec.Struct, frozen=True, kw_only=True):
    """The keys that were deleted; `in_use` are those that go when their consumers have ended."""

    deleted: list[str]
    in_use: list[str]


DELETE_EXAMPLES: dict[str, Any] = {
    "when it is free": {"comment": "posted by mistake"},
    "who would fail": {"force": True, "dry_run": True},
    "by force": {"force": True, "comment": "the data was wrong", "ticket": "OPS-17"},
}
POST_EXAMPLES: dict[str, Any] = {
    "GLOBAL board": {"key": "2026-01-31", "arguments": {"file": "/data/eu.csv"}},
    "PLANNABLE board": {"key": "loaded", "plan": "DailyPlan|2026-01-31"},
    "who would go on": {"key": "2026-01-31", "dry_run": True},
    "with an end": {"key": "2026-01-31", "end_of_life": "2026-02-01T00:00:00Z"},
}


class BoardCollection(View):
    """The notice boards."""

    @told(query=PathQuery, answers={200: boards.BoardPage})
    def get(self, request: Request) -> HttpResponse:
        """List notice boards by path."""
        return as_json(boards.board_page(self.account, read_query(request.GET, PathQuery)))


class BoardOne(View):
    """One notice board."""

    @told(answers={200: boards.BoardSeen})
    def get(self, request: Request, path: str) -> HttpResponse:
        """Tell about a board: its expressions, who posts to it, who waits for it."""
        return as_json(boards.board_seen(self.account, path))


class NoticeCollection(View):
    """The notices of a board."""

    verbs = {"POST": Verb.OPERATE, "DELETE": Verb.OPERATE}

    @told(query=NoticeQuery, answers={200: boards.NoticePage})
    def get(self, request: Request, path: str) -> HttpResponse:
        """List what is posted, in use, announced or expected, by plan and key."""
        query = read_query(request.GET, NoticeQuery)
        plan = _plan(query.plan) if query.plan else ""
        page = boards.notice_page(
            self.account,
            path,
            plan=plan,
            text=query.text,
            cursor=query.cursor,
            limit=query.limit,
        )
        return as_json(page)

    @told(
        body=NoticeBody,
        answers={200: Preview, 201: boards.NoticeSeen, 202: Accepted},
        problems=(409,),
        examples=POST_EXAMPLES,
    )
    def post(self, request: Request, path: str) -> HttpResponse:
        """Post a notice as a workflow would; the orders that wait for it go on."""
        body = self.body(NoticeBody)
        problems = plan_problems(body.plan) if body.plan is not None else []
        problems += value_problems(body.arguments, "arguments")
        if body.end_of_life is not None:
            problems += moment_problems(body.end_of_life, "end_of_life")
        if problems:
            raise invalid([FieldProblem(field, sentence) for field, sentence in problems])
        boards.board_seen(self.account, path)
        require_at(self.account, Verb.OPERATE, path)
        plan = plan_id(body.plan) if body.plan else None
        end_us = microseconds(body.end_of_life) if body.end_of_life else None
        asked = PostNotice(path, body.key, plan, body.arguments, end_us)
        if body.dry_run:
            return as_json(preview_of_post(self.account, asked))
        operation, answer = asking.ask(
            asked,
            Deed(
                verb="post",
                kind="notice",
                objects=[named(asked)],
                after=asking.given_of(asked),
            ),
            actor=self.actor,
            reason=Reason(body.comment, body.ticket),
            asked_in=request._request,  # noqa: SLF001
        )
        if answer is None:
            return answering.later(operation)
        asking.refuse(answer)
        # Whoever waited for it may have taken it already: then nothing is left to be told of.
        seen = boards.notice_seen(self.account, path, body.key, plan)
        return as_json(seen or boards.taken(path, body.key, plan), 201)

    @told(
        query=DeletedQuery,
        body=DeletedBody,
        answers={200: (NoticesDeleted, NoticesForeseen), 202: Accepted},
        problems=(409,),
        examples=DELETE_EXAMPLES,
    )
    def delete(self, request: Request, path: str) -> HttpResponse:
        """Delete a notice, or all that are posted of a plan; those in use go when they are free.

        With `force` the orders that consume them fail; no Try catches that.
        """
        query = read_query(request.GET, DeletedQuery)
        body = self.body(DeletedBody)
        if not query.key and not query.plan:
            raise invalid([FieldProblem("key", "Give a key, a plan, or both.")])
        plan = _plan(query.plan) if query.plan else None
        boards.board_seen(self.account, path)
        require_at(self.account, Verb.OPERATE, path)
        keys = [query.key] if query.key else self._posted(path, plan or "")
        asked = [DeleteNotice(path, key, plan, body.force) for key in keys]
        if body.dry_run:
            return as_json(foreseen(self.account, asked))
        if not keys:
            return as_json(NoticesDeleted(deleted=[], in_use=[]))
        if body.force:
            asked = [forced(self.account, one) for one in asked]
        operation, answer = asking.ask_all(
            list[Asked](asked),
            Deed(
                verb="delete",
                kind="notice",
                objects=[named(one) for one in asked] if query.key else [f"{path}: {plan}/"],
                after=[asking.given_of(one) for one in asked] if body.force else None,
            ),
            actor=self.actor,
            reason=Reason(body.comment, body.ticket),
            asked_in=request._request,  # noqa: SLF001
        )
        if answer is None:
            return answering.later(operation)
        if query.key:
            asking.refuse(answer)
        left = [key for key in keys if self._is_in_use(path, key, plan)]
        gone = [key for key in keys if key not in left]
        return as_json(NoticesDeleted(deleted=gone, in_use=left))

    def _posted(self, path: str, plan: str) -> list[str]:
        page = boards.notice_page(self.account, path, plan=plan, limit=MOST_DELETED)
        if page.older is not None:
            sentence = f"The plan has more than {MOST_DELETED} keys here; delete them by key."
            raise Refusal(422, "too-many", sentence, problems=[FieldProblem("plan", sentence)])
        return [notice.key for notice in page.notices if notice.state == "posted"]

    def _is_in_use(self, path: str, key: str, plan: str | None) -> bool:
        seen = boards.notice_seen(self.account, path, key, plan)
        return seen is not None and any(other.consuming for other in seen.others)


def named(asked: PostNotice | DeleteNotice) -> str:
    """Return a notice as the audit log names it."""
    return f"{asked.board}: {f'{asked.plan}/' if asked.plan else ''}{asked.key}"


def _plan(given: str) -> str:
    problems = plan_problems(given)
    if problems:
        raise invalid([FieldProblem(field, sentence) for field, sentence in problems])
    return plan_id(given)
