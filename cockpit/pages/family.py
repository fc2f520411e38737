"""An order with its children and theirs: their runs, what jobs they ran, and which way they went.

Knows no request.
"""

from collections import defaultdict
from collections.abc import Mapping

from django.db.models import QuerySet

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.pages.former_places import FormerPlaces, former_places
from cockpit.pages.passed import Stay, passed, worst
from cockpit.pages.steps import Step, highlights, steps_of
from history.models import JobRun, OrderRun, OrderRunState

MOST = 1_000
MOST_STAYS = 5_000


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
    return steps_of(reversed(jobs.defer("returned").order_by("-no")[:MOST]))


def family_marks(account: Account, run: OrderRun, steps: list[Step]) -> dict[str, str]:
    """Return how it went at each place where an order or its family has been, for the diagram.

    Args:
        account: who looks.
        run: the newest run of the order.
        steps: its job runs and those of its family; they know more than the way does.
    """
    ids = dict(family_of(account, run).order_by("run").values_list("run", "order_id")[:MOST])
    ids[run.run] = run.order_id
    by_order: dict[str, dict[str, str]] = {}
    former = former_places(account, run, list(ids))
    for number, stays in _ways(account, run, list(ids), former).items():
        order_id = ids[number]
        # An id that comes again, as in the next round of a cycle, has the newer run count.
        marks = passed(stays, generation=order_id.count("|"))
        by_order.setdefault(order_id, {}).update(marks)
    here = lambda job: former[job.run].now(job.no, job.position)  # noqa: E731
    return worst(by_order.values()) | highlights(steps, here)


def _ways(
    account: Account, run: OrderRun, runs: list[int], former: Mapping[int, FormerPlaces]
) -> dict[int, list[Stay]]:
    """Return the states of each run, oldest run and oldest state first; of many the newest.

    Those at a place that is not there any more are left out.
    """
    found = rows(OrderRunState, account).filter(
        controller=run.controller, run__in=runs, day__gte=run.day
    )
    ways: defaultdict[int, list[Stay]] = defaultdict(list)
    told = found.order_by("-no").values_list(
        "no", "run", "state", "position", "suspended", "outcome"
    )
    for no, number, state, position, suspended, outcome in reversed(list(told[:MOST_STAYS])):
        now = former[number].now(no, position)
        if now is not None:
            ways[number].append(Stay(state, now, suspended, outcome))
    return dict(sorted(ways.items()))


def root_of(account: Account, job: JobRun) -> OrderRun | None:
    """Return the run of the order at the top of the family that a job run belongs to."""
    top = job.order_id.partition("|")[0]
    found = rows(OrderRun, account).filter(
        controller=job.controller, order_id=top, run__lte=job.run
    )
    return found.order_by("-run").first()
