"""Everything that is wrong with many drafts at once, also in how they name each other."""

from collections.abc import Iterator

import msgspec
from django.db.models import QuerySet

from agents.join import clusters, link_keys
from engine.workflow.check import Known
from engine.workflow.problem import Severity, shown, warning
from inventory.check import examine
from inventory.dangling import of_templates, warnings
from inventory.errors import Located
from inventory.known import known_names
from inventory.known_calendars import TIMED, draft_calendars
from inventory.models import Item, Reference
from inventory.references.places import AGENT, CALENDAR
from inventory.references.users import dangling


class Validation(msgspec.Struct, frozen=True):
    """What came of it: how many drafts were read, and all problems by path."""

    objects: int
    problems: tuple[Located, ...]

    @property
    def valid(self) -> bool:
        """Tell whether there are only warnings."""
        return all(found.problem.severity is not Severity.ERROR for found in self.problems)


def validate(items: QuerySet[Item]) -> Validation:
    """Return what is wrong with the drafts, read anew; names that nobody has are warnings."""
    known = _known(items)
    count, problems = 0, []
    for item in items.order_by("path", "kind").iterator(chunk_size=200):
        count += 1
        found = examine(item.kind, item.source, known).frozen.problems
        found = (*found, *of_templates(item.kind, item.source))
        problems += [Located(item.kind, item.path, told) for told in found]
    problems += [*_nobody(items), *_no_agent(items)]
    return Validation(count, tuple(sorted(problems, key=lambda p: (p.path, p.kind))))


def _known(items: QuerySet[Item]) -> Known:
    """Return what is known: of names only calendars, for what they mean depends on their days."""
    if not items.filter(kind__in=TIMED).exists():
        return known_names()
    return msgspec.structs.replace(known_names(), calendars=draft_calendars())


def _nobody(items: QuerySet[Item]) -> Iterator[Located]:
    # A calendar that is not there is an error already.
    for item, found in warnings(dangling(items).exclude(type=CALENDAR)):
        yield Located(item.kind, item.path, found)


def _no_agent(items: QuerySet[Item]) -> Iterator[Located]:
    """Yield agents that have not joined: their orders would wait for them."""
    there = {*clusters(), *link_keys()}
    rows = Reference.objects.filter(item__in=items, type=AGENT).select_related("item")
    for row in rows.exclude(name__in=there):
        sentence = f"There is no agent {shown(row.name)} yet; orders would wait for it."
        yield Located(row.item.kind, row.item.path, warning((), "agent-unknown", sentence))
