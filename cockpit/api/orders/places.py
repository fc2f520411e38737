"""The positions of an order's workflow, and whether it could be resumed at each."""

from cockpit.access.policy import Account
from cockpit.api.orders.bodies import PlaceSeen
from cockpit.api.orders.load import program_at
from cockpit.api.orders.present import instruction_at
from engine.order.model import Order
from engine.order.places import first_tries
from engine.order.resume import reachable
from engine.position import from_text, place, to_text


def places_of(account: Account, order: Order) -> list[PlaceSeen]:
    """Return the positions in the order of the document; none where the workflow is unknown."""
    program = program_at(account, order.workflow, order.version)
    if program is None:
        return []
    here = to_text(place(order.position))
    found = []
    for text, refused in reachable(program, order).items():
        position = first_tries(from_text(text))
        instruction = program.instruction(position)
        found.append(
            PlaceSeen(
                position=text,
                label=instruction_at(program, position)[0],
                instruction=type(instruction).__name__,
                here=text == here,
                refused=refused,
            )
        )
    return found
