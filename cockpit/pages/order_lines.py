"""An order's run as one line of a list, with the texts that pages show of it. Knows no request."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.template.loader import get_template

from cockpit.access.policy import Account
from cockpit.pages.addresses import log_at, order_at, workflow_at
from cockpit.pages.applicable import verbs_of
from cockpit.pages.labels import Names, name_at, names_for
from history.models import OrderRun

_ENDS = {"Finished": "end"}
_REASONS = {
    "children": "waits for its children",
    "retry": "next try",
}


class OrderLine(NamedTuple):
    """What a row needs. `place` is where the order stands, `why` what it waits for."""

    run: OrderRun
    href: str
    workflow_href: str
    log_href: str
    verbs: str
    word: str
    place: str
    why: str
    until: datetime | None


def lines_of(account: Account, runs: Sequence[Any]) -> list[OrderLine]:
    """Return the lines of runs."""
    names = names_for(account, runs)
    return [_line(run, names.get((run.workflow, run.version), {})) for run in runs]


def line_of(account: Account, run: OrderRun) -> OrderLine:
    """Return the line of a run."""
    return lines_of(account, [run])[0]


def _line(run: OrderRun, names: Names) -> OrderLine:
    return OrderLine(
        run=run,
        href=order_at(run.order_id),
        workflow_href=workflow_at(run.workflow),
        log_href=log_at(run.job_no) if run.job_no is not None else "",
        verbs=" ".join(verbs_of(run)),
        word="broken" if run.state == "Broken" else run.group,
        place=place_of(run, names),
        why=why(run),
        until=_until(run),
    )


def place_of(run: OrderRun, names: Names) -> str:
    """Return where the order stands: a label or job, else the position, else start or end."""
    if run.state in _ENDS:
        return _ENDS[run.state]
    if run.state == "Fresh" and run.position == "0":
        return "start"
    return run.label or name_at(names, run.position)


def why(run: OrderRun) -> str:
    """Return why the order stands there, empty while it moves."""
    if run.group in ("failed", "suspended") and run.message:
        return run.message.partition("\n")[0]
    return _REASONS.get(run.reason or "", run.reason or "")


def rendered_rows(account: Account, runs: list[Any], *, can_operate: bool) -> list[dict[str, str]]:
    """Return `id` and `html` of each row, for islands."""
    template = get_template("cockpit/orders/row.html")
    return [
        {
            "id": line.run.order_id,
            "html": template.render({"line": line, "can_operate": can_operate}),
        }
        for line in lines_of(account, runs)
    ]


def _until(run: OrderRun) -> datetime | None:
    if run.until_at is not None:
        return run.until_at
    return run.scheduled_at if run.state == "Fresh" and not run.suspended else None
