"""Job templates: what a job takes from its template, and whether it still is as that says."""

from msgspec.structs import replace

from engine.objects.template import (
    Sync,
    Template,
    TemplateArgument,
    apply_template,
    missing_arguments,
    sync_state,
    template_hash,
)
from engine.workflow.model import BuiltIn, Job, JobTemplate, ShellScript

SCRIPT = ShellScript("echo $name", {"name": "$name"})
TEMPLATE = Template(
    executable=SCRIPT,
    arguments={
        "name": TemplateArgument(required=True),
        "size": TemplateArgument("Number", 3),
    },
    default_arguments={"mode": "'full'"},
    timeout=60,
    title="Load",
)
JOB = Job(
    agent_name="agent-a",
    executable=ShellScript("old"),
    default_arguments={"name": "'x'", "mode": "'own'", "extra": 1},
    subagent_cluster_id="c",
    timeout=5,
)


def test_a_job_takes_everything_but_where_it_runs_and_its_own_arguments() -> None:
    made = apply_template(TEMPLATE, "loader", JOB)
    assert (made.agent_name, made.subagent_cluster_id) == ("agent-a", "c")
    assert (made.executable, made.timeout, made.title) == (SCRIPT, 60, "Load")
    assert made.default_arguments == {"size": 3, "mode": "'full'", "name": "'x'", "extra": 1}
    assert made.job_template == JobTemplate("loader", template_hash(TEMPLATE))
    assert apply_template(TEMPLATE, "loader", made) == made


def test_arguments_of_other_executables_stand_within_them() -> None:
    template = Template(
        executable=BuiltIn("Http", {"method": "'GET'"}),
        arguments={"url": TemplateArgument(default="'http://a/'")},
    )
    job = Job("agent-a", BuiltIn("Http", {"url": "'http://b/'", "method": "'PUT'"}))
    made = apply_template(template, "call", job)
    assert made.executable == BuiltIn("Http", {"url": "'http://b/'", "method": "'GET'"})
    assert made.default_arguments == {}


def test_arguments_that_are_required_and_not_given_are_named() -> None:
    assert missing_arguments(TEMPLATE, JOB) == ()
    assert missing_arguments(TEMPLATE, replace(JOB, default_arguments={})) == ("name",)


def test_a_job_is_in_sync_until_its_template_changes() -> None:
    made = apply_template(TEMPLATE, "loader", JOB)
    changed = replace(TEMPLATE, timeout=61)
    assert sync_state(JOB, {"loader": TEMPLATE}) is Sync.NONE
    assert sync_state(made, {"loader": TEMPLATE}) is Sync.IN_SYNC
    assert sync_state(made, {"loader": changed}) is Sync.OUT_OF_SYNC
    assert sync_state(made, {}) is Sync.DELETED


def test_the_hash_is_of_the_content_and_one_written_elsewhere_counts_too() -> None:
    exported = replace(TEMPLATE, hash="abc")
    assert template_hash(exported) == template_hash(TEMPLATE)
    job = replace(JOB, job_template=JobTemplate("loader", "abc"))
    assert sync_state(job, {"loader": exported}) is Sync.IN_SYNC
    assert sync_state(job, {"loader": TEMPLATE}) is Sync.OUT_OF_SYNC
