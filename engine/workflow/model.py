"""A workflow document as values, in the shape and with the field names of JS7's inventory.

Only shape lives here. `engine.workflow.read` makes these values from JSON and collects problems,
`engine.workflow.program` makes them fit to be walked by an order.
"""

from typing import Any, TypeAlias

import msgspec

from engine.workflow.instruction import (
    AddOrder,
    AdmissionTime,
    Block,
    Branch,
    Break,
    Case,
    CaseWhen,
    ConsumeNotices,
    Cycle,
    Demand,
    Execute,
    ExpectNotices,
    Fail,
    Finish,
    Fork,
    ForkList,
    If,
    ImplicitEnd,
    Instruction,
    Lock,
    Options,
    PostNotices,
    Prompt,
    Retry,
    Segment,
    Sleep,
    StickySubagent,
    Stop,
    Try,
)
from timetable.scheme import AdmissionTimeScheme

__all__ = [
    "AddOrder",
    "AdmissionTime",
    "Block",
    "Branch",
    "Break",
    "BuiltIn",
    "Case",
    "CaseWhen",
    "ConsumeNotices",
    "Cycle",
    "Demand",
    "Executable",
    "Execute",
    "ExpectNotices",
    "Fail",
    "Finish",
    "Fork",
    "ForkList",
    "If",
    "ImplicitEnd",
    "Instruction",
    "Job",
    "JobTemplate",
    "ListParameter",
    "Lock",
    "Mail",
    "Notification",
    "Options",
    "OrderPreparation",
    "Parameter",
    "PostNotices",
    "Prompt",
    "PythonScript",
    "Retry",
    "ReturnCodeMeaning",
    "Segment",
    "ShellScript",
    "Sleep",
    "StickySubagent",
    "Stop",
    "Try",
    "Workflow",
]


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


class PythonScript(
    msgspec.Struct,
    frozen=True,
    tag_field="TYPE",
    tag="PythonExecutable",
    omit_defaults=True,
    rename="camel",
):
    """Python in a process of its own: a callable by name (`package.module:function`) or a script.

    `arguments` are expressions; the callable gets them by name, a script finds them as variables.
    `interpreter` is the program to run it with, None for the agent's own.
    """

    callable: str | None = None
    script: str | None = None
    arguments: dict[str, Any] = {}
    interpreter: str | None = None
    env: dict[str, str] = {}
    return_code_meaning: ReturnCodeMeaning | None = None


class BuiltIn(
    msgspec.Struct,
    frozen=True,
    tag_field="TYPE",
    tag="BuiltInExecutable",
    omit_defaults=True,
    rename="camel",
):
    """A job that the agent brings along: Http, Sql, FileTransfer, Ssh or CeleryTask.

    `arguments` are expressions; each kind declares their names and types.
    """

    kind: str
    arguments: dict[str, Any] = {}
    env: dict[str, str] = {}
    return_code_meaning: ReturnCodeMeaning | None = None


Executable: TypeAlias = ShellScript | PythonScript | BuiltIn


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
    executable: Executable
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
    subagent_cluster_id: str | None = None
    subagent_cluster_id_expr: str | None = None
    with_subagent_cluster_id_expr: bool = False
    admission_time_scheme: AdmissionTimeScheme | None = None
    skip_if_no_admission_for_order_day: bool = False
    kill_at_end_of_admission_period: bool = False


class ListParameter(msgspec.Struct, frozen=True):
    """A column of a parameter that is a list of objects."""

    type: str
    default: Any = None


class Parameter(msgspec.Struct, frozen=True, rename="camel"):
    """A declared order variable. Texts in `default` and `final` are expressions.

    `final` cannot be overridden by an order. The value of a `secret` one is sealed to the agents of
    the workflow's jobs, and shown nowhere.
    """

    type: str = "String"
    default: Any = None
    final: Any = None
    facet: str | None = None
    list: tuple[Any, ...] | None = None
    message: str | None = None
    list_parameters: dict[str, ListParameter] | None = None
    secret: bool = False


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
