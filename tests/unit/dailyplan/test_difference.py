"""How the rows of a schedule become those that it wants."""

from datetime import UTC, date, datetime

import pytest

from dailyplan.difference import Bounds, Row, difference
from dailyplan.state import Flag, PlanState
from dailyplan.wanted import Wanted

DAY = date(2026, 3, 2)
HOUR_US = 3_600_000_000
NOON = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()) * 1_000_000
BOUNDS = Bounds(from_us=NOON, submit=True)


def row(start_us: int, **more: object) -> Row:
    given: dict[str, object] = {
        "day": DAY, "origin": start_us, "parameterisation": 1, "start_us": start_us,
        "state": PlanState.PLANNED, "flags": 0, "submit": True, "repeat_s": None, "end_us": None,
        "next_us": None, "starts": None, "left_out": (), "problem": False, **more,
    }  # fmt: skip
    return Row(**given)  # type: ignore[arg-type]


def wanted(start_us: int) -> Wanted:
    return Wanted(DAY, start_us, 0, start_us, 0, start_us)


def existing(*rows: Row) -> dict[tuple[date, int], Row]:
    return {(r.day, r.origin): r for r in rows}


def test_what_is_missing_is_added_and_what_is_past_is_not() -> None:
    found = difference([wanted(NOON - HOUR_US), wanted(NOON + HOUR_US)], [1], {}, BOUNDS)
    assert [i.wanted.start_us for i in found.insert] == [NOON + HOUR_US]


def test_equal_rows_are_left_alone() -> None:
    found = difference([wanted(NOON)], [1], existing(row(NOON)), BOUNDS)
    assert found == difference([], [], {}, BOUNDS)


@pytest.mark.parametrize(
    ("state", "deleted", "taken_back"),
    [
        (PlanState.PLANNED, 1, 0), (PlanState.SUBMITTED, 0, 1), (PlanState.STARTED, 0, 0),
        (PlanState.FINISHED, 0, 0), (PlanState.REMOVED, 0, 0), (PlanState.FAILED, 0, 0),
    ],
)  # fmt: skip
def test_what_nobody_wants_any_more_goes_unless_it_has_started(
    state: PlanState, deleted: int, taken_back: int
) -> None:
    found = difference([], [], existing(row(NOON, state=state)), BOUNDS)
    assert (len(found.delete), len(found.take_back)) == (deleted, taken_back)


@pytest.mark.parametrize("flag", [Flag.START, Flag.PARAMETERS, Flag.COPIED])
def test_what_people_made_theirs_stays(flag: Flag) -> None:
    found = difference([], [], existing(row(NOON, flags=flag)), BOUNDS)
    assert not found.delete


def test_other_parameters_reach_planned_and_submitted_rows_but_not_changed_ones() -> None:
    rows = existing(
        row(NOON), row(NOON + 1, state=PlanState.SUBMITTED), row(NOON + 2, flags=Flag.PARAMETERS)
    )
    found = difference([wanted(NOON + n) for n in range(3)], [2], rows, BOUNDS)
    assert [u.row.origin for u in found.update] == [NOON]
    assert [(t.row.origin, t.then) for t in found.take_back] == [(NOON + 1, "renew")]


def test_held_rows_are_not_submitted_by_planning() -> None:
    held = row(NOON, flags=Flag.HELD, submit=False)
    assert not difference([wanted(NOON)], [1], existing(held), BOUNDS).update


def test_a_cycle_that_changes_hands_over_its_next_start_from_now_on() -> None:
    begin, end = NOON - 6 * HOUR_US, NOON + 6 * HOUR_US
    old = row(
        begin, repeat_s=3_600, end_us=end, next_us=NOON + 2 * HOUR_US, starts=12,
        state=PlanState.SUBMITTED,
    )  # fmt: skip
    new = Wanted(DAY, begin, 0, begin, 1_800, end, 24)
    (update,) = difference([new], [1], existing(old), BOUNDS).update
    assert (update.repeat_s, update.starts, update.next_us) == (1_800, 24, NOON)


def test_a_new_schedule_adds_what_is_to_come_and_the_rest_of_a_cycle_that_has_begun() -> None:
    begin, end = NOON - 6 * HOUR_US, NOON + 6 * HOUR_US
    begun, over = (Wanted(DAY, n, 0, begin, 1_800, at, 24) for n, at in ((1, end), (2, NOON)))
    coming = Wanted(DAY, 3, 1, NOON + HOUR_US, 1_800, end, 10)
    given = [wanted(NOON - 1), begun, over, coming, wanted(NOON)]
    found = difference(given, [7, 8], {}, BOUNDS).insert
    assert sorted((i.wanted.origin, i.parameterisation, i.next_us) for i in found) == [
        (1, 7, NOON), (3, 8, NOON + HOUR_US), (NOON, 7, None),
    ]  # fmt: skip
