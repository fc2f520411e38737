"""`/file-order-sources/`: which directories are watched, and which file has which order."""

from typing import Annotated

import msgspec
from django.http import HttpResponse
from msgspec import Meta
from rest_framework.request import Request

from cockpit.api.documented import told
from cockpit.api.problem import as_json
from cockpit.api.query import Limit, read_query
from cockpit.api.resources import file_sources
from cockpit.api.resources.listing import PathQuery
from cockpit.api.view import View


class FileQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which part of the files: behind what `after` of the page before names."""

    after: Annotated[str, Meta(max_length=1100, pattern=r"^[^\x00]*$")] = ""
    limit: Limit = 100


class FileSourceCollection(View):
    """The file order sources."""

    @told(query=PathQuery, answers={200: file_sources.FileSourcePage})
    def get(self, request: Request) -> HttpResponse:
        """List file order sources by path, with what keeps them from being watched."""
        query = read_query(request.GET, PathQuery)
        return as_json(file_sources.source_page(self.account, query))


class FileSourceOne(View):
    """One file order source."""

    @told(query=FileQuery, answers={200: file_sources.FileSourceSeen})
    def get(self, request: Request, path: str) -> HttpResponse:
        """Tell whether a directory is watched, and which of its files has which order."""
        query = read_query(request.GET, FileQuery)
        seen = file_sources.source_seen(self.account, path, after=query.after, limit=query.limit)
        return as_json(seen)
