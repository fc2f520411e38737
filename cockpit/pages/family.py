"""An order with its children and theirs: their runs, and what jobs they ran. Knows no request."""

from django.db.models import QuerySet

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.pages.steps import Step, steps_of
from history.models import JobRun, OrderRun

MOST = 1_000


def family_of(account: Account, run: OrderRun) -> QuerySet[OrderRun]:
    """Return the children of a run that is the newest of its id, and theirs.

    Ids of children are the parent's with `|branch` behind it.
    """
    return rows(OrderRun, account).filter(
        controller=run.controller,
        order_id__startswith=f"{run.order_id}|",
        run__gt=run.run,
        day__gte=run.day,
    )


def family_steps(account: Account, run: OrderRun) -> list[Step]:
    """Return the job runs of an order and of its family, oldest first; of many the newest."""
    runs = [run.run, *family_of(account, run).values_list("run", flat=True)[:MOST]]
    jobs = rows(JobRun, account).filter(controller=run.controller, run__in=runs, day__gte=run.day)
    return steps_of(reversed(jobs.order_by("-no")[:MOST]))


def root_of(account: Account, job: JobRun) -> OrderRun | None:
    """Return the run of the order at the top of the family that a job run belongs to."""
    top = job.order_id.partition("|")[0]
    found = rows(OrderRun, account).filter(
        controller=job.controller, order_id=top, run__lte=job.run
    )
    return found.order_by("-run").first()
