"""Lines out of pieces, for any bytes cut anywhere."""

from hypothesis import given
from hypothesis import strategies as st

from history.log_lines import LINE_LIMIT, lines_of
from tests.unit.history.test_log_lines import pieces

CUTS = st.lists(st.binary(min_size=1, max_size=30), min_size=1, max_size=12)


@given(CUTS)
def test_lines_of_one_stream_do_not_depend_on_where_it_was_cut(cuts: list[bytes]) -> None:
    whole = b"".join(cuts)
    expected = whole.removesuffix(b"\n").split(b"\n")
    found = list(lines_of(pieces(*(("out", cut) for cut in cuts))))
    assert [line.text for line in found] == expected
    assert [line.no for line in found] == list(range(1, len(expected) + 1))


@given(st.lists(st.tuples(st.sampled_from(["out", "err"]), st.binary(min_size=1, max_size=30))))
def test_numbers_are_dense_and_no_byte_is_lost(given_: list[tuple[str, bytes]]) -> None:
    found = list(lines_of(pieces(*given_)))
    assert [line.no for line in found] == list(range(1, len(found) + 1))
    for stream in ("out", "err"):
        written = b"".join(data for of, data in given_ if of == stream)
        kept = b"".join(line.text for line in found if line.stream == stream)
        assert kept == written.replace(b"\n", b"")


@given(st.integers(1, 3 * LINE_LIMIT), st.integers(1, 3 * LINE_LIMIT))
def test_long_lines_are_cut_alike_however_they_come(size: int, cut: int) -> None:
    whole = b"x" * size + b"\nend"
    at_once = list(lines_of(pieces(("out", whole))))
    cut = min(cut, len(whole) - 1)
    assert list(lines_of(pieces(("out", whole[:cut]), ("out", whole[cut:])))) == at_once
