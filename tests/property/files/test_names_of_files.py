"""Names of files: no two become the same text or order id, and every id can be an order's."""

import base64

from hypothesis import example, given
from hypothesis import strategies as st

from engine.files.names import order_id, path_of, raw_of, shown_name, text_of
from engine.order.add import ID_LENGTH, id_problems

NAMES = st.binary(min_size=1, max_size=255).filter(lambda n: b"/" not in n and b"\0" not in n)
WRITTEN = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=80
).map(str.encode)
ANY = NAMES | WRITTEN
SOURCES = st.sampled_from(("in", "folder/in", "a" * 200, "x|y"))
AT_US = 1_767_225_600_000_000


@given(ANY, ANY)
@example(b"\xff", b"\\xff")
@example(b"a\xff", b"a\\xff")
@example(b"\\\xff", b"\xff")
def test_two_names_are_two_texts(one: bytes, other: bytes) -> None:
    assert (text_of(one) == text_of(other)) == (one == other)


@given(ANY)
def test_a_text_can_be_stored_and_shown_on_a_line(name: bytes) -> None:
    text = text_of(name)
    assert "\0" not in text
    assert text.encode("utf-8")
    assert not any(c in shown_name(text) for c in "\n\r\t\x1b\u202e\x7f")


@given(SOURCES, ANY)
@example("in", b"a|b\nc\xff")
@example("in", b"x" * 255)
def test_an_id_may_be_an_orders(source: str, name: bytes) -> None:
    made = order_id(source, text_of(name), AT_US, "Europe/Berlin")
    assert id_problems(made) == []
    assert len(made) < ID_LENGTH - 30
    assert made.startswith("#2026-01-01#F")


@given(ANY, ANY)
@example(b"a|b", b"a_b")
@example(b"a\nb", b"a\tb")
@example(b"x" * 255, b"x" * 254)
@example(b"\xff", b"\\xff")
def test_two_names_of_a_moment_are_two_orders(one: bytes, other: bytes) -> None:
    ids = [order_id("in", text_of(name), AT_US, "UTC") for name in (one, other)]
    assert (ids[0] == ids[1]) == (one == other)


@given(ANY)
def test_the_bytes_of_a_path_are_told_where_its_text_is_not_the_path(name: bytes) -> None:
    path = b"/in/" + name
    if raw_of(path):
        assert base64.b64decode(raw_of(path)) == path
    else:
        assert path_of(path).encode() == path


@given(st.integers(0, 2**52), st.sampled_from(("UTC", "Pacific/Auckland", "America/New_York")))
def test_an_id_is_the_same_however_often_it_is_made(at_us: int, zone: str) -> None:
    assert order_id("in", "a", at_us, zone) == order_id("in", "a", at_us, zone)
