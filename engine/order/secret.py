"""Secret variables of orders: which they are, and how their values are written and shown.

A secret value is sealed to agents before it comes to the controller, so that journal and history
have nothing to tell. Only the form of a sealed value is known here; who seals and opens is not.
"""

import re
from typing import Any

from engine.expression import EvaluationFailed, ExpressionSyntax, Scope, compile_expression
from engine.values import NotAValue
from engine.workflow.model import Job, StickySubagent, Workflow
from engine.workflow.walk import walk

PREFIX = "enc://"
HIDDEN = "••••••"
"""What people see in place of a secret value."""

_PART = r"[A-Za-z0-9._~%-]+:[A-Za-z0-9_-]{64,}"
SEALED = re.compile(rf"{PREFIX}({_PART}(?:,{_PART})*)")
"""A sealed value within a text: for each agent that may open it its name and the data."""


def secret_names(workflow: Workflow) -> frozenset[str]:
    """Return the names of the variables that a workflow declares secret."""
    if workflow.order_preparation is None:
        return frozenset()
    parameters = workflow.order_preparation.parameters
    return frozenset(name for name, parameter in parameters.items() if parameter.secret)


def is_sealed(value: object) -> bool:
    """Tell whether a value is sealed, as a whole."""
    return isinstance(value, str) and SEALED.fullmatch(value) is not None


def hidden(value: Any) -> Any:
    """Return a value of JSON as people may see it: without what is sealed, at any depth."""
    if isinstance(value, str):
        return SEALED.sub(HIDDEN, value) if PREFIX in value else value
    if isinstance(value, list | tuple):
        return [hidden(one) for one in value]
    if isinstance(value, dict):
        return {name: hidden(one) for name, one in value.items()}
    return value


def hidden_variables(values: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Return variables as people may see them: without those of these names and what is sealed."""
    return {name: HIDDEN if name in names else hidden(value) for name, value in values.items()}


def readers(workflow: Workflow) -> frozenset[str] | None:
    """Return the agents and clusters whose jobs may need a secret variable.

    None where an expression names one: only the run can know which.
    """
    found = (visit.instruction for visit in walk(workflow))
    blocks = [_place(each) for each in found if isinstance(each, StickySubagent)]
    places = [*map(_place, workflow.jobs.values()), *blocks]
    return None if None in places else frozenset(place for place in places if place is not None)


def _place(of: Job | StickySubagent) -> str | None:
    if of.subagent_cluster_id_expr is None:
        return of.subagent_cluster_id or of.agent_name
    try:
        expression = compile_expression(of.subagent_cluster_id_expr)
        found = expression.evaluate(Scope()) if expression.constant else None
    except (ExpressionSyntax, EvaluationFailed, NotAValue):
        return None
    return found if isinstance(found, str) else None
