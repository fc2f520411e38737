"""`/inventory/` and `/inventory/-/search/`: drafts by name, text, tag, whom they use."""

from typing import Annotated

import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.api.documented import told
from cockpit.api.inventory import bodies, many_bodies
from cockpit.api.inventory.drafts import DraftView
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.query import Limit, Word, one_of, read_query
from inventory.deployed import Ref
from inventory.kinds import KINDS
from inventory.models import Item
from inventory.search import Condition, Part, Wanted, lines_with, matching


class ItemQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which drafts. `cursor` is `PATH` after which a page begins.

    `text` is looked for in `within`: path, title, source; the first two where nothing is said.
    `tag` may be repeated, all are needed. `uses` is `TYPE:PATH` of an object that is used.
    `condition` is draft, changed, deployed, invalid or dangling: it names what nobody is called.
    """

    type: list[Annotated[str, one_of(KINDS)]] = []
    folder: Word = ""
    text: Word = ""
    within: list[Part] = []
    tag: list[Word] = []
    uses: Word = ""
    condition: Condition | None = None
    valid: bool | None = None
    cursor: Word = ""
    limit: Limit = 100


class DraftCollection(DraftView):
    """The drafts."""

    @told(query=ItemQuery, answers={200: bodies.ItemPage})
    def get(self, request: Request) -> HttpResponse:
        """List drafts by path and type."""
        query = read_query(request.GET, ItemQuery)
        page, older = self.found(query, query.within or [Part.PATH, Part.TITLE])
        return as_json(bodies.ItemPage([bodies.item_listed(item) for item in page], older))

    def found(self, query: ItemQuery, parts: list[Part]) -> tuple[list[Item], str | None]:
        """Return a page of drafts and the cursor of the next one."""
        found = self._narrowed(query, parts)
        page = list(found.order_by("path", "kind")[: query.limit + 1])
        more, page = len(page) > query.limit, page[: query.limit]
        return page, page[-1].path if more else None

    def _narrowed(self, query: ItemQuery, parts: list[Part]) -> QuerySet[Item]:
        wanted = Wanted(
            text=query.text,
            parts=tuple(parts),
            kinds=tuple(query.type),
            folder=query.folder.strip("/"),
            tags=tuple(query.tag),
            uses=_used(query.uses),
            condition=query.condition,
        )
        found = matching(self.items(), wanted).prefetch_related("tags").defer("problems")
        if query.valid is not None:
            found = found.filter(valid=query.valid)
        if query.cursor:
            found = found.filter(path__gt=query.cursor)
        return found if Part.SOURCE in parts else found.defer("source", "problems")


class DraftSearch(DraftCollection):
    """`-/search/`: the same with the lines in which the text stands."""

    @told(query=ItemQuery, answers={200: many_bodies.HitPage})
    def get(self, request: Request) -> HttpResponse:
        """Find drafts, also by what they say, and tell the first lines in which the text stands."""
        query = read_query(request.GET, ItemQuery)
        page, older = self.found(query, query.within or list(Part))
        return as_json(many_bodies.HitPage([_hit(item, query.text) for item in page], older))


def _hit(item: Item, text: str) -> many_bodies.HitSeen:
    lines = [many_bodies.TextLineSeen(line.no, line.text) for line in lines_with(item.source, text)]
    return many_bodies.HitSeen(bodies.item_listed(item), lines)


def _used(text: str) -> Ref | None:
    kind, colon, path = text.partition(":")
    if text and not (colon and path):
        raise invalid([FieldProblem("uses", "Write TYPE:PATH, as in lock:resources/tape.")])
    return (kind, path) if text else None
