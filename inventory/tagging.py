"""Verbs on tags: put on objects and taken off, renamed, grouped, deleted."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from engine.workflow.checks.names import tag_problems
from engine.workflow.problem import problem, shown
from inventory.change import Change
from inventory.check import located
from inventory.deployed import Ref
from inventory.errors import NameTaken, TagRefused
from inventory.keeping import refuse_unknown
from inventory.models import Item, ItemTag, Tag
from inventory.tree_lock import Hold, hold_tree

KIND = "tag"


def tag_objects(
    objects: Sequence[Ref], *, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> tuple[Change, ...]:
    """Put tags on objects and take others off, all or none; new tags are made.

    Raises:
        TagRefused: a name is none.
        ItemUnknown: an object is not there.
    """
    _refuse(add)
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        items = _items(objects)
        before = {item.pk: tags_of(item) for item in items}
        Tag.objects.bulk_create((Tag(name=name) for name in add), ignore_conflicts=True)
        tags = list(Tag.objects.filter(name__in=add))
        ItemTag.objects.bulk_create(
            (ItemTag(item=item, tag=tag) for item in items for tag in tags), ignore_conflicts=True
        )
        ItemTag.objects.filter(item__in=items, tag__name__in=remove).delete()
        return tuple(
            Change(KIND, item.kind, item.path, _said(before[item.pk]), _said(tags_of(item)))
            for item in items
        )


def tags_of(item: Item) -> list[str]:
    """Return the tags of an object, sorted."""
    return sorted(Tag.objects.filter(tagged__item=item).values_list("name", flat=True))


def all_tags(items: QuerySet[Item]) -> list[tuple[str, str, int]]:
    """Return group, name and how many of `items` have it, for each tag, by group and name."""
    counts: dict[int, int] = {}
    for pk in ItemTag.objects.filter(item__in=items).values_list("tag", flat=True):
        counts[pk] = counts.get(pk, 0) + 1
    return [(tag.group, tag.name, counts.get(tag.pk, 0)) for tag in Tag.objects.all()]


def change_tag(name: str, *, to: str | None = None, group: str | None = None) -> Change:
    """Give a tag another name or group; None leaves it.

    Raises:
        TagRefused: there is no such tag, or the new name or group is none.
        NameTaken: another tag has the new name.
    """
    _refuse([each for each in (to, group) if each])
    if to == "":
        _refuse([to])
    with transaction.atomic():
        tag = _tag(name)
        before = {"name": tag.name, "group": tag.group}
        after = {"name": to or tag.name, "group": tag.group if group is None else group}
        try:
            with transaction.atomic():
                Tag.objects.filter(pk=tag.pk).update(**after)
        except IntegrityError:
            sentence = f"There is a tag {shown(after['name'])} already."
            told = [problem(("to",), "name-taken", sentence)]
            raise NameTaken(located(KIND, name, told)) from None
        return Change("change", KIND, name, before, after)


def delete_tag(name: str) -> Change:
    """Delete a tag, and take it off all objects.

    Raises:
        TagRefused: there is none.
    """
    with transaction.atomic():
        tag = _tag(name)
        paths = list(Item.objects.filter(tagged__tag=tag).values_list("path", flat=True))
        before = {"name": tag.name, "group": tag.group, "objects": paths}
        tag.delete()
        return Change("delete", KIND, name, before, None)


def _tag(name: str) -> Tag:
    found = Tag.objects.select_for_update().filter(name=name).first()
    if found is None:
        sentence = f"There is no tag {shown(name)}."
        raise TagRefused(located(KIND, name, [problem(("name",), "tag-unknown", sentence)]))
    return found


def _refuse(names: Sequence[str]) -> None:
    problems = [p for i, name in enumerate(names) for p in tag_problems(("tags", i), name)]
    if problems:
        raise TagRefused(located(KIND, "", problems))


def _items(objects: Sequence[Ref]) -> list[Item]:
    wanted = set(objects)
    rows = Item.objects.filter(trashed_at__isnull=True, path__in=[path for _, path in wanted])
    found = [item for item in rows.order_by("pk") if (item.kind, item.path) in wanted]
    for kind, path in sorted(wanted - {(item.kind, item.path) for item in found}):
        refuse_unknown(kind, path)
    return found


def _said(tags: list[str]) -> dict[str, Any]:
    return {"tags": tags}
