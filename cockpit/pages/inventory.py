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
from inventory.models import Folder, Item
from inventory.paths import folder_of, with_ancestors
from inventory.queries import FolderNode, items_in, present_items, tree

ROWS = 200
MOST_FOLDERS = 2_000


class ItemLine(NamedTuple):
    """An object as a line: `condition` is a word of the state language."""

    item: Item
    href: str
    condition: str
    word: str
    words: KindWords


class TreeRow(NamedTuple):
    """A folder of the tree."""

    node: FolderNode
    href: str
    here: bool
    depth: int


@page()
def inventory(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show one folder beside the tree of all."""
    folder = request.GET.get("folder", "").strip("/").replace("\0", "")
    text = request.GET.get("q", "").strip().replace("\0", "")
    after = request.GET.get("after", "").replace("\0", "")
    kind = request.GET.get("kind", "")
    found = _items(actor.account, folder, text)
    if kind in WORDS:
        found = found.filter(kind=kind)
    if after:
        found = found.filter(path__gt=after)
    page_rows = list(found.defer("source", "problems").order_by("path", "kind")[: ROWS + 1])
    shown, more = page_rows[:ROWS], len(page_rows) > ROWS
    query = {"folder": folder, "q": text, "kind": kind if kind in WORDS else ""}
    context = {
        "page_title": "Inventory",
        "folder": folder,
        "crumbs": [(part, with_query({"folder": part})) for part in with_ancestors(folder)],
        "up": with_query({"folder": folder_of(folder)}) or "/inventory/",
        "tree": _tree(actor.account, folder),
        "lines": [line_of(item) for item in shown],
        "q": text,
        "next": with_query({**query, "after": shown[-1].path}) if more else "",
        "kind": query["kind"],
        "words": WORDS.values(),
        "in_folder": with_query({"folder": folder}),
        "new_href": "/inventory/workflow/-/new/" + with_query({"folder": folder}),
    }
    return render(request, actor, "inventory/list.html", context)


def line_of(item: Any) -> ItemLine:
    """Return an item, read with its deployed version, as a line."""
    condition, word = condition_of(item)
    return ItemLine(item, object_at(item.kind, item.path), condition, word, WORDS[item.kind])


def condition_of(item: Any) -> tuple[str, str]:
    """Return how a draft stands against what is deployed: a look and a word."""
    if not item.valid:
        return "invalid", "invalid"
    if item.deployed_version is None:
        return "draft", "draft"
    if item.deployed_version != item.digest:
        return "draft", "changed"
    return "deployed", WORDS[item.kind].done


def _items(account: Account, folder: str, text: str) -> QuerySet[Item]:
    items = restrict(present_items(), account)
    if text:
        found = items.filter(path__icontains=text)
        return found.filter(path__startswith=f"{folder}/") if folder else found
    return items_in(items, folder)


def _tree(account: Account, folder: str) -> list[TreeRow]:
    nodes = tree(rows(Folder, account))[:MOST_FOLDERS]
    return [
        TreeRow(
            node, with_query({"folder": node.path}), node.path == folder, min(node.depth + 1, 8)
        )
        for node in nodes
    ]
