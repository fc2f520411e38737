"""What the page of a job template says of the jobs that were made from it."""

from typing import Any, NamedTuple

from cockpit.access.gate import restrict
from cockpit.access.policy import Account
from cockpit.pages.addresses import object_at
from inventory.job_templates import KIND
from inventory.queries import present_items
from inventory.templating import users

MOST_DRAFTS = 200


class Line(NamedTuple):
    """A job, the page of its draft, and the arguments that it gives no value for."""

    text: str
    href: str
    missing: str


class Jobs(NamedTuple):
    """How many drafts have jobs of a template, which are behind, and which lack an argument."""

    drafts: int
    behind: list[Line]
    lacking: list[Line]
    complete: bool


def jobs_of_template(account: Account, item: Any) -> dict[str, Any]:
    """Return what the page of a template says of its jobs; nothing for other kinds."""
    if item.kind != KIND:
        return {}
    found = users(item, restrict(present_items(), account), most=MOST_DRAFTS + 1)
    shown = found[:MOST_DRAFTS]
    lines = [
        (job in u.behind, Line(f"{u.item.path}: {job.job}", _at(u.item.path), _names(job.missing)))
        for u in shown
        for job in u.jobs
    ]
    jobs = Jobs(
        drafts=len(shown),
        behind=[line for is_behind, line in lines if is_behind],
        lacking=[line for _, line in lines if line.missing],
        complete=len(found) <= MOST_DRAFTS,
    )
    return {"template_jobs": jobs, "jobs_href": object_at(KIND, item.path, "jobs")}


def _at(path: str) -> str:
    return object_at("workflow", path)


def _names(arguments: tuple[str, ...]) -> str:
    return ", ".join(arguments)
