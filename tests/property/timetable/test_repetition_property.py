"""Cycles start as an oracle says that writes down all slots of a day beforehand."""

from datetime import date, datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.property.timetable import oracle
from tests.property.timetable.documents import cycles, places
from timetable.repetition import (
    CycleState,
    first,
    following,
    from_text,
    is_endless,
    starting,
    to_text,
)
from timetable.scheme import CycleSchedule

MINUTE_US = oracle.MINUTE_US
Asked = tuple[CycleSchedule, str, date]


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    (zone, change), before = draw(places)
    return draw(cycles(change)), zone, change + timedelta(days=draw(st.sampled_from([before, 0])))


durations = st.lists(
    st.sampled_from([1, 5, 20, 61, 600]).map(lambda m: m * MINUTE_US), min_size=1, max_size=4
)
delays = st.lists(st.sampled_from([0, 0, 0, 7, 95]).map(lambda m: m * MINUTE_US), max_size=3)
arrivals = st.integers(-60, 26 * 60).map(lambda m: m * MINUTE_US)


def _windows(asked: Asked) -> list[list[oracle.Span]]:
    schedule, zone, day = asked
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    begin, end = (oracle.to_us(midnight + timedelta(days=d), zone) for d in (0, 1))
    found: list[list[oracle.Span]] = []
    for scheme in schedule.schemes:
        if scheme.admission_time_scheme is None:
            found.append([(begin, end)] if begin < end else [])
            continue
        minutes = oracle.open_minutes(
            scheme.admission_time_scheme, zone, day - timedelta(days=1), 4
        )
        inside = [(m, is_open) for m, is_open in minutes if begin <= m < end]
        found.append(oracle.stretches(inside))
    return found


def _begin(asked: Asked) -> int:
    _, zone, day = asked
    return oracle.to_us(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001


class Played:
    """A cycle as an engine follows it, stored and read again at each step."""

    def __init__(self, asked: Asked, *, only_one_period: bool = False) -> None:
        self.schedule, self.zone, day = asked
        self.date = day.isoformat()
        self.only = only_one_period
        self.states: list[CycleState] = []
        self.starts: list[int] = []

    def play(self, now: int, durations: list[int], delays: list[int]) -> list[int]:
        pending = list(delays)
        state = first(self.schedule, self.zone, self.date, now, only_one_period=self.only)
        while state is not None:
            assert from_text(to_text(state)) == state
            assert state.next_us >= now
            now = max(now, state.next_us) + (pending.pop(0) if pending else 0)
            due = starting(self.schedule, state, now, self.zone)
            if due is not None and due.next_us <= now:
                self.starts.append(now)
                self.states.append(due)
                now += durations[min(len(self.starts), len(durations)) - 1]
                due = following(self.schedule, due, now, self.zone)
            state = due
        return self.starts


@settings(max_examples=80, deadline=None)
@given(asked(), arrivals, durations, delays)
def test_cycles_start_when_the_oracle_says(
    asked: Asked, arrival: int, durations: list[int], delays: list[int]
) -> None:
    now = _begin(asked) + arrival
    expected = oracle.Cycles(asked[0], asked[1], _windows(asked))
    played = Played(asked)
    assert played.play(now, durations, delays) == expected.starts(now, durations, delays)


@settings(max_examples=50, deadline=None)
@given(asked(), arrivals, durations, delays)
def test_a_cycle_starts_within_its_window_for_a_slot_of_its_own_and_within_its_limit(
    asked: Asked, arrival: int, durations: list[int], delays: list[int]
) -> None:
    played = Played(asked)
    played.play(_begin(asked) + arrival, durations, delays)
    used = set()
    for start, state in zip(played.starts, played.states, strict=True):
        repeat = asked[0].schemes[state.scheme].repeat
        assert state.begin_us <= start < state.end_us
        assert state.slot_us <= start
        assert (state.scheme, state.slot_us) not in used
        used.add((state.scheme, state.slot_us))
        limit = getattr(repeat, "limit", None)
        assert limit is None or state.count <= limit


@settings(max_examples=50, deadline=None)
@given(asked(), arrivals, durations)
def test_only_one_period_is_the_begin_of_the_whole_and_stays_in_one_window(
    asked: Asked, arrival: int, durations: list[int]
) -> None:
    now = _begin(asked) + arrival
    assume(len(asked[0].schemes) == 1)
    whole = Played(asked).play(now, durations, [])
    played = Played(asked, only_one_period=True)
    starts = played.play(now, durations, [])
    assert len({state.begin_us for state in played.states}) <= 1
    assert starts == whole[: len(starts)]
    assert bool(starts) == bool(whole)


@settings(max_examples=50, deadline=None)
@given(asked(), arrivals)
def test_a_body_that_takes_no_time_ends_or_is_told_to_be_endless(
    asked: Asked, arrival: int
) -> None:
    schedule, zone, day = asked
    now = _begin(asked) + arrival
    state = first(schedule, zone, day.isoformat(), now, only_one_period=False)
    for _ in range(6_000):
        if state is None:
            return
        now = max(now, state.next_us)
        after = following(schedule, state, now, zone)
        if after is not None and is_endless(schedule, state, after):
            return
        state = after
    raise AssertionError("neither ended nor told")
