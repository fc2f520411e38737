"""Journal entries to rows: what an order's run, its states and its job runs are after them. Pure.

Only what lists and pages show is followed; whether an event may follow was decided before it was
written. The result does not depend on how entries are cut into batches.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from controller.journal import Entry
from engine.order import events as e
from engine.order.group import group_of_state
from engine.order.model import Order
from engine.order.object_events import OBJECT_EVENTS
from engine.position import to_text
from history.carried import carried_by
from history.changes import Changes
from history.job_runs import JOBS
from history.notes import note_of, outcome_of
from history.runs import NOTHING, Run, StateChange, day_of, packed, run_of
from history.texts import stored_text
from history.transition import CHANGES, as_in


class RunUnknown(Exception):
    """An event of an order that the history has never seen."""


def project(controller: str, entries: Sequence[Entry], known: Mapping[str, Run]) -> Changes:
    """Return what the entries change; `known` has the newest run of every order they speak of.

    Raises:
        RunUnknown: an event of an order that is neither known nor added by an earlier entry.
    """
    changes = Changes(controller, known)
    for entry in entries:
        kind = type(entry.event)
        if kind in OBJECT_EVENTS:
            continue
        if kind is e.OrderAdded or (
            kind is e.OrderRestored and stored_text(entry.order) not in changes.current
        ):
            _add(changes, entry)
        else:
            _change(changes, entry)
    return changes


def _add(changes: Changes, entry: Entry) -> None:
    assert isinstance(entry.event, e.OrderAdded | e.OrderRestored)  # noqa: S101  # the caller looked
    order = entry.event.order
    run = as_in(
        order,
        Run(
            day=day_of(entry.at_us),
            controller=changes.controller,
            run=run_of(entry.no),
            order_id=stored_text(entry.order),
            parent=stored_text(order.parent),
            workflow=order.workflow,
            version=order.version,
            state="",
            group="",
            position="",
            order_date=stored_text(order.order_date),
            plan=stored_text(order.plan),
            added_us=entry.at_us,
            tags=tuple(map(stored_text, order.tags)),
            **_asked(order),
            changed_no=entry.no,
        ),
    )
    changes.born.add(run.run)
    _keep(changes, run, None, entry)


def _asked(order: Order) -> dict[str, Any]:
    """Return how an order is to run, which hardly ever changes; what is not asked has no room."""
    external = order.external
    return {
        "stop_positions": tuple(map(to_text, order.stop_positions)) or None,
        "block_position": to_text(order.block) if order.block else None,
        "force_admission": order.force_admission,
        "remain": order.remain,
        "file_source": stored_text(external.source) if external else None,
        "file_name": stored_text(external.name) if external else None,
    }


def _change(changes: Changes, entry: Entry) -> None:
    before = changes.current.get(stored_text(entry.order))
    if before is None:
        raise RunUnknown(f"order {entry.order!r} is not in the history")
    event = entry.event
    change = CHANGES.get(type(event))
    if change is None:
        return
    after = change(before, event, entry)
    job = JOBS.get(type(event))
    if job is not None:
        after = job(changes, after, entry)
    group = group_of_state(after.state, suspended=after.suspended)
    after = replace(after, group=group, changed_no=entry.no)
    if _is_altered(after, before):
        changes.altered.add(after.run)
    _keep(changes, after, before, entry)
    if type(event) is e.OrderNoticeHeldLong:
        changes.states.append(_state_change(after, entry))  # a warning, told by its note
    if type(event) is e.OrderForked:
        _fork(changes, after, entry)


def _is_altered(run: Run, before: Run) -> bool:
    return (
        run.version != before.version
        or run.scheduled_us != before.scheduled_us
        or run.arguments != before.arguments
        or run.stop_positions != before.stop_positions
        or run.block_position != before.block_position
    )


def _keep(changes: Changes, run: Run, before: Run | None, entry: Entry) -> None:
    changes.put(run)
    # Processed is no stay but a step, and the job run tells it: not worth a row of each job run.
    carried = carried_by(entry.event, before)
    if carried or (run.state != "Processed" and _has_moved(run, before)):
        changes.states.append(_state_change(run, entry, carried))


def _has_moved(run: Run, before: Run | None) -> bool:
    return (
        before is None
        or run.state != before.state
        or run.position != before.position
        or run.suspended != before.suspended
    )


def _state_change(run: Run, entry: Entry, carried: bytes | None = None) -> StateChange:
    return StateChange(
        day_of(entry.at_us),
        run.controller,
        run.run,
        entry.no,
        _at_us(entry),
        run.state,
        run.suspended,
        run.position,
        note_of(entry.event),
        outcome_of(entry.event),
        carried,
    )


def _fork(changes: Changes, parent: Run, entry: Entry) -> None:
    assert isinstance(entry.event, e.OrderForked)  # noqa: S101  # the caller looked
    elements = entry.event.elements
    for ordinal, (child_id, branch) in enumerate(entry.event.children, start=1):
        child = replace(
            parent,
            day=day_of(entry.at_us),
            run=run_of(entry.no, ordinal),
            order_id=stored_text(child_id),
            parent=parent.order_id,
            state="Ready",
            group="ready",
            suspended=False,
            live=True,
            label=None,
            reason=None,
            until_us=None,
            ended_us=None,
            job_no=None,
            job_day=None,
            # The text of a position is enough: a branch begins with its first instruction.
            position=f"{parent.position}/{f'fork+{branch}' if branch else 'fork'}/0",
            added_us=entry.at_us,
            started_us=entry.at_us,
            agent=None,
            outcome=None,
            message=None,
            return_code=None,
            arguments=packed(elements[ordinal - 1]) if elements else NOTHING,
            remain=False,
            file_source=None,
            file_name=None,
            changed_no=entry.no,
        )
        changes.born.add(child.run)
        _keep(changes, child, None, entry)


def _at_us(entry: Entry) -> int:
    return getattr(entry.event, "at_us", None) or entry.at_us
