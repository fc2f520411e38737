"""`/inventory/jobtemplate/PATH/-/jobs/`: the jobs made from a template, and updating them."""

from typing import Annotated

import msgspec
from django.http import HttpResponse
from msgspec import Meta
from rest_framework.request import Request

from cockpit.access.failures import NotThere
from cockpit.api.documented import told
from cockpit.api.inventory.bodies import EditNo
from cockpit.api.inventory.many import ManyView, reason
from cockpit.api.inventory.many_bodies import (
    MOST_OBJECTS,
    ChangesSeen,
    LocatedSeen,
    Reasoned,
    located_seen,
)
from cockpit.api.inventory.refusals import as_problems
from cockpit.api.orders.bodies import Path
from cockpit.api.problem import as_json
from engine.objects.template import Keep
from inventory.job_templates import KIND, Standing
from inventory.models import Item
from inventory.queries import item_at
from inventory.templating import Update, update_jobs, updates, users


class NumberedWorkflow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A workflow and the number of its draft that was seen."""

    path: Path
    edit_no: EditNo | None = None


class UpdateJobsBody(Reasoned, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which drafts are brought up to the template; with `dry_run`, the default, nothing is kept.

    Without `objects` it is all drafts with jobs that are behind. `edit_no` is the number of the
    template's draft that was seen.
    """

    objects: Annotated[list[NumberedWorkflow], Meta(max_length=MOST_OBJECTS)] = []
    edit_no: EditNo | None = None
    keep_notification: bool = False
    keep_admission: bool = False
    dry_run: bool = True


class TemplateJobSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A job of the template: `state` is `in_sync`, `out_of_sync` or `unreadable` (the template).

    `missing` are arguments that the template requires and the job gives no value for.
    """

    path: str
    edit_no: int
    job: str
    state: str
    missing: list[str]


class TemplateJobsSeen(msgspec.Struct, frozen=True):
    """All jobs that were made from a template, by path of their draft."""

    jobs: list[TemplateJobSeen]


class TemplateUpdateSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A draft with jobs that are behind; `refused` and `held_by` say what is in the way."""

    path: str
    edit_no: int
    jobs: list[TemplateJobSeen]
    diff: str
    held_by: str
    refused: str
    was_valid: bool
    valid: bool
    problems: list[LocatedSeen]


class TemplateUpdatesSeen(msgspec.Struct, frozen=True):
    """What would be updated; nothing has been kept. `edit_no` is the template's number."""

    edit_no: int
    objects: list[TemplateUpdateSeen]


class TemplateJobs(ManyView):
    """The jobs of a template."""

    @told(answers={200: TemplateJobsSeen})
    def get(self, request: Request, path: str) -> HttpResponse:
        """Tell which jobs of which drafts were made from a template, and how they stand to it."""
        found = users(self._template(path), self.items())
        return as_json(TemplateJobsSeen([_job(u.item, job) for u in found for job in u.jobs]))

    @told(body=UpdateJobsBody, answers={200: (TemplateUpdatesSeen, ChangesSeen)}, problems=(409,))
    def post(self, request: Request, path: str) -> HttpResponse:
        """Tell what would change in the jobs that are behind, or update them: `dry_run` false."""
        body = self.body(UpdateJobsBody)
        keep = Keep(body.keep_notification, body.keep_admission)
        template = self._template(path)
        with as_problems():
            found = updates(template, self.items(), account=self.account.name, keep=keep)
        numbers = {each.path: each.edit_no for each in body.objects}
        if body.dry_run:
            shown = [each for each in found if not numbers or each.path in numbers]
            return as_json(TemplateUpdatesSeen(template.edit_no, [_update(each) for each in shown]))
        objects = numbers.items() if numbers else [(each.path, each.edit_no) for each in found]
        return self.carry_out(
            reason(body),
            lambda who: update_jobs(path, objects, account=who, edit_no=body.edit_no, keep=keep),
        )

    def _template(self, path: str) -> Item:
        found = None if "\0" in path else item_at(self.items(), KIND, path)
        if found is None:
            raise NotThere(f"There is no {KIND} {path}.")
        return found


def _update(found: Update) -> TemplateUpdateSeen:
    return TemplateUpdateSeen(
        path=found.path, edit_no=found.edit_no, diff=found.diff, held_by=found.held_by,
        jobs=[_job(found, job) for job in found.jobs], refused=found.refused,
        was_valid=found.was_valid, valid=found.valid,
        problems=[located_seen(each) for each in found.problems],
    )  # fmt: skip


def _job(of: Item | Update, job: Standing) -> TemplateJobSeen:
    return TemplateJobSeen(
        path=of.path, edit_no=of.edit_no, job=job.job, state=job.sync.name.lower(),
        missing=list(job.missing),
    )  # fmt: skip
