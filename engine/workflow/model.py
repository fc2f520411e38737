"""A workflow document as values, in the shape and with the field names of JS7's inventory.

Only shape lives here. `engine.workflow.read` makes these values from JSON and collects problems,
`engine.workflow.program` makes them fit to be walked by an order.
"""

from typing import Any, TypeAlias

import msgspec


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


Instruction: TypeAlias = Execute | If | CaseWhen | Fork | Try | Retry | Finish | Fail | ImplicitEnd


class ReturnCodeMeaning(msgspec.Struct, frozen=True):
    """What return codes mean: each a list of codes, ranges like `0..3,7`, or `none`."""

    success: tuple[int, ...] | str | None = None
    failure: tuple[int, ...] | str | None = None
    warning: tuple[int, ...] | str | None = None


class ShellScript(
    msgspec.Struct,
    frozen=True,
    tag_field="TYPE",
    tag="ShellScriptExecutable",
    omit_defaults=True,
    rename="camel",
):
    """A script run by the agent's machine, by its shebang or else /bin/sh."""

    script: str
    env: dict[str, str] = {}
    v1_compatible: bool = msgspec.field(default=False, name="v1Compatible")
    return_code_meaning: ReturnCodeMeaning | None = None


class JobTemplate(msgspec.Struct, frozen=True):
    """The template a job was made from, and the state of the template at that time."""

    name: str
    hash: str | None = None


class Mail(msgspec.Struct, frozen=True):
    """Addresses, separated by commas."""

    to: str | None = None
    cc: str | None = None
    bcc: str | None = None


class Notification(msgspec.Struct, frozen=True):
    """Who is written to when the job ends so; `types` are ERROR, SUCCESS, WARNING."""

    types: tuple[str, ...] = ()
    mail: Mail | None = None


class Job(msgspec.Struct, frozen=True, rename="camel"):
    """What an agent executes. Times in seconds."""

    agent_name: str
    executable: ShellScript
    parallelism: int = 1
    timeout: int | None = None
    grace_timeout: int | None = None
    return_code_meaning: ReturnCodeMeaning | None = None
    fail_on_err_written: bool = False
    warn_on_err_written: bool = False
    default_arguments: dict[str, Any] = {}
    job_resource_names: tuple[str, ...] = ()
    title: str | None = None
    documentation_name: str | None = None
    criticality: str = "NORMAL"
    warn_if_shorter: str | None = None
    warn_if_longer: str | None = None
    is_not_restartable: bool = False
    job_template: JobTemplate | None = None
    notification: Notification | None = None


class ListParameter(msgspec.Struct, frozen=True):
    """A column of a parameter that is a list of objects."""

    type: str
    default: Any = None


class Parameter(msgspec.Struct, frozen=True, rename="camel"):
    """A declared order variable. Texts in `default` and `final` are expressions.

    `final` cannot be overridden by an order.
    """

    type: str = "String"
    default: Any = None
    final: Any = None
    facet: str | None = None
    list: tuple[Any, ...] | None = None
    message: str | None = None
    list_parameters: dict[str, ListParameter] | None = None


class OrderPreparation(msgspec.Struct, frozen=True, rename="camel"):
    """Which variables an order brings along."""

    parameters: dict[str, Parameter] = {}
    allow_undeclared: bool = False


class Workflow(msgspec.Struct, frozen=True, rename="camel"):
    """A workflow document. Its path and version are not part of it."""

    instructions: tuple[Instruction, ...]
    jobs: dict[str, Job] = {}
    version: str | None = None
    version_id: str | None = None
    time_zone: str = "Etc/UTC"
    day_offset: str | None = None
    title: str | None = None
    documentation_name: str | None = None
    order_preparation: OrderPreparation | None = None
    job_resource_names: tuple[str, ...] = ()
