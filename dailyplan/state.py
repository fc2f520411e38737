"""The states of a planned order, and what people have done to it. Pure."""

from enum import IntEnum, IntFlag


class PlanState(IntEnum):
    """Where a planned order is on its way. JS7's `submitted` is our submitted and started."""

    PLANNED = 0  # only here; submitting, removing or the next planning lead out
    SUBMITTED = 1  # with the controller, not started; the journal or a cancelling leads out
    STARTED = 2  # under way; the journal leads out
    FINISHED = 3  # final: ended well
    FAILED = 4  # stands failed or stopped; a person at the controller leads out
    CANCELLED = 5  # final: a person let the order leave
    REMOVED = 9  # a person took it out of the plan; it stays so until that is undone


OPEN = (PlanState.SUBMITTED, PlanState.STARTED, PlanState.FAILED)
"""With the controller."""

SHOWN = tuple(state for state in PlanState if state is not PlanState.REMOVED)


class Flag(IntFlag):
    """What keeps a row from being planned over."""

    START = 1  # a person changed when it starts
    PARAMETERS = 2  # a person changed what it is given
    HELD = 4  # a person took it back from the controller; only a person submits it
    COPIED = 8  # a person copied it from another day; no schedule plans it
    GENERATED = 16  # a person had it generated; a schedule that plans nothing keeps it


BY_HAND = Flag.START | Flag.PARAMETERS | Flag.COPIED
"""A row with one of these stays although its schedule does not plan it any more."""


def name_of(state: int) -> str:
    """Return the name of a state as the API shows it."""
    return PlanState(state).name.lower()


def state_named(name: str) -> PlanState | None:
    """Return the state of a name, None if there is none."""
    return PlanState.__members__.get(name.upper())
