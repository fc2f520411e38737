"""The state of a cycle: what it remembers, how it is written, and days of changing clocks."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.unit.timetable.cases import cycle_schedule, iso, us
from timetable import repetition, slots
from timetable.admission import Window
from timetable.errors import CycleTextUnreadable, DateUnreadable
from timetable.local import DAY, HOUR, SECOND_US, instant
from timetable.repetition import (
    CycleState,
    first,
    following,
    from_text,
    is_endless,
    starting,
    to_text,
)
from timetable.scheme import CycleSchedule, Periodic, Ticking

UTC, BERLIN = "Etc/UTC", "Europe/Berlin"
MORNING = {"periods": [{"TYPE": "DailyPeriod", "secondOfDay": 8 * HOUR, "duration": HOUR}]}


def schedule(*repeats: dict[str, Any], within: Any = None) -> CycleSchedule:
    schemes = [{"repeat": repeat, "admissionTimeScheme": within} for repeat in repeats]
    return cycle_schedule({"schemes": schemes})


def ticking(interval: int) -> dict[str, Any]:
    return {"TYPE": "Ticking", "interval": interval}


def periodic(period: int, *offsets: int) -> dict[str, Any]:
    return {"TYPE": "Periodic", "period": period, "offsets": offsets}


def continuous(pause: int, limit: int | None = None) -> dict[str, Any]:
    return {"TYPE": "Continuous", "pause": pause, "limit": limit}


def at(text: str) -> int:
    return us(f"2026-03-02T{text}Z")


def arrived(of: CycleSchedule, now: str, *, only: bool = False) -> CycleState:
    found = first(of, UTC, "2026-03-02", at(now), only_one_period=only)
    assert found is not None
    return found


def ended(of: CycleSchedule, state: CycleState, now: str) -> CycleState:
    found = following(of, state, at(now), UTC)
    assert found is not None
    return found


def clock(state: CycleState) -> str:
    return iso(state.next_us)[11:19]


def test_a_state_read_again_after_a_restart_does_not_run_a_slot_twice() -> None:
    hourly = schedule(periodic(1_200, 0), within=MORNING)
    state = arrived(hourly, "08:00:00")
    read = from_text(to_text(state))
    again = ended(hourly, read, "08:00:00")
    assert (clock(state), clock(again)) == ("08:00:00", "08:20:00")
    assert clock(arrived(hourly, "08:00:00")) == "08:00:00", "without the state it is run again"


def test_a_cycle_that_is_due_while_nobody_is_there_counts_for_the_latest_slot() -> None:
    of = schedule(periodic(600, 0), within=MORNING)
    waiting = ended(of, arrived(of, "08:00:00"), "08:01:00")
    late = starting(of, waiting, at("08:35:00"), UTC)
    assert late is not None
    assert iso(late.slot_us)[11:16] == "08:30"
    assert clock(ended(of, late, "08:36:00")) == "08:40:00"
    assert clock(ended(of, waiting, "08:36:00")) == "08:36:00", "not asking makes up for 08:30 too"


def test_a_cycle_does_not_start_when_its_window_is_over() -> None:
    of = schedule(ticking(600), within=MORNING)
    state = arrived(of, "08:59:59")
    assert starting(of, state, at("08:59:59"), UTC) is not None
    assert starting(of, state, at("09:00:00"), UTC) is None


def test_a_cycle_started_early_by_a_command_has_used_its_slot() -> None:
    of = schedule(ticking(600), within=MORNING)
    waiting = ended(of, arrived(of, "08:00:00"), "08:01:00")
    assert clock(waiting) == "08:10:00"
    assert clock(ended(of, waiting, "08:05:00")) == "08:20:00"


def test_each_scheme_keeps_its_own_count_and_pause() -> None:
    of = schedule(continuous(600, 2), periodic(900, 300), within=MORNING)
    found, state, now = [], arrived(of, "08:00:00"), at("08:00:00")
    following_state: CycleState | None = state
    while following_state is not None:
        now = max(now, following_state.next_us)
        found.append((clock(following_state), following_state.scheme, following_state.count))
        now += 60 * SECOND_US
        following_state = following(of, from_text(to_text(following_state)), now, UTC)
    assert found == [
        ("08:00:00", 0, 1),
        ("08:05:00", 1, 1),
        ("08:11:00", 0, 2),
        ("08:20:00", 1, 2),
        ("08:35:00", 1, 3),
        ("08:50:00", 1, 4),
    ]


def test_one_period_only_is_left_after_its_last_slot() -> None:
    twice = {"periods": [*MORNING["periods"], {**MORNING["periods"][0], "secondOfDay": 72_000}]}
    of = schedule(ticking(1_800), within=twice)
    state = ended(of, arrived(of, "08:00:00", only=True), "08:01:00")
    assert following(of, state, at("08:31:00"), UTC) is None
    assert starting(of, state, at("09:00:00"), UTC) is None
    whole = ended(of, arrived(of, "08:00:00"), "08:01:00")
    assert clock(ended(of, whole, "08:31:00")) == "20:00:00"


def test_one_period_only_is_still_open_before_the_first_cycle_has_run() -> None:
    twice = {"periods": [*MORNING["periods"], {**MORNING["periods"][0], "secondOfDay": 72_000}]}
    of = schedule(ticking(1_800), within=twice)
    state = starting(of, arrived(of, "08:00:00", only=True), at("09:30:00"), UTC)
    assert state is not None
    assert clock(state) == "20:00:00"


def test_a_longer_day_given_by_an_operator_goes_on() -> None:
    of = schedule(ticking(12 * HOUR))
    state = ended(of, arrived(of, "00:00:00"), "00:01:00")
    assert following(of, state, at("12:01:00"), UTC) is None
    longer = msgspec.structs.replace(state, day_end_us=state.day_end_us + DAY * SECOND_US)
    assert iso(ended(of, longer, "12:01:00").next_us) == "2026-03-03T00:00:00Z"


def test_a_scheme_that_a_newer_version_lacks_is_forgotten() -> None:
    old = schedule(ticking(3_600), periodic(1_800, 900))
    state = arrived(old, "08:00:00")
    assert state.scheme == 1
    new = schedule(ticking(3_600))
    assert clock(ended(new, state, "08:16:00")) == "08:16:00"
    late = starting(new, state, at("08:16:00"), UTC)
    assert late is not None
    assert late.scheme == 0
    assert not is_endless(new, state, state)


def test_without_pause_and_limit_a_body_that_takes_no_time_is_told_to_be_endless() -> None:
    of = schedule(continuous(0))
    state = arrived(of, "08:00:00")
    at_once, later = ended(of, state, "08:00:00"), ended(of, state, "08:00:01")
    assert at_once.next_us == at("08:00:00")
    assert is_endless(of, state, at_once)
    assert not is_endless(of, state, later)


@pytest.mark.parametrize("repeat", [continuous(1), continuous(0, 2), ticking(1)])
def test_a_repetition_that_comes_to_an_end_is_not_endless(repeat: dict[str, Any]) -> None:
    of = schedule(repeat)
    state = arrived(of, "08:00:00")
    assert not is_endless(of, state, ended(of, state, "08:00:00"))


@pytest.mark.parametrize(
    "repeat", [periodic(0, 0), periodic(-60, 0), periodic(60), ticking(0), ticking(-1)]
)
def test_an_impossible_repetition_never_starts(repeat: dict[str, Any]) -> None:
    assert first(schedule(repeat), UTC, "2026-03-02", at("08:00:00"), only_one_period=False) is None


def test_the_text_of_a_state_is_short_and_has_no_characters_of_positions() -> None:
    of = schedule(continuous(0, 9), periodic(900, 300), within=MORNING)
    state: CycleState | None = arrived(of, "08:00:00")
    for _ in range(3):
        assert state is not None
        state = following(of, state, state.next_us + 1_234_567, UTC)
    assert state is not None
    text = to_text(state)
    assert len(text) < 100
    assert not set(text) & set("/|:+# '\"")
    assert from_text(text) == state


@pytest.mark.parametrize(
    "text", ["", "1", "a,b,c", "0,0,1,0,0,0,0,0", "1,2,3,4,5,6,7,8,9,", "0,0,1,0,0,0,0,0,0;1,2"]
)
def test_a_text_that_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(CycleTextUnreadable):
        from_text(text)


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(DateUnreadable):
        first(schedule(ticking(60)), UTC, "2026-13-01", 0, only_one_period=False)


def starts(of: CycleSchedule, zone: str, day: str) -> list[str]:
    """Return the starts of cycles of no duration for an order that is there in time."""
    state = first(of, zone, day, us(f"{day}T00:00:00Z") - DAY * SECOND_US, only_one_period=False)
    found = []
    while state is not None:
        found.append(iso(state.next_us))
        state = following(of, state, state.next_us, zone)
    return found


def check_a_periodic_slot_in_the_gap_is_shifted_and_one_with_the_slot_there() -> None:
    assert len(starts(schedule(periodic(3_600, 1_800)), BERLIN, "2026-03-29")) == 23
    found = starts(schedule(periodic(7_200, 1_800)), BERLIN, "2026-03-29")
    assert found[:3] == ["2026-03-28T23:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z"]


def check_a_periodic_slot_that_exists_twice_is_run_once_the_first_time() -> None:
    found = starts(schedule(periodic(3_600, 1_800)), BERLIN, "2026-10-25")
    assert len(found) == 24
    assert found[2:4] == ["2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z"]


def check_ticks_are_elapsed_time() -> None:
    assert len(starts(schedule(ticking(3_600)), BERLIN, "2026-03-29")) == 23
    assert len(starts(schedule(ticking(3_600)), BERLIN, "2026-10-25")) == 25


@pytest.mark.parametrize("repeat", [Periodic(600), Ticking(600)])
def test_the_latest_slot_of_a_window_lies_before_its_end(repeat: Periodic | Ticking) -> None:
    hour = Window(at("08:00:00"), at("09:00:00"))
    latest = slots.latest(repeat, UTC, hour, after_us=None, until_us=at("12:00:00"))
    assert latest == at("08:50:00")
    assert slots.following(repeat, UTC, hour, after_us=at("08:50:00")) is None


def _skipping(periodic: Periodic, zone: str, low: int, high: int) -> list[int]:
    """Wrong: elapsed time since 1970, as if the local clock were never changed."""
    period = periodic.period * SECOND_US
    begin = low - instant(zone, 0)
    found = {
        low + (o * SECOND_US - begin) % period + k * period
        for o in periodic.offsets
        for k in range((high - low) // period + 1)
    }
    return sorted(slot for slot in found if slot < high)


def _on_the_clock(ticking: Ticking, window: Window, low: int) -> int | None:
    """Wrong: ticks at wall clock times."""
    step = Periodic(ticking.interval)
    return next(iter(_true_slots(step, BERLIN, low, window.end_us)), None)


_true_slots = slots.periodic_slots

RULES: list[tuple[Callable[[], None], str, Any]] = [
    (
        check_a_periodic_slot_in_the_gap_is_shifted_and_one_with_the_slot_there,
        "periodic_slots",
        _skipping,
    ),
    (
        check_a_periodic_slot_that_exists_twice_is_run_once_the_first_time,
        "periodic_slots",
        _skipping,
    ),
    (check_ticks_are_elapsed_time, "_next_tick", _on_the_clock),
]
_names = [check.__name__.removeprefix("check_") for check, _, _ in RULES]


@pytest.mark.parametrize("check", [check for check, _, _ in RULES], ids=_names)
def test_where_clocks_change(check: Callable[[], None]) -> None:
    check()


@pytest.mark.parametrize(("check", "name", "wrong"), RULES, ids=_names)
def test_the_wrong_rule_is_found_out(
    monkeypatch: pytest.MonkeyPatch, check: Callable[[], None], name: str, wrong: Any
) -> None:
    monkeypatch.setattr(slots, name, wrong)
    with pytest.raises(AssertionError):
        check()


def test_forgetting_the_slot_used_last_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repetition, "_track_in", lambda *_: None)
    with pytest.raises(AssertionError):
        test_a_state_read_again_after_a_restart_does_not_run_a_slot_twice()


def test_a_day_that_the_zone_left_out_has_no_cycle() -> None:
    assert starts(schedule(ticking(3_600)), "Pacific/Apia", "2011-12-30") == []
    assert len(starts(schedule(ticking(3_600)), "Pacific/Apia", "2011-12-31")) == 24
