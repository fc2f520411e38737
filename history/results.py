"""What an order carried, read back from the rows of its life and those of its parents.

Takes query sets that the permission gate has narrowed, as `history.queries` does.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from django.db.models import QuerySet

from engine.order.model import Result
from history.carried import NOT_KEPT, Left, decode, left_by_job, put_together
from history.changes import Changes
from history.models import JobRun, OrderRun, OrderRunState
from history.runs import CHILD_BITS
from history.runs import JobRun as JobValue

MOST = 10_000
"""Results that are put together; of more the newest."""

_JOB = ("no", "position", "label", "job", "state", "return_code", "returned")


class Lives(NamedTuple):
    """Where to read; `news` is what follows from entries that have not become rows yet."""

    runs: QuerySet[OrderRun]
    states: QuerySet[OrderRunState]
    jobs: QuerySet[JobRun]
    news: Changes | None = None


def results_of(lives: Lives, run: OrderRun) -> list[Result]:
    """Return what the instructions of a life left behind, a child's with what its parent carried.

    Values are as the journal has them: who shows them hides what is secret.
    """
    left: list[Left] = []
    born_no: int | None = None
    for one in _lineage(lives.runs, run):
        left += (x for x in _left_by(lives, one) if born_no is None or x.no < born_no)
        born_no = one.run >> CHILD_BITS
    return put_together(left)


def all_kept(lives: Lives, run: OrderRun) -> bool:
    """Tell whether all that a life carried was kept, not only return codes.

    A life that began under a release without these rows, or whose parents did, may have had more.
    """
    here = lives.states.filter(carried=NOT_KEPT)
    return not any(
        here.filter(controller=one.controller, run=one.run, day__gte=one.day).exists()
        for one in _lineage(lives.runs, run)
    )


def arguments_of(lives: Lives, run: OrderRun) -> dict[str, Any]:
    """Return the arguments of a life, a child's on top of those of its parent."""
    found: dict[str, Any] = {}
    for one in reversed(list(_lineage(lives.runs, run))):
        found |= msgspec.msgpack.decode(bytes(one.arguments))
    return found


def _lineage(runs: QuerySet[OrderRun], run: OrderRun | None) -> Iterator[OrderRun]:
    """Yield a life and those that it came of by forks, the youngest first."""
    while run is not None:
        yield run
        parents = runs.filter(controller=run.controller, order_id=run.parent, run__lt=run.run)
        run = parents.order_by("-run").first() if run.parent is not None else None


def _left_by(lives: Lives, run: OrderRun) -> Iterator[Left]:
    here = {"controller": run.controller, "run": run.run, "day__gte": run.day}
    kept = lives.states.filter(**here, carried__isnull=False).exclude(carried=NOT_KEPT)
    states = kept.order_by("-no").values_list("no", "carried")
    carried = {no: bytes(body or b"") for no, body in states[:MOST]}
    rows = lives.jobs.filter(**here).order_by("-no").values_list(*_JOB)[:MOST]
    jobs = {row[0]: row for row in rows}
    if lives.news is not None:
        carried |= {s.no: s.carried for s in lives.news.states if s.run == run.run and s.carried}
        jobs |= _newer(lives.news, run.run, jobs)
    yield from (Left(no, decode(body)) for no, body in carried.items())
    yield from filter(None, (left_by_job(*row) for row in jobs.values()))


def _newer(news: Changes, run: int, known: dict[int, Any]) -> dict[int, Any]:
    """Return the job runs that have begun or ended since, in the form of their rows."""
    found = {no: _values(job) for no, job in news.jobs.items() if job.run == run}
    for no, end in news.ends.items():
        if no in known:
            found[no] = (*known[no][:4], end.state, end.return_code, end.returned)
    return found


def _values(job: JobValue) -> tuple[Any, ...]:
    return tuple(getattr(job, name) for name in _JOB)
