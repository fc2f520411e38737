"""Find and replace in the texts of drafts: seen first, kept only when asked."""

from collections.abc import Iterable, Sequence

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from inventory.change import Change
from inventory.check import examine, refusal_reasons
from inventory.deployed import Ref
from inventory.errors import DraftRefused, EditedMeanwhile, Located
from inventory.keeping import fields_of, guard, present, snapshot, write
from inventory.known import known_names
from inventory.models import Item
from inventory.substituting import Pattern, substituted
from inventory.text_difference import text_difference
from inventory.tree_lock import Hold, hold_tree

MOST_OBJECTS = 2_000


class Replacement(msgspec.Struct, frozen=True, kw_only=True):
    """A draft in which something is replaced, at `count` places, and what is wrong with it then.

    `was_valid` tells whether the draft is without errors now.
    """

    kind: str
    path: str
    edit_no: int
    before: str
    after: str
    count: int
    was_valid: bool
    valid: bool
    problems: tuple[Located, ...]

    @property
    def diff(self) -> str:
        """The difference as unified diff."""
        return text_difference(self.path, self.before, self.after)


def replacements(items: QuerySet[Item], pattern: Pattern) -> list[Replacement]:
    """Return what would be replaced in the drafts, by path; drafts without a hit are left out.

    Only the first `MOST_OBJECTS` drafts are looked at.

    Raises:
        PatternRefused: as `substituted`.
    """
    rows = list(items.order_by("path", "kind")[:MOST_OBJECTS])
    done = substituted(pattern, [item.source for item in rows])
    return [
        _replacement(item, replaced.text, replaced.count)
        for item, replaced in zip(rows, done, strict=True)
        if replaced.text != item.source
    ]


def replace_in(
    objects: Iterable[tuple[Ref, int]], pattern: Pattern, *, account: str
) -> tuple[Change, ...]:
    """Replace in these drafts and keep them, all or none.

    Args:
        objects: kind and path of each, with the number of the draft that was seen.
        pattern: what is replaced by what.
        account: who does it.

    Raises:
        PatternRefused: as `substituted`.
        ItemUnknown, EditedMeanwhile: as they say.
        DraftRefused: a result cannot even be kept as an invalid draft.
    """
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        items = _locked(sorted(set(objects)))
        done = substituted(pattern, [item.source for item in items])
        texts = [replaced.text for replaced in done]
        _refuse_unkeepable(items, texts)
        return tuple(
            _kept(item, text, account)
            for item, text in zip(items, texts, strict=True)
            if text != item.source
        )


def _replacement(item: Item, text: str, count: int) -> Replacement:
    refused = refusal_reasons(item.kind, item.path, text)
    found = None if refused else examine(item.kind, text, known_names())
    problems = () if found is None else found.frozen.problems
    return Replacement(
        kind=item.kind, path=item.path, edit_no=item.edit_no, before=item.source, after=text,
        count=count, was_valid=item.valid, valid=found is not None and found.valid,
        problems=refused or tuple(Located(item.kind, item.path, p) for p in problems),
    )  # fmt: skip


def _locked(objects: Sequence[tuple[Ref, int]]) -> list[Item]:
    problems: list[Located] = []
    items: list[Item] = []
    for (kind, path), edit_no in objects:
        item = present(kind, path, None)
        items.append(item)
        try:
            guard(item, kind, path, edit_no)
        except EditedMeanwhile as edited:
            problems += edited.problems
    if problems:
        raise EditedMeanwhile(problems)
    return items


def _refuse_unkeepable(items: Sequence[Item], texts: Sequence[str]) -> None:
    problems = [
        reason
        for item, text in zip(items, texts, strict=True)
        for reason in refusal_reasons(item.kind, item.path, text)
    ]
    if problems:
        raise DraftRefused(problems)


def _kept(item: Item, text: str, account: str) -> Change:
    before = snapshot(item)
    after = write(item, fields_of(item.kind, text, account))
    return Change("replace", item.kind, item.path, before, snapshot(after))
