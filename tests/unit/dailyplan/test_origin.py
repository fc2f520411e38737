"""Ids follow from what an order is planned from."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from dailyplan.origin import ID_LENGTH, Origins, order_id, place_of

DAY = date(2026, 3, 2)


def test_origins_are_the_same_again_and_differ_by_everything_they_follow_from() -> None:
    said = [("s", "w", "o", 0), ("x", "w", "o", 0), ("s", "x", "o", 0), ("s", "w", "x", 0),
            ("s", "w", "o", 1), ("sw", "", "o", 0)]  # fmt: skip
    found = [
        origin
        for one in said
        for origins in [Origins(*one)]
        for origin in (origins.single(1), origins.single(2), origins.cyclic(1), origins.copied("1"))
    ]
    assert len(set(found)) == len(found)
    assert Origins("s", "w", "o").single(5) == Origins("s", "w", "o").single(5)


def test_the_form_of_ids_and_origins_never_changes() -> None:
    origin = Origins("morning", "report", "morning").single(1_772_431_200_000_000)
    assert origin == Origins("morning", "report", "morning", 0).single(1_772_431_200_000_000)
    assert order_id(DAY, 7, "a|b\nc") == "#2026-03-02#P7-a_b_c"
    assert order_id(DAY, 7, "x", 9_000_000) == "#2026-03-02#C7-9-x"


@given(
    day=st.dates(),
    origin=st.integers(0, 2**63 - 1),
    name=st.text(max_size=400),
    start_s=st.none() | st.integers(0, 10**11),
)
def test_an_id_tells_its_row(day: date, origin: int, name: str, start_s: int | None) -> None:
    start_us = None if start_s is None else start_s * 1_000_000
    made = order_id(day, origin, name, start_us)
    place = place_of(made)
    assert place
    assert (place.day, place.origin, place.start_us) == (day, origin, start_us)
    assert len(made) <= ID_LENGTH
    assert "|" not in made


@given(st.text())
def test_ids_of_others_belong_to_no_row(text: str) -> None:
    assert place_of(text) is None


def test_ids_that_only_look_like_ours_belong_to_no_row() -> None:
    assert place_of("#2026-02-30#P1-x") is None
    assert place_of(f"#2026-02-03#P{2**63}-x") is None
    assert place_of("#2026-02-03#T1-x") is None
