"""Pure parts of the plan's pages: starts as people write them, packing, layers, the filter."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.pages.moments import MomentUnreadable
from cockpit.pages.plan_bars import Bar, packed
from cockpit.pages.plan_filtering import read_plan_filter
from cockpit.pages.plan_layers import WIDTH, Edge, drawn
from cockpit.pages.plan_starts import new_start_us, read_start
from dailyplan.plan_settings import PlanConfig
from dailyplan.state import PlanState
from dailyplan.verbs import Change

BERLIN = PlanConfig(time_zone="Europe/Berlin", period_begin="18:00:00")
DAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 22, 1, 14, tzinfo=dt.UTC)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("now", Change(start_now=True)),
        ("+15m", Change(shift_s=900)),
        ("-04:00:00", Change(shift_s=-14_400)),
        ("+1:30", Change(shift_s=5_400)),
        ("+2h30m", Change(shift_s=9_000)),
        ("+1d", Change(shift_days=1)),
        ("-1w", Change(shift_days=-7)),
        ("22:30", Change(start_at=utc("2026-11-21T21:30:00"))),
        ("2:00", Change(start_at=utc("2026-11-22T01:00:00"))),
        ("tomorrow 6:00", Change(start_at=utc("2026-11-23T05:00:00"))),
        ("2026-11-22T03:00Z", Change(start_at=utc("2026-11-22T03:00:00"))),
        ("2026-11-22 04:00", Change(start_at=utc("2026-11-22T03:00:00"))),
    ],
)
def test_starts_are_read_in_the_forms_that_planners_write(text: str, change: Change) -> None:
    assert read_start(text, day=DAY, now=NOW, config=BERLIN).change == change


@pytest.mark.parametrize("text", ["", "soon", "+", "+15", "25:00", "+40d3h", "+367d", "6.30"])
def test_what_is_no_start_is_refused_with_examples(text: str) -> None:
    with pytest.raises(MomentUnreadable):
        read_start(text, day=DAY, now=NOW, config=BERLIN)


def test_a_start_in_a_gap_is_refused_and_one_in_the_double_hour_noted() -> None:
    with pytest.raises(MomentUnreadable, match="skip 2027-03-28 02:30"):
        read_start("2:30", day=dt.date(2027, 3, 27), now=NOW, config=BERLIN)
    read = read_start("2:30", day=dt.date(2026, 10, 24), now=NOW, config=BERLIN)
    assert "comes twice" in read.notes[0]
    assert read.change.start_at == utc("2026-10-25T00:30:00")
    assert read_start("3:30", day=dt.date(2026, 10, 24), now=NOW, config=BERLIN).notes == []


def test_a_start_outside_of_the_plan_day_is_noted() -> None:
    read = read_start("tomorrow 22:00", day=DAY, now=NOW, config=BERLIN)
    assert "outside of plan day 2026-11-21" in read.notes[0]


def test_whole_days_keep_the_local_time_over_a_change_of_the_clocks() -> None:
    start_us = int(utc("2026-10-24T04:00:00").timestamp()) * 1_000_000
    moved = new_start_us(start_us, Change(shift_days=1), NOW, BERLIN)
    assert moved - start_us == 25 * 3_600 * 1_000_000


def bar(n: int, begin: int, length: int) -> Bar:
    return Bar(id=str(n), name="", b=begin, e=begin + length, p50=0, p95=0, by="", s="finished",
               late=False, deadline=0)  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), max_size=5))
def test_packed_bars_never_lie_over_each_other(spans: list[tuple[int, int]]) -> None:
    found, rows = packed([bar(n, b, length) for n, (b, length) in enumerate(spans)], 5)
    assert len(found) == len(spans)
    assert all(0 <= one.lane < rows for one in found)
    for n, one in enumerate(found):
        for other in found[n + 1 :]:
            apart = one.e <= other.b or other.e <= one.b
            assert one.lane != other.lane or apart


names = st.sampled_from("abcdefgh")
edges = st.lists(st.builds(Edge, names, names, st.just("posts")), max_size=14, unique=True)


@given(edges)
def test_no_two_nodes_stand_in_one_place_whatever_the_graph(found: list[Edge]) -> None:
    drawing = drawn({name for edge in found for name in edge[:2]}, found)
    places = {(place.x, place.y) for place in drawing.nodes}
    assert len(places) == len(drawing.nodes)
    assert all(0 <= place.x <= drawing.width - WIDTH for place in drawing.nodes)
    assert len(drawing.paths) == len(found)


def test_who_leads_stands_left_of_who_waits() -> None:
    chain = [Edge("c", "b", "posts"), Edge("b", "a", "expects"), Edge("c", "a", "adds an order")]
    at = {place.name: place.x for place in drawn("abc", chain).nodes}
    assert at["c"] < at["b"] < at["a"]


def test_a_filter_is_read_with_everything_unreadable() -> None:
    wanted = read_plan_filter('wf:"a b/*" tag:eu tag:us nightly run', ["failed,running"], late=True)
    assert (wanted.workflow, wanted.tags, wanted.text) == ("a b/*", ("eu", "us"), "nightly run")
    assert wanted.states == (PlanState.FAILED, PlanState.STARTED)
    assert wanted.late
    assert len(read_plan_filter("wf:a wf:b colour:red state:x").problems) == 3
    assert read_plan_filter("x" * 300).problems
