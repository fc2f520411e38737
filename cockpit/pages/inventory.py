"""`/inventory/`: folders and what lies in them, with what is draft, deployed or invalid."""

from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import restrict, rows
from cockpit.access.policy import Account
from cockpit.pages.addresses import object_at, with_query
from cockpit.pages.door import page, render
from cockpit.pages.kind_words import WORDS, KindWords
from inventory.deployed import draft_differs
from inventory.models import Folder, Item
from inventory.paths import folder_of, with_ancestors
from inventory.queries import FolderNode, items_in, present_items, tree
from inventory.search import Condition, Part, Wanted, lines_with, matching
from inventory.tagging import all_tags

ROWS = 200
MOST_FOLDERS = 2_000
CONDITIONS = {
    Condition.DRAFT: "not deployed",
    Condition.CHANGED: "changed since",
    Condition.DEPLOYED: "as deployed",
    Condition.INVALID: "invalid",
    Condition.DANGLING: "naming what is not there",
}


class ItemLine(NamedTuple):
    """An object as a line: `condition` is a word of the state language, `hits` lines found."""

    item: Item
    href: str
    condition: str
    word: str
    words: KindWords
    hits: tuple[Any, ...] = ()


class TreeRow(NamedTuple):
    """A folder of the tree."""

    node: FolderNode
    href: str
    here: bool
    depth: int


class Filter(NamedTuple):
    """What the address asks for; texts without anything the database refuses."""

    folder: str
    q: str
    within: str
    kind: str
    state: str
    tag: str
    uses: str

    @property
    def narrows(self) -> bool:
        """Tell whether more is asked for than one folder."""
        return bool(self.q or self.kind or self.state or self.tag or self.uses)

    @property
    def wanted(self) -> Wanted:
        """What is looked for."""
        kind, _, path = self.uses.partition(":")
        return Wanted(
            text=self.q,
            parts=(Part.SOURCE,) if self.within == "text" else (Part.PATH, Part.TITLE),
            kinds=(self.kind,) if self.kind in WORDS else (),
            folder=self.folder,
            tags=(self.tag,) if self.tag else (),
            uses=(kind, path) if path else None,
            condition=Condition(self.state) if self.state in set(Condition) else None,
        )


@page()
def inventory(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show one folder beside the tree of all, or what a filter finds at and below it."""
    asked = filter_in(request)
    found = _items(actor.account, asked)
    after = request.GET.get("after", "").replace("\0", "")
    if after:
        found = found.filter(path__gt=after)
    page_rows = list(found.order_by("path", "kind")[: ROWS + 1])
    shown, more = page_rows[:ROWS], len(page_rows) > ROWS
    query = asked._asdict()
    context = {
        "page_title": "Inventory",
        "asked": asked,
        "folder": asked.folder,
        "crumbs": [(part, with_query({"folder": part})) for part in with_ancestors(asked.folder)],
        "up": with_query({"folder": folder_of(asked.folder)}) or "/inventory/",
        "tree": _tree(actor.account, asked.folder),
        "lines": [line_of(item, _hits(item, asked)) for item in shown],
        "q": asked.q,
        "next": with_query({**query, "after": shown[-1].path}) if more else "",
        "kind": asked.kind,
        "conditions": [(each.value, word) for each, word in CONDITIONS.items()],
        "tags": [name for _, name, n in all_tags(restrict(present_items(), actor.account)) if n],
        "words": WORDS.values(),
        "in_folder": with_query({"folder": asked.folder}),
        "here": "/inventory/" + with_query(query),
        "new_href": "/inventory/workflow/-/new/" + with_query({"folder": asked.folder}),
    }
    return render(request, actor, "inventory/list.html", context)


def filter_in(request: HttpRequest) -> Filter:
    """Return what the address of the list asks for."""
    given = {name: request.GET.get(name, "").replace("\0", "") for name in Filter._fields}
    given |= {"folder": given["folder"].strip("/"), "q": given["q"].strip()}
    return Filter(**given)


def line_of(item: Any, hits: tuple[Any, ...] = ()) -> ItemLine:
    """Return an item, read with its deployed version, as a line."""
    condition, word = condition_of(item)
    return ItemLine(item, object_at(item.kind, item.path), condition, word, WORDS[item.kind], hits)


def condition_of(item: Any) -> tuple[str, str]:
    """Return how a draft stands against what is deployed: a look and a word."""
    if not item.valid:
        return "invalid", "invalid"
    if item.deployed_version is None:
        return "draft", "draft"
    if draft_differs(item):
        return "draft", "changed"
    return "deployed", WORDS[item.kind].done


def _items(account: Account, asked: Filter) -> QuerySet[Item]:
    items = restrict(present_items(), account).prefetch_related("tags")
    if not asked.narrows:
        return items_in(items, asked.folder).defer("source", "problems")
    if asked.kind and not asked.q and not (asked.state or asked.tag or asked.uses):
        return matching(items_in(items, asked.folder), asked.wanted).defer("source", "problems")
    found = matching(items, asked.wanted)
    return found if asked.within == "text" else found.defer("source", "problems")


def _hits(item: Item, asked: Filter) -> tuple[Any, ...]:
    if asked.within != "text" or not asked.q:
        return ()
    return tuple(lines_with(item.source, asked.q, most=2))


def _tree(account: Account, folder: str) -> list[TreeRow]:
    nodes = tree(rows(Folder, account))[:MOST_FOLDERS]
    return [
        TreeRow(
            node, with_query({"folder": node.path}), node.path == folder, min(node.depth + 1, 8)
        )
        for node in nodes
    ]
