"""What people have done to a workflow: froze it, skipped labels, put stops before positions."""

from collections.abc import Collection

import msgspec
from django.conf import settings

from cockpit.access.policy import Account
from cockpit.api.orders.load import current_version, program_at
from cockpit.api.orders.present import instruction_at
from controller import looking
from engine.facts import Control
from engine.order.places import first_tries
from engine.position import Position, to_text


class StopSeen(msgspec.Struct, frozen=True):
    """A stop before an instruction."""

    position: str
    label: str | None


class ControlSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force for all orders of a workflow, of every version.

    `going_on`: it was resumed, and some of its orders are still to be looked at.
    """

    suspended: bool
    skipped: list[str]
    stops: list[StopSeen]
    going_on: bool


class WorkflowControlSeen(ControlSeen, frozen=True, kw_only=True):
    """The same with the workflow's path."""

    path: str


def control_seen(account: Account, path: str) -> WorkflowControlSeen:
    """Return what is in force for a workflow."""
    found = looking.control(settings.STELLWERK_CONTROLLER_ID, path)
    return WorkflowControlSeen(
        path=path,
        suspended=found.suspended,
        skipped=list(found.skipped),
        stops=[StopSeen(to_text(at), _label(account, path, at)) for at in found.stops],
        going_on=found.thaw_after is not None,
    )


def controls(paths: Collection[str]) -> dict[str, Control]:
    """Return what is in force for those of the workflows that anybody has touched."""
    return looking.controls(settings.STELLWERK_CONTROLLER_ID, list(paths))


def _label(account: Account, path: str, at: Position) -> str | None:
    version = current_version(account, path)
    program = program_at(account, path, version) if version else None
    return instruction_at(program, first_tries(at))[0]
