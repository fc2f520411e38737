"""A queue that was loaded in parts, from whatever place, is the queue."""

from bisect import bisect_left
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import NotLoaded
from engine.facts import FactKey, Rank
from engine.queue import Queue, Waiter

KEY: FactKey = ("lock", "printer", "")
WAITERS = st.tuples(st.integers(-2, 2), st.integers(0, 3), st.sampled_from("abc"))
LOOKS = st.tuples(st.none() | st.tuples(st.integers(-3, 3), st.integers(0, 3)), st.integers(0, 20))
STEPS = st.lists(
    st.tuples(st.just("join"), WAITERS)
    | st.tuples(st.just("leave"), WAITERS)
    | st.tuples(st.just("look"), LOOKS)
)


def behind(rows: list[Waiter], after: Rank | None) -> list[Waiter]:
    """What stands behind a rank, by the plainest means."""
    return sorted(row for row in rows if after is None or row[:2] > after)


def looked(
    queue: Queue, rows: list[Waiter], after: Rank | None, many: int, page: int
) -> list[Waiter]:
    """Look at some of a queue, loading pages of its rows as the queue asks for them."""
    for _ in range(len(rows) + 2):
        found: list[Waiter] = []
        try:
            for waiter in queue.behind(after):
                if len(found) >= many:
                    break
                found.append(waiter)
        except NotLoaded:
            begin = queue.bound or queue.start
            more = sorted(row for row in rows if begin is None or row > begin)[:page]
            queue.loaded(more, whole=len(more) < page)
        else:
            return found
    raise AssertionError("the queue asks for more without an end")


@given(rows=st.sets(WAITERS), steps=STEPS, page=st.integers(1, 4))
@settings(max_examples=400, deadline=None)
def test_a_queue_loaded_in_parts_is_the_queue(
    rows: set[Waiter], steps: list[tuple[str, Any]], page: int
) -> None:
    queue, stored, present = Queue(KEY), sorted(rows), set(rows)
    for verb, what in steps:
        if verb == "join" and what not in present:
            present.add(what)
            queue.add(what)
        elif verb == "leave" and what in present:
            present.remove(what)
            queue.remove(what)
        elif verb == "look":
            after, many = what
            expected = behind(list(present), after)
            assert looked(queue, stored, after, many, page) == expected[:many]


@given(rows=st.sets(WAITERS, min_size=1), at=st.integers(0, 9))
def test_what_was_passed_long_ago_is_not_read_again(rows: set[Waiter], at: int) -> None:
    stored = sorted(rows)
    after = stored[min(at, len(stored) - 1)][:2]
    queue = Queue(KEY)
    looked(queue, stored, after, 1, 1)
    assert queue.start is not None
    assert bisect_left(stored, queue.start) == len(stored) - len(behind(stored, after))
