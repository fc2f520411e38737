"""What the resume dialog offers for one order: places of its workflow, variables to change."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cockpit.access.policy import Account
from cockpit.api.orders.load import program_at
from cockpit.api.orders.present import variables
from cockpit.diagram import Overlay, outline
from cockpit.pages.addresses import with_query, workflow_at
from cockpit.pages.changing import fields_to_change
from cockpit.pages.overlays import overlay_of
from cockpit.pages.parameters import Field
from engine import position as p
from engine.order.model import Order
from engine.order.resume import reachable
from engine.order.secret import HIDDEN, hidden
from engine.workflow.program import Program


class Place(NamedTuple):
    """A place of the workflow; `refused` says why the order cannot go on there, or is empty."""

    position: str
    text: str
    depth: int
    refused: str


class Variable(NamedTuple):
    """A variable as pages show it: JSON, so that a text and a number stay apart."""

    name: str
    text: str


class Resumption(NamedTuple):
    """The choices for one order; `here` is where it stands.

    The last three are the picture to pick a place from, where the workflow is still there.
    """

    here: str
    places: list[Place]
    fields: list[Field]
    program: Program | None = None
    overlay: Overlay | None = None
    picture_url: str = ""


def resumption(account: Account, order: Order, given: Mapping[str, str]) -> Resumption:
    """Return what one may choose when the order is resumed; `given` is what was typed already."""
    program = program_at(account, order.workflow, order.version)
    picks = reachable(program, order) if program else {}
    rows = outline(program.workflow) if program else []
    asked = {"v": order.version, "pick": "resume", "order": order.id}
    return Resumption(
        here=p.to_text(p.place(order.position)),
        places=[
            Place(row.position, row.text, row.depth, picks[row.position] or "")
            for row in rows
            if row.is_place and row.position in picks
        ],
        fields=fields_to_change(program, variables(order), given),
        program=program,
        overlay=overlay_of(account, program)._replace(picks=picks) if program else None,
        picture_url=f"{workflow_at(order.workflow, 'picture')}{with_query(asked)}",
    )


def as_json_texts(values: Mapping[str, Any]) -> list[Variable]:
    """Return variables as pages show them: what is hidden has no quotes around it."""
    return [Variable(name, _shown(hidden(value))) for name, value in values.items()]


def _shown(value: object) -> str:
    return HIDDEN if value == HIDDEN else json.dumps(value, ensure_ascii=False)
