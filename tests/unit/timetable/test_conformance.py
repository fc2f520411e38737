"""The tables say what is right: admission, and the starts of cycles."""

from typing import Any

import pytest

from tests.unit.timetable.cases import cycle_schedule, iso, scheme, table, us
from timetable.admission import HORIZON_DAYS, admitted, begins_on, next_window
from timetable.local import day_offset_s
from timetable.repetition import CycleState, first, following, from_text, starting, to_text

HORIZON_US = HORIZON_DAYS * 86_400_000_000


def _named(name: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in table(name)]


@pytest.mark.parametrize("case", _named("admission"))
def test_admission_is_as_the_table_says(case: dict[str, Any]) -> None:
    periods, zone, now = scheme(case["scheme"]), case["timeZone"], us(case["now"])
    offset = day_offset_s(case.get("dayOffset"))
    window = admitted(periods, zone, now, day_offset_s=offset)
    coming = next_window(periods, zone, now, day_offset_s=offset)
    skip = case.get("skipIfNoAdmissionForOrderDay", False) and not begins_on(
        periods, zone, case["order_date"], offset
    )
    ends = window is not None and window.end_us - now < HORIZON_US
    assert case["expect"] == {
        "open": window is not None,
        "until": iso(window.end_us) if window and ends else None,
        "next_open": iso(coming.begin_us) if coming and not window else None,
        "skip": skip,
    }


@pytest.mark.parametrize("case", _named("cycles"))
def test_cycles_start_as_the_table_says(case: dict[str, Any]) -> None:
    assert case["expect"] == [iso(at) for at in _starts(case)]


def _starts(case: dict[str, Any]) -> list[int]:
    schedule = cycle_schedule(case["cycle"]["schedule"])
    zone, offset = case["timeZone"], day_offset_s(case.get("dayOffset"))
    delays = iter(case.get("startDelays", []))
    now = us(case["arrival"])
    state = first(
        schedule,
        zone,
        case["order_date"],
        now,
        only_one_period=case["cycle"].get("onlyOnePeriod", False),
        day_offset_s=offset,
    )
    starts: list[int] = []
    while state is not None:
        state = from_text(to_text(state))
        now = max(now, state.next_us) + next(delays, 0) * 1_000_000
        state = starting(schedule, state, now, zone, day_offset_s=offset)
        if state is None or state.next_us > now:
            continue
        starts.append(now)
        now += _duration(case, len(starts))
        state = _ended(following(schedule, state, now, zone, day_offset_s=offset), now)
    return starts


def _duration(case: dict[str, Any], number: int) -> int:
    durations: list[int] = case["durations"]
    return durations[min(number, len(durations)) - 1] * 1_000_000


def _ended(state: CycleState | None, now: int) -> CycleState | None:
    assert state is None or state.next_us >= now
    return state
