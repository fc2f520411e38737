"""Which verb a planned order takes in which state: the one table, for verbs and their previews.

Pure. A verb on a row that is being taken back waits until the controller has answered.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from dailyplan.difference import Row
from dailyplan.state import PlanState, name_of
from dailyplan.verbs import asking as v


class Refused(NamedTuple):
    """Why a verb is refused: a code for machines and a sentence for people."""

    code: str
    sentence: str


NOT_APPLICABLE = "not-applicable"
CONFLICT = "being-taken-back"

_STARTED = frozenset({PlanState.STARTED, PlanState.FAILED})
_ENDED = frozenset({PlanState.FINISHED, PlanState.CANCELLED})


def refusal(row: Row, verb: v.PlanVerb, *, taken_back: bool = False) -> Refused | None:
    """Return why a row does not take a verb now, None where it does."""
    if taken_back and not isinstance(verb, v.Copy | v.Cancel):
        return Refused(CONFLICT, "It is being taken back from the controller; try again.")
    why = _GUARDS[type(verb)](row, verb)
    if why is None:
        return None
    return Refused(NOT_APPLICABLE, f"It is {name_of(row.state)}: {why}.")


def _submit(row: Row, _verb: v.Submit) -> str | None:
    return None if row.state == PlanState.PLANNED else "only planned orders are submitted"


def _cancel(row: Row, _verb: v.Cancel) -> str | None:
    if row.state == PlanState.SUBMITTED or (row.state in _ENDED and not row.is_cyclic):
        return None
    if row.state in _STARTED:
        return "it has started; cancel the order itself"
    return "only submitted orders are taken back"


def _remove(row: Row, _verb: v.Remove) -> str | None:
    if row.state in (PlanState.PLANNED, PlanState.REMOVED):
        return None
    return (
        "take it back from the controller first"
        if row.state == PlanState.SUBMITTED
        else ("only planned orders are removed")
    )


def _restore(row: Row, _verb: v.Restore) -> str | None:
    return None if row.state == PlanState.REMOVED else "it is in the plan"


def _let_run(row: Row, _verb: v.LetRun) -> str | None:
    if row.is_cyclic:
        return "a cyclic period starts by its own times; let one of its orders run"
    if row.state in (PlanState.PLANNED, PlanState.SUBMITTED):
        return None
    return "only orders that have not started are let run"


def _copy(_row: Row, _verb: v.Copy) -> str | None:
    return None


def _change(row: Row, verb: v.Change) -> str | None:
    if row.state not in (PlanState.PLANNED, PlanState.SUBMITTED):
        return "only orders that have not started are changed"
    if not verb.stick_to_day and row.state == PlanState.SUBMITTED:
        return "it is with the controller as part of its plan day; take it back before it moves"
    if verb.of_cycle and not row.is_cyclic:
        return "end and repeat are of cyclic periods, and this is a single start"
    if verb.start_now and row.is_cyclic:
        return "a cyclic period has no single start"
    if verb.end_at is not None and verb.start_at is not None and verb.end_at <= verb.start_at:
        return "its end would not be after its begin"
    return None


_GUARDS: Mapping[type, Callable[[Row, Any], str | None]] = {
    v.Submit: _submit,
    v.Cancel: _cancel,
    v.Remove: _remove,
    v.Restore: _restore,
    v.LetRun: _let_run,
    v.Copy: _copy,
    v.Change: _change,
}
