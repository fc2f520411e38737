"""`/schema/` and `/docs/`: the API describes itself, to programs and to people."""

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from rest_framework.request import Request

from cockpit.api.documented import told
from cockpit.api.schema import whole_schema
from cockpit.api.view import View


class Schema(View):
    """The schema of the API."""

    authentication_classes = []
    permission_classes = []

    @told(media="application/vnd.oai.openapi+json")
    def get(self, request: Request) -> HttpResponse:
        """Return the OpenAPI 3.1 schema of this API as JSON."""
        body = msgspec.json.encode(whole_schema())
        return HttpResponse(body, content_type="application/vnd.oai.openapi+json")


class Page(View):
    """The page of the schema."""

    authentication_classes = []
    permission_classes = []

    @told(media="text/html")
    def get(self, request: Request) -> HttpResponse:
        """Return a page to read the schema and to try it; it needs no relaxed content policy."""
        return render(request._request, "cockpit/api/docs.html")  # noqa: SLF001
