"""Values of secret variables that a verb gives are sealed before the verb is kept anywhere."""

from collections.abc import Collection

from msgspec.structs import replace

from dailyplan.models import Parameterisation
from dailyplan.sealing import sealed_values
from dailyplan.verbs.asking import Change, PlanVerb


def sealed_verb(
    verb: PlanVerb, parameterisations: Collection[int]
) -> tuple[PlanVerb, list[tuple[str, str]]]:
    """Return a verb for orders with what it gives sealed, and what is wrong: fields, sentences.

    Args:
        verb: as it was asked.
        parameterisations: of the orders that it is for.
    """
    if not isinstance(verb, Change) or not verb.variables:
        return verb, []
    rows = Parameterisation.objects.filter(id__in=set(parameterisations))
    workflows = set(rows.values_list("workflow", flat=True))
    values, problems = sealed_values(verb.variables, workflows, "variables")
    return (verb if values is verb.variables else replace(verb, variables=values)), problems
