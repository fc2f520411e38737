"""The head of an object's pages: condition, tabs, what may be done, and who uses it."""

from typing import Any

from cockpit.access.gate import restrict
from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.inventory.references import references_seen
from cockpit.pages.addresses import object_at, object_tabs, subscribe_at
from cockpit.pages.inventory import condition_of
from cockpit.pages.kind_words import WORDS
from inventory.queries import present_items

MORE_VERBS = (
    ("rename", "Rename…", "pencil"), ("copy", "Copy…", "copy"), ("trash", "Trash…", "trash-2"),
)  # fmt: skip


def object_head(account: Account, item: Any, tab: str = "") -> dict[str, Any]:
    """Return what the head of any page of an object needs; `tab` is the one that is open."""
    condition, word = condition_of(item)
    return {
        "page_title": item.path,
        "item": item,
        "words": WORDS[item.kind],
        "condition": condition,
        "word": word,
        "tabs": object_tabs(item.kind, item.path, tab),
        "here": object_at(item.kind, item.path),
        "may_edit": may_at(account, Verb.EDIT, item.path),
    }


def editor_head(account: Account, item: Any) -> dict[str, Any]:
    """Return what the head of a calendar's or schedule's editor needs."""
    return {
        **object_head(account, item),
        "more_verbs": MORE_VERBS,
        "feed_href": subscribe_at(item) if item.deployed_version else "",
        "may_deploy": may_at(account, Verb.DEPLOY, item.path),
        "references": references_seen(restrict(present_items(), account), item),
    }
