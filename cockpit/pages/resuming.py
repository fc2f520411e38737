"""What the resume dialog offers for one order: places of its workflow, variables to change."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.http import QueryDict

from cockpit.access.policy import Account
from cockpit.api.orders.load import orders_now, program_at
from cockpit.api.orders.present import variables
from cockpit.api.problem import FieldProblem
from cockpit.diagram import outline
from engine import position as p

PREFIX = "var."
MOST_VARIABLES = 60


class Place(NamedTuple):
    """A place where the order may go on."""

    position: str
    text: str
    depth: int


class Variable(NamedTuple):
    """A variable as its field shows it: JSON, so that a text and a number stay apart."""

    name: str
    text: str


class Resumption(NamedTuple):
    """The choices for one order; `here` is where it stands."""

    here: str
    places: list[Place]
    variables: list[Variable]


def resumption(account: Account, order_id: str) -> Resumption | None:
    """Return what one may choose when the order is resumed, None where it is not there."""
    order = orders_now(account, [order_id]).get(order_id)
    if order is None:
        return None
    program = program_at(account, order.workflow, order.version)
    scope = p.fork_scope(p.place(order.position))
    rows = outline(program.workflow) if program else []
    seen: dict[str, Place] = {}
    for row in rows:
        # Lanes carry the position of their instruction; only the instruction itself is a place.
        if row.position not in seen and p.fork_scope(p.from_text(row.position)) == scope:
            seen[row.position] = Place(row.position, row.text, row.depth)
    known = list(variables(order).items())[:MOST_VARIABLES]
    return Resumption(
        here=p.to_text(p.place(order.position)),
        places=list(seen.values()),
        variables=[Variable(name, _shown(value)) for name, value in known],
    )


def given_variables(form: QueryDict) -> tuple[dict[str, Any], list[FieldProblem]]:
    """Return the variables that the form changes, with what cannot be read.

    A field counts as changed where it differs from the `was.` beside it.
    """
    found: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for field in form:
        name, text = field.removeprefix(PREFIX), form.get(field, "")
        if name != field and text != form.get(f"was.{name}"):
            _read(name, text, found, problems)
    for number, line in enumerate(form.get("more", "").splitlines(), 1):
        name, sign, text = (part.strip() for part in line.partition("="))
        if sign and name:
            _read(name, text, found, problems)
        elif line.strip():
            sentence = f"Line {number} is no variable: write name = value."
            problems.append(FieldProblem("more", sentence))
    return found, problems


def _read(name: str, text: str, found: dict[str, Any], problems: list[FieldProblem]) -> None:
    try:
        found[name] = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        sentence = f'{name} is no JSON value: write "text" in quotes, 12, true, [1, 2] or {{}}.'
        problems.append(FieldProblem(f"variables.{name}", sentence))


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def as_json_texts(values: Mapping[str, Any]) -> list[Variable]:
    """Return variables as pages show them."""
    return [Variable(name, _shown(value)) for name, value in values.items()]
