"""Job templates: what a job is made from, and whether it still is as its template says.

A template has all fields of a job but where it runs. Knows no inventory: templates come in.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import asdict, replace

from engine.workflow.canonical import canonical, digest_of
from engine.workflow.model import (
    Executable,
    Job,
    JobTemplate,
    Notification,
    ReturnCodeMeaning,
    ShellScript,
)
from timetable.scheme import AdmissionTimeScheme


class TemplateArgument(msgspec.Struct, frozen=True):
    """An argument that jobs of the template take. `default` is an expression or a plain value."""

    type: str = "String"
    default: Any = None
    required: bool = False
    description: str | None = None
    facet: str | None = None
    list: tuple[Any, ...] | None = None
    message: str | None = None


class Template(msgspec.Struct, frozen=True, rename="camel"):
    """A job template document. `hash` is what JS7 writes; ours is computed."""

    executable: Executable
    arguments: dict[str, TemplateArgument] = {}
    description: str | None = None
    hash: str | None = None
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
    notification: Notification | None = None
    admission_time_scheme: AdmissionTimeScheme | None = None
    skip_if_no_admission_for_order_day: bool = False
    kill_at_end_of_admission_period: bool = False


class Sync(Enum):
    """How a job stands to its template."""

    NONE = auto()  # it was made from none
    IN_SYNC = auto()  # it was made from the template as that is now
    OUT_OF_SYNC = auto()  # the template has changed since
    DELETED = auto()  # the template is gone
    UNREADABLE = auto()  # there is one, and its text is wrong at present


class Keep(NamedTuple):
    """What a job keeps of its own when it is made from a template."""

    notification: bool = False
    admission: bool = False


KEEP_NOTHING = Keep()
_OF_TEMPLATE = ("arguments", "description", "hash")


def template_hash(template: Template) -> str:
    """Return what tells one state of a template from another, 64 hexadecimal digits."""
    return digest_of(canonical(replace(template, hash=None)))


def apply_template(template: Template, name: str, job: Job, keep: Keep = KEEP_NOTHING) -> Job:
    """Return the job as the template makes it; where it runs and its own arguments stay.

    An argument that the job does not give gets the template's default.
    """
    given = asdict(template)
    own = {*_OF_TEMPLATE}
    own |= {"notification"} if keep.notification else set()
    own |= {"admission_time_scheme"} if keep.admission else set()
    fields = {field: value for field, value in given.items() if field not in own}
    made = replace(job, **fields, job_template=JobTemplate(name, template_hash(template)))
    return _with_arguments(made, {**_defaults(template), **_own_arguments(template, job)})


def missing_arguments(template: Template, job: Job) -> tuple[str, ...]:
    """Return the arguments that the template requires and the job has no value for."""
    given = {**_defaults(template), **_own_arguments(template, job)}
    return tuple(n for n, a in template.arguments.items() if a.required and n not in given)


def sync_state(job: Job, templates: Mapping[str, Template | None]) -> Sync:
    """Return how a job stands to its template, among all by name; None is one with mistakes."""
    if job.job_template is None:
        return Sync.NONE
    if job.job_template.name not in templates:
        return Sync.DELETED
    template = templates[job.job_template.name]
    if template is None:
        return Sync.UNREADABLE
    # A job that came from JS7 remembers the hash that JS7 wrote.
    same = job.job_template.hash in _hashes(template)
    return Sync.IN_SYNC if same else Sync.OUT_OF_SYNC


def job_of(template: Template) -> Job:
    """Return the job that a template alone makes, without an agent."""
    return apply_template(template, "", Job(agent_name="", executable=template.executable))


def _hashes(template: Template) -> tuple[str | None, ...]:
    own = template_hash(template)
    return (own,) if template.hash is None else (own, template.hash)


def _defaults(template: Template) -> dict[str, Any]:
    """Return what the template gives: its own values, and defaults of what it declares."""
    declared = {n: a.default for n, a in template.arguments.items() if a.default is not None}
    return {**declared, **_arguments(template)}


def _own_arguments(template: Template, job: Job) -> dict[str, Any]:
    """Return what the job gives itself: declared arguments, and those the template does not set."""
    fixed = _arguments(template).keys() - template.arguments.keys()
    return {name: value for name, value in _arguments(job).items() if name not in fixed}


def _arguments(of: Job | Template) -> dict[str, Any]:
    """Return the arguments: of a script beside it, of other executables within them."""
    executable = of.executable
    return of.default_arguments if isinstance(executable, ShellScript) else executable.arguments


def _with_arguments(job: Job, arguments: dict[str, Any]) -> Job:
    executable = job.executable
    if isinstance(executable, ShellScript):
        return replace(job, default_arguments=arguments)
    return replace(job, executable=replace(executable, arguments=arguments))
