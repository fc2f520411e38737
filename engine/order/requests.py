"""What people, scripts, the plan and schedules ask of the controller, as values on the wire.

A request names orders, a workflow, a notice or a plan; `engine.order.commands` and
`engine.order.control` turn it into events or a refusal.
"""

from typing import Any, Literal, TypeAlias

import msgspec

from engine.order.model import ExternalOrder


class NewOrder(msgspec.Struct, frozen=True, omit_defaults=True):
    """An order to be added. `workflow` is a path; `scheduled_us` in UTC, None is now.

    Positions are texts (`0/fork+eu/2`) or labels. `plan` is an id such as `DailyPlan|2026-03-02`.
    `force_admission` runs jobs outside of their periods, `remain` keeps the order after its end,
    `adder` is the order whose instruction adds it, `external` the file that it is for.
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
    plan: str | None = None
    force_admission: bool = False
    remain: bool = False
    adder: str | None = None
    external: ExternalOrder | None = None


class AddOrders(msgspec.Struct, frozen=True, tag=True):
    """Adds orders; each is answered for itself."""

    orders: tuple[NewOrder, ...]


class CancelOrders(msgspec.Struct, frozen=True, tag=True):
    """Lets orders leave: at once, or after the running job.

    `kill` ends the job, `deep` reaches the children. `fresh_only` spares orders that have started,
    also those that start before the cancelling reaches them.
    """

    orders: tuple[str, ...]
    kill: bool = False
    deep: bool = False
    fresh_only: bool = False


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

    `force` runs a killed job again that may not be repeated. `deep` reaches the children, each of
    which goes on where it stands.
    """

    orders: tuple[str, ...]
    position: str | None = None
    label: str | None = None
    variables: dict[str, Any] | None = None
    force: bool = False
    deep: bool = False


class ChangePriority(msgspec.Struct, frozen=True, tag=True):
    """Changes what goes first among waiting orders; higher first."""

    orders: tuple[str, ...]
    priority: int


class ContinueOrders(msgspec.Struct, frozen=True, tag=True):
    """Ends a wait for time: a scheduled start, a delay, a pause, a period, the next cycle."""

    orders: tuple[str, ...]


class ConfirmPrompts(msgspec.Struct, frozen=True, tag=True):
    """Answers the question of orders that prompt."""

    orders: tuple[str, ...]


class ChangeStart(msgspec.Struct, frozen=True, tag=True):
    """Lets orders that have not started begin at another moment, in UTC."""

    orders: tuple[str, ...]
    scheduled_us: int


class ChangeArguments(msgspec.Struct, frozen=True, tag=True):
    """Changes arguments of orders that have not started: sets some, takes others away."""

    orders: tuple[str, ...]
    arguments: dict[str, Any] = {}
    remove: tuple[str, ...] = ()


class RemoveOrders(msgspec.Struct, frozen=True, tag=True):
    """Removes orders that remained after their end."""

    orders: tuple[str, ...]


class TransferOrders(msgspec.Struct, frozen=True, tag=True):
    """Moves all orders of older versions of a workflow to the newest one, all or none.

    `only_possible` leaves those where they are that cannot be moved, and moves the others.
    """

    workflow: str
    only_possible: bool = False


class ControlWorkflow(msgspec.Struct, frozen=True, tag=True):
    """Freezes a workflow's orders or lets them go, skips labels, puts stops before positions.

    `skip` and `unskip` need labels; `stop` and `unstop` labels or positions written as texts.
    """

    workflow: str
    verb: Literal["suspend", "resume", "skip", "unskip", "stop", "unstop"]
    labels: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()


class PostNotice(msgspec.Struct, frozen=True, tag=True):
    """Posts a notice as an order would. `plan` is needed for a board with notices per plan.

    `end_of_life_us` None: what the board says.
    """

    board: str
    key: str
    plan: str | None = None
    arguments: dict[str, Any] = {}
    end_of_life_us: int | None = None


class DeleteNotice(msgspec.Struct, frozen=True, tag=True):
    """Deletes the present notice, at once or as soon as nobody consumes it any more.

    `force` lets the orders fail that consume it now; `users` are those of whom the person knew,
    None for whoever it is: others than these are not made to fail, the request is refused.
    """

    board: str
    key: str
    plan: str | None = None
    force: bool = False
    users: tuple[str, ...] | None = None


class ChangePlan(msgspec.Struct, frozen=True, tag=True):
    """Closes a plan to new orders and notices, or opens it again."""

    plan: str
    closed: bool


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
    `workflow-unknown`, `not-applicable`, `invalid`, `plan-closed`, … `state` is JS7's state name
    after it, where there is an order.
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


OrderRequest: TypeAlias = (
    CancelOrders
    | SuspendOrders
    | ResumeOrders
    | ChangePriority
    | ContinueOrders
    | ConfirmPrompts
    | ChangeStart
    | ChangeArguments
    | RemoveOrders
)
"""What names orders, each of which is answered for itself."""

ObjectRequest: TypeAlias = TransferOrders | ControlWorkflow | PostNotice | DeleteNotice | ChangePlan
"""What names one thing that is no order; a transfer is answered for each order it concerns."""

Request: TypeAlias = AddOrders | TakeItems | OrderRequest | ObjectRequest
