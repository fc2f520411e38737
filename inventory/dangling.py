"""What only the other drafts tell of a draft: names that nobody has, jobs behind their template.

They are warnings: whoever is named may still come. Only a deployment refuses names.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter

from engine.workflow.problem import Path, Problem, shown, warning
from inventory.check import problems_as_json
from inventory.job_templates import CODES, template_warnings
from inventory.models import Item, Reference
from inventory.references.named import document_of
from inventory.references.notation import names_of_text
from inventory.references.places import places
from inventory.references.users import dangling
from inventory.source import values_of
from inventory.workflow_reading import workflow_reading

CODE = "reference-dangling"
_WORDS = {
    "fileordersource": "file order source", "includescript": "include script",
    "jobresource": "job resource", "jobtemplate": "job template", "noticeboard": "notice board",
}  # fmt: skip


def told(item: Item) -> Item:
    """Return the draft, in memory with what the others tell of it among its problems."""
    own = [found for found in item.problems if found["code"] not in {CODE, *CODES}]
    rows = dangling(Item.objects.filter(pk=item.pk))
    names = [found for _, found in warnings(rows)]
    item.problems = own + problems_as_json([*names, *of_templates(item.kind, item.source)])
    return item


def of_templates(kind: str, source: str) -> list[Problem]:
    """Return the warnings about jobs of a workflow that were made from templates."""
    workflow = workflow_reading(source).workflow if kind == "workflow" else None
    return template_warnings(workflow) if workflow else []


def warnings(rows: Iterable[Reference]) -> Iterator[tuple[Item, Problem]]:
    """Yield a warning for each reference, at the first place where its name stands."""
    for item, named in groupby(rows, attrgetter("item")):
        where = _where(item)
        for row in named:
            sentence = f"There is no {_WORDS.get(row.type, row.type)} {shown(row.name)}."
            yield item, warning(where.get((row.type, row.name, row.role), ()), CODE, sentence)


def _where(item: Item) -> Mapping[tuple[str, str, str], Path]:
    data = values_of(item.source).data
    found: dict[tuple[str, str, str], Path] = {}
    for place in () if data is None else places(item.kind, document_of(data)):
        for name in names_of_text(place.notation, place.text):
            found.setdefault((place.type, name, place.role), place.path)
    return found
