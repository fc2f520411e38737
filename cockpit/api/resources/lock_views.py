"""`/locks/`: who holds them, and who waits for them."""

from typing import Annotated

import msgspec
from django.http import HttpResponse
from msgspec import Meta
from rest_framework.request import Request

from cockpit.api.documented import told
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.query import Limit, read_query
from cockpit.api.resources import locks
from cockpit.api.resources.listing import PathQuery
from cockpit.api.view import View


class QueueQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which part of the queue: behind what `after` of the page before names."""

    after: Annotated[str, Meta(max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    limit: Limit = 100


class LockCollection(View):
    """The locks."""

    @told(query=PathQuery, answers={200: locks.LockPage})
    def get(self, request: Request) -> HttpResponse:
        """List locks by path."""
        return as_json(locks.lock_page(self.account, read_query(request.GET, PathQuery)))


class LockOne(View):
    """One lock."""

    @told(query=QueueQuery, answers={200: locks.LockSeen})
    def get(self, request: Request, path: str) -> HttpResponse:
        """Tell who holds a lock, how much and since when, and who waits, in the queue's order."""
        query = read_query(request.GET, QueueQuery)
        after, place = None, 0
        if query.after:
            found = locks.read_cursor(query.after)
            if found is None:
                raise invalid([FieldProblem("after", "It is no cursor of this list.")])
            after, place = found
        seen = locks.lock_seen(self.account, path, after=after, place=place, limit=query.limit)
        return as_json(seen)
