"""The instructions of a workflow document, in the shape and with the names of JS7's inventory.

Only shape lives here: what an instruction does is decided in `engine.steps`.
"""

from typing import Any, TypeAlias

import msgspec

from timetable.scheme import AdmissionTimeScheme, CycleSchedule


class Block(msgspec.Struct, frozen=True):
    """A list of instructions, as it stands below `then`, `try`, a branch and so on."""

    instructions: tuple["Instruction", ...]
    result: dict[str, str] | None = None


class Execute(
    msgspec.Struct,
    frozen=True,
    tag_field="TYPE",
    tag="Execute.Named",
    omit_defaults=True,
    rename="camel",
):
    """Runs a job of this workflow."""

    job_name: str
    label: str | None = None
    default_arguments: dict[str, Any] = {}


class If(msgspec.Struct, frozen=True, tag_field="TYPE", tag="If"):
    """Takes `then` where the predicate is true, else `else`."""

    predicate: str
    then: Block
    else_: Block | None = msgspec.field(default=None, name="else")
    label: str | None = None


class Case(msgspec.Struct, frozen=True):
    """One case of CaseWhen."""

    predicate: str
    then: Block


class CaseWhen(msgspec.Struct, frozen=True, tag_field="TYPE", tag="CaseWhen"):
    """Takes the first case whose predicate is true, else `else`."""

    cases: tuple[Case, ...]
    else_: Block | None = msgspec.field(default=None, name="else")
    label: str | None = None


class Branch(msgspec.Struct, frozen=True):
    """One branch of a fork; `workflow.result` names what the join hands to the parent."""

    id: str
    workflow: Block


class Fork(msgspec.Struct, frozen=True, tag_field="TYPE", tag="Fork", rename="camel"):
    """Runs its branches at the same time, each in a child order, and joins them."""

    branches: tuple[Branch, ...]
    join_if_failed: bool = False
    label: str | None = None


class Try(msgspec.Struct, frozen=True, tag_field="TYPE", tag="Try", rename="camel"):
    """Runs `try`; a failure goes on in `catch`, which may hold a Retry."""

    try_: Block = msgspec.field(name="try")
    catch: Block
    max_tries: int | None = None
    retry_delays: tuple[int, ...] = ()
    label: str | None = None


class Retry(msgspec.Struct, frozen=True, tag_field="TYPE", tag="Retry", rename="camel"):
    """Within `catch`: goes back to `try`.

    With a `try` of its own: the whole block in one, as the GUI of JS7 writes it. Orders walk that
    as a Try whose catch begins with a Retry.
    """

    max_tries: int | None = None
    retry_delays: tuple[int, ...] = ()
    try_: Block | None = msgspec.field(default=None, name="try")
    catch: Block | None = None
    label: str | None = None


class Finish(msgspec.Struct, frozen=True, tag_field="TYPE", tag="Finish"):
    """Ends the order, or the branch of a fork."""

    message: str | None = None
    unsuccessful: bool = False
    label: str | None = None


class Fail(msgspec.Struct, frozen=True, tag_field="TYPE", tag="Fail"):
    """Fails the order; `message` is an expression."""

    message: str | None = None
    outcome: dict[str, Any] | None = None
    uncatchable: bool = False
    label: str | None = None


class ImplicitEnd(msgspec.Struct, frozen=True, tag_field="TYPE", tag="ImplicitEnd"):
    """The end of the workflow or of a branch, as exports spell it out."""

    label: str | None = None


class ForkList(msgspec.Struct, frozen=True, tag_field="TYPE", tag="ForkList", rename="camel"):
    """Runs `workflow` once for each element of a list, in child orders, and joins them.

    `childToId` is a function from element and index to the child's name; fields of an element are
    arguments of its child. With a subagent cluster instead of `children`: once for each subagent,
    whose id is in the variable `subagentIdVariable`.
    """

    workflow: Block
    children: str | None = None
    child_to_id: str | None = None
    join_if_failed: bool = False
    agent_name: str | None = None
    subagent_cluster_id: str | None = None
    subagent_cluster_id_expr: str | None = None
    subagent_id_variable: str = "js7ForkListSubagentId"
    label: str | None = None


class Demand(msgspec.Struct, frozen=True, rename="camel"):
    """How much of a lock is wanted; no count means all of it, alone."""

    lock_name: str
    count: int | None = None


class Lock(msgspec.Struct, frozen=True, tag_field="TYPE", tag="Lock", rename="camel"):
    """Runs its block while it holds all the locks demanded; `lockName` is JS7's older form."""

    locked_workflow: Block
    demands: tuple[Demand, ...] = ()
    lock_name: str | None = None
    count: int | None = None
    label: str | None = None


class PostNotices(msgspec.Struct, frozen=True, tag_field="TYPE", tag="PostNotices", rename="camel"):
    """Posts a notice to each board, all at once.

    `arguments` are expressions; the notices carry their values to the orders that expect them.
    """

    notice_board_names: tuple[str, ...]
    arguments: dict[str, Any] = {}
    label: str | None = None


class ExpectNotices(
    msgspec.Struct, frozen=True, tag_field="TYPE", tag="ExpectNotices", rename="camel"
):
    """Waits until an expression over boards is true: `'a' && ('b' || 'c')`.

    `whenNotAnnounced`, for plannable boards: Wait, SkipWhenNoNotice or DontWait where no order of
    the plan will post.
    """

    notice_board_names: str
    when_not_announced: str = "Wait"
    label: str | None = None


class ConsumeNotices(
    msgspec.Struct, frozen=True, tag_field="TYPE", tag="ConsumeNotices", rename="camel"
):
    """Waits like ExpectNotices and holds the notices while its block runs; then they are gone."""

    notice_board_names: str
    subworkflow: Block = Block(())
    when_not_announced: str = "Wait"
    label: str | None = None


class AddOrder(msgspec.Struct, frozen=True, tag_field="TYPE", tag="AddOrder", rename="camel"):
    """Adds an order to a workflow and goes on at once. `arguments` are expressions.

    Positions are labels or position lists.
    """

    workflow_name: str
    arguments: dict[str, Any] = {}
    remain_when_terminated: bool = False
    start_position: str | tuple[Any, ...] | None = None
    end_positions: tuple[Any, ...] = ()
    block_position: str | tuple[Any, ...] | None = None
    force_job_admission: bool = False
    priority: int = 0
    tags: tuple[str, ...] = ()
    label: str | None = None


class Cycle(msgspec.Struct, frozen=True, tag_field="TYPE", tag="Cycle", rename="camel"):
    """Repeats its block by a schedule within the order's day, with one period only if asked so."""

    cycle_workflow: Block
    schedule: CycleSchedule
    only_one_period: bool = False
    label: str | None = None


class Break(msgspec.Struct, frozen=True, tag_field="TYPE", tag="Break"):
    """Leaves the innermost Cycle."""

    label: str | None = None


class Prompt(msgspec.Struct, frozen=True, tag_field="TYPE", tag="Prompt"):
    """Asks a person and waits until somebody confirms; `question` is an expression."""

    question: str
    label: str | None = None


class Sleep(msgspec.Struct, frozen=True, tag_field="TYPE", tag="Sleep"):
    """Pauses for a number of seconds; `duration` is an expression."""

    duration: str
    label: str | None = None


class StickySubagent(
    msgspec.Struct, frozen=True, tag_field="TYPE", tag="StickySubagent", rename="camel"
):
    """Keeps all jobs of its block at the subagent that its first job was given to."""

    agent_name: str
    subworkflow: Block
    subagent_cluster_id: str | None = None
    subagent_cluster_id_expr: str | None = None
    label: str | None = None


class Options(msgspec.Struct, frozen=True, tag_field="TYPE", tag="Options", rename="camel"):
    """Decides for its block whether a failure stops the order where it stands."""

    block: Block
    stop_on_failure: bool = False
    label: str | None = None


class AdmissionTime(
    msgspec.Struct, frozen=True, tag_field="TYPE", tag="AdmissionTime", rename="camel"
):
    """Lets orders into its block within periods only."""

    block: Block
    admission_time_scheme: AdmissionTimeScheme
    skip_if_no_admission_for_order_day: bool = False
    label: str | None = None


class Segment(msgspec.Struct, frozen=True, tag_field="TYPE", tag="Segment"):
    """Groups instructions for the reader; it changes nothing."""

    block: Block
    label: str | None = None


class Stop(msgspec.Struct, frozen=True, tag_field="TYPE", tag="Stop"):
    """Stops the order until a person resumes or cancels it."""

    label: str | None = None


Instruction: TypeAlias = (
    Execute | If | CaseWhen | Fork | ForkList | Try | Retry | Lock | PostNotices | ExpectNotices
    | ConsumeNotices | AddOrder | Cycle | Break | Prompt | Finish | Fail | Sleep | StickySubagent
    | Options | AdmissionTime | Segment | Stop | ImplicitEnd
)  # fmt: skip
