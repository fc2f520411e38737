"""What people, scripts, the plan and schedules ask of the controller, as values on the wire.

A request names orders; `engine.order.commands` turns it into events or a refusal.
"""

from typing import Any, TypeAlias

import msgspec


class NewOrder(msgspec.Struct, frozen=True, omit_defaults=True):
    """An order to be added. `workflow` is a path; `scheduled_us` in UTC, None is now.

    Positions are texts (`0/fork+eu/2`) or labels.
    """

    id: str
    workflow: str
    arguments: dict[str, Any] = {}
    scheduled_us: int | None = None
    priority: int = 0
    order_date: str | None = None
    start_position: str | None = None
    stop_positions: tuple[str, ...] = ()
    block_position: str | None = None
    tags: tuple[str, ...] = ()


class AddOrders(msgspec.Struct, frozen=True, tag=True):
    """Adds orders; each is answered for itself."""

    orders: tuple[NewOrder, ...]


class CancelOrders(msgspec.Struct, frozen=True, tag=True):
    """Lets orders leave: at once, or after the running job.

    `kill` ends the job, `deep` reaches the children.
    """

    orders: tuple[str, ...]
    kill: bool = False
    deep: bool = False


class SuspendOrders(msgspec.Struct, frozen=True, tag=True):
    """Stops orders: at once or after the running job.

    `kill` ends the job, `reset` the wait in which an order stands, `deep` reaches the children.
    """

    orders: tuple[str, ...]
    kill: bool = False
    reset: bool = False
    deep: bool = False


class ResumeOrders(msgspec.Struct, frozen=True, tag=True):
    """Lets suspended or failed orders go on, maybe elsewhere and with changed variables.

    `force` runs a killed job again that may not be repeated.
    """

    orders: tuple[str, ...]
    position: str | None = None
    label: str | None = None
    variables: dict[str, Any] | None = None
    force: bool = False


class ChangePriority(msgspec.Struct, frozen=True, tag=True):
    """Changes what goes first among waiting orders; higher first."""

    orders: tuple[str, ...]
    priority: int


class ContinueOrders(msgspec.Struct, frozen=True, tag=True):
    """Ends a wait for time: a scheduled start or a retry delay."""

    orders: tuple[str, ...]


class SignedItem(msgspec.Struct, frozen=True):
    """A version of an inventory object with the site's signature.

    It is made over `kind NUL path NUL version NUL document`.
    """

    kind: str
    path: str
    version: str
    document: bytes
    signature: bytes


class TakeItems(msgspec.Struct, frozen=True, tag=True):
    """Takes over deployed versions, all or none; nobody may start `revoked` (kind, path) again."""

    items: tuple[SignedItem, ...]
    revoked: tuple[tuple[str, str], ...] = ()


class Answered(msgspec.Struct, frozen=True):
    """The answer for one object of a request.

    `code` is `accepted`, or why it was refused: `order-exists`, `order-unknown`,
    `workflow-unknown`, `not-applicable`, `invalid`, … `state` is JS7's state name after it, where
    there is an order.
    """

    id: str
    ok: bool
    code: str = "accepted"
    sentence: str = ""
    state: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """The controller's durable answer to a request: one for each object, in their order."""

    answers: tuple[Answered, ...]

    @property
    def ok(self) -> bool:
        """Tell whether every object was accepted."""
        return all(a.ok for a in self.answers)


Request: TypeAlias = (
    AddOrders
    | CancelOrders
    | SuspendOrders
    | ResumeOrders
    | ChangePriority
    | ContinueOrders
    | TakeItems
)
