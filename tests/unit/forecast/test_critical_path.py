"""What determines the end of an order, and how it is said."""

from zoneinfo import ZoneInfo

from simulation.forecast.found import Kind, OrderForecast, Span
from simulation.forecast.path import critical_path
from simulation.forecast.words import lasting, parts_of, sentence_of

S = 1_000_000
BERLIN = ZoneInfo("Europe/Berlin")


def span(
    kind: Kind, begin: int, end: int | None, what: str = "", cause: str = "",
    others: tuple[tuple[str, int], ...] = (),
) -> Span:  # fmt: skip
    return Span(
        kind, begin * S, None if end is None else end * S, "0", what, cause, "", "",
        tuple((i, at * S) for i, at in others),
    )  # fmt: skip


def order(name: str, *spans: Span, origin: str = "") -> OrderForecast:
    ends = spans[-1].end_us if spans else None
    return OrderForecast(id=name, workflow=f"w-{name}", spans=spans, end_us=ends, origin=origin)


def links(orders: list[OrderForecast], target: str) -> list[tuple[str, str, int, int]]:
    known = {one.id: one for one in orders}
    found = critical_path(known.get, target)
    assert found is not None
    return [(i.order, i.what, i.begin_us // S, i.end_us // S) for i in found.links if not i.waits]


def test_a_path_without_waits_is_the_orders_own_jobs_since_its_planned_start() -> None:
    one = order("a", span("start", 0, 10), span("job", 10, 40, "x"), span("job", 40, 50, "y"))
    assert links([one], "a") == [("a", "x", 10, 40), ("a", "y", 40, 50)]
    path = critical_path({"a": one}.get, "a")
    assert path is not None
    assert (path.starts_as_planned, path.begin_us, path.slack_us) == (True, 10 * S, None)


def test_a_path_goes_on_in_the_order_that_posts_the_notice() -> None:
    poster = order("p", span("start", 0, 5), span("job", 5, 60, "load"), span("job", 60, 90, "z"))
    waiter = order(
        "w", span("start", 0, 1), span("notice", 1, 60, "b n", "p", (("p", 60), ("q", 40))),
        span("job", 60, 70, "close"),
    )  # fmt: skip
    assert links([poster, waiter], "w") == [("p", "load", 5, 60), ("w", "close", 60, 70)]
    path = critical_path({"p": poster, "w": waiter}.get, "w")
    assert path is not None
    assert path.slack_us == 20 * S
    wait = next(one for one in path.links if one.waits)
    assert (wait.order, wait.cause, wait.lasts_us) == ("w", "p", 59 * S)


def test_a_path_goes_through_the_child_that_ended_last_and_on_before_the_fork() -> None:
    parent = order(
        "f", span("job", 0, 10, "first"),
        span("fork", 10, 50, "", "f|x", (("f|y", 30), ("f|x", 50))), span("job", 50, 55, "last"),
    )  # fmt: skip
    slow = order("f|x", span("job", 10, 50, "slow"), origin="f")
    fast = order("f|y", span("job", 10, 30, "fast"), origin="f")
    assert links([parent, slow, fast], "f") == [
        ("f", "first", 0, 10), ("f|x", "slow", 10, 50), ("f", "last", 50, 55),
    ]  # fmt: skip


def test_a_wait_whose_end_nobody_caused_stays_on_the_path() -> None:
    one = order("a", span("lock", 0, 30, "l"), span("job", 30, 40, "x"))
    assert links([one], "a") == [("a", "l", 0, 30), ("a", "x", 30, 40)]


def test_orders_that_wait_for_each_other_at_one_moment_make_no_circle() -> None:
    a = order("a", span("lock", 0, 30, "l", "b"))
    b = order("b", span("lock", 0, 30, "m", "a"))
    assert len(links([a, b], "a")) >= 1


def test_an_order_that_does_not_end_has_no_path() -> None:
    one = order("a", span("prompt", 0, None, "Go on?"))
    assert critical_path({"a": one}.get, "a") is None
    assert critical_path({"a": one}.get, "b") is None


def test_a_path_is_said_with_what_takes_longest_and_what_decides_next() -> None:
    at = 1_795_312_800  # 2026-11-22T02:00:00Z, 03:00 in Berlin
    one = order(
        "close", span("job", at - 1200, at - 600, "load"), span("job", at - 600, at + 1260, "post")
    )
    path = critical_path({"close": one}.get, "close")
    assert path is not None
    assert sentence_of(path, "close-done", BERLIN, deadline_us=at * S) == (
        "close-done: forecast 03:21, deadline 03:00, 21 min late:"
        " post takes 31 min of it; load takes 10 min of it."
    )
    assert [what for what, _ in parts_of(path)] == ["post", "load"]


def test_lengths_of_time_are_said_as_people_say_them() -> None:
    assert [lasting(n * S) for n in (40, 119, 840, 7_500)] == [
        "40 s", "119 s", "14 min", "2 h 5 min",
    ]  # fmt: skip
