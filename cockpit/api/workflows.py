"""`/workflows/`: what is deployed, with the orders that are in it."""

import json
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Count
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.failures import NotThere
from cockpit.access.gate import rows
from cockpit.api.controls import ControlSeen, control_seen, controls
from cockpit.api.documented import told
from cockpit.api.orders.load import current_version, program_at
from cockpit.api.problem import as_json
from cockpit.api.query import Limit, Word, read_query
from cockpit.api.view import View
from cockpit.diagram import draw
from controller.models import DeployedItem, OrderRow
from engine.facts import Control
from engine.workflow.program import Program


class WorkflowQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which workflows. `cursor` is the path after which a page begins."""

    folder: Word = ""
    text: Word = ""
    cursor: Word = ""
    limit: Limit = 100


class VersionQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which version of a workflow; the one that new orders get where nothing is said."""

    version: Word = ""


class WorkflowListed(msgspec.Struct, frozen=True):
    """A deployed workflow and how many orders of each group are in it, children included.

    `controlled` tells that labels are skipped or stops are set.
    """

    path: str
    version: str
    orders: dict[str, int]
    suspended: bool = False
    controlled: bool = False


class WorkflowPage(msgspec.Struct, frozen=True):
    """A page of workflows by path; `older` is the cursor of the next page."""

    workflows: list[WorkflowListed]
    older: str | None


class WorkflowSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A deployed workflow with its document and its other versions that still have orders."""

    path: str
    version: str
    title: str
    document: Any
    labels: list[str]
    agents: list[str]
    orders: dict[str, int]
    versions_in_use: list[str]
    control: ControlSeen


class WorkflowCollection(View):
    """The deployed workflows."""

    @told(query=WorkflowQuery, answers={200: WorkflowPage})
    def get(self, request: Request) -> HttpResponse:
        """List deployed workflows by path."""
        query = read_query(request.GET, WorkflowQuery)
        found = rows(DeployedItem, self.account).filter(
            controller=settings.STELLWERK_CONTROLLER_ID, kind="workflow", current=True
        )
        if query.folder:
            found = found.filter(path__startswith=query.folder.strip("/") + "/")
        if query.text:
            found = found.filter(path__icontains=query.text)
        if query.cursor:
            found = found.filter(path__gt=query.cursor)
        page = list(found.order_by("path").values_list("path", "version")[: query.limit + 1])
        more, page = len(page) > query.limit, page[: query.limit]
        counts = self._counts([path for path, _ in page])
        held = controls([path for path, _ in page])
        listed = [
            _listed(path, v, counts.get(path, {}), held.get(path, Control())) for path, v in page
        ]
        return as_json(WorkflowPage(listed, page[-1][0] if more else None))

    def _counts(self, paths: list[str]) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        orders = rows(OrderRow, self.account).filter(
            controller=settings.STELLWERK_CONTROLLER_ID, workflow__in=paths
        )
        for path, group, n in orders.values_list("workflow", "group").annotate(n=Count("order_id")):
            found.setdefault(path, {})[group] = n
        return found


class WorkflowView(View):
    """What the views on one workflow have in common."""

    def program(self, request: Request, path: str) -> Program:
        """Return the version that is asked for.

        Raises:
            NotThere: it is not deployed, or the account may not see it.
        """
        wanted = read_query(request.GET, VersionQuery).version
        version = wanted or current_version(self.account, path)
        program = program_at(self.account, path, version) if version and "\0" not in path else None
        if program is None:
            raise NotThere(f"No workflow {path} is deployed{' in this version' if wanted else ''}.")
        return program


class WorkflowOne(WorkflowView):
    """One deployed workflow."""

    @told(query=VersionQuery, answers={200: WorkflowSeen})
    def get(self, request: Request, path: str) -> HttpResponse:
        """Tell about a workflow: its document, its labels, its orders."""
        program = self.program(request, path)
        here = {"controller": settings.STELLWERK_CONTROLLER_ID}
        orders = rows(OrderRow, self.account).filter(**here, workflow=path)
        counts = orders.values_list("group").annotate(n=Count("order_id"))
        item = rows(DeployedItem, self.account).filter(
            **here, kind="workflow", path=path, version=program.version
        )
        document = item.values_list("document", flat=True).first()
        return as_json(
            WorkflowSeen(
                path=path,
                version=program.version,
                title=program.workflow.title or "",
                document=json.loads(bytes(document)) if document is not None else None,
                labels=sorted(program.labels),
                agents=sorted(set(program.agents())),
                orders=dict(counts),
                versions_in_use=sorted(set(orders.values_list("version", flat=True).distinct())),
                control=control_seen(self.account, path),
            )
        )


class WorkflowGraph(WorkflowView):
    """The diagram of a workflow."""

    @told(query=VersionQuery, media="image/svg+xml")
    def get(self, request: Request, path: str) -> HttpResponse:
        """Return the diagram as SVG."""
        picture = draw(self.program(request, path).workflow)
        return HttpResponse(picture, content_type="image/svg+xml; charset=utf-8")


def _listed(path: str, version: str, orders: dict[str, int], held: Control) -> WorkflowListed:
    return WorkflowListed(path, version, orders, held.suspended, bool(held.skipped or held.stops))
