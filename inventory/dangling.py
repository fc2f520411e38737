"""Names in drafts that nobody has, told where they stand.

They are warnings: whoever is named may still come. Only a deployment refuses them.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter

from engine.workflow.problem import Path, Problem, shown, warning
from inventory.check import problems_as_json
from inventory.models import Item, Reference
from inventory.references.named import document_of
from inventory.references.notation import names_of_text
from inventory.references.places import places
from inventory.references.users import dangling
from inventory.source import values_of

CODE = "reference-dangling"


def told(item: Item) -> Item:
    """Return the draft, in memory with the names that nobody has among its problems."""
    own = [found for found in item.problems if found["code"] != CODE]
    rows = dangling(Item.objects.filter(pk=item.pk))
    item.problems = own + problems_as_json(found for _, found in warnings(rows))
    return item


def warnings(rows: Iterable[Reference]) -> Iterator[tuple[Item, Problem]]:
    """Yield a warning for each reference, at the first place where its name stands."""
    for item, named in groupby(rows, attrgetter("item")):
        where = _where(item)
        for row in named:
            sentence = f"There is no {row.type} {shown(row.name)}."
            yield item, warning(where.get((row.type, row.name, row.role), ()), CODE, sentence)


def _where(item: Item) -> Mapping[tuple[str, str, str], Path]:
    data = values_of(item.source).data
    found: dict[tuple[str, str, str], Path] = {}
    for place in () if data is None else places(item.kind, document_of(data)):
        for name in names_of_text(place.notation, place.text):
            found.setdefault((place.type, name, place.role), place.path)
    return found
