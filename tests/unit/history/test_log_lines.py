"""How pieces of two streams become numbered lines."""

from history.log_lines import LINE_LIMIT, Open, Piece, after, joined_bytes, lines_of, split


def pieces(*given: tuple[str, bytes]) -> list[Piece]:
    found, last, lines = [], Open(), 0
    for stream, data in given:
        joined = joined_bytes(last, stream)
        first_no = lines if joined else lines + 1
        count, last = after(data, stream, joined)
        lines = first_no + count - 1
        found.append(Piece(stream, first_no, joined, 0, data))
    return found


def shown(*given: tuple[str, bytes]) -> list[tuple[int, str, bytes]]:
    return [(line.no, line.stream, line.text) for line in lines_of(pieces(*given))]


def test_lines_of_both_streams_are_numbered_in_order_of_arrival() -> None:
    assert shown(("out", b"a\nb\n"), ("err", b"oops\n"), ("out", b"c\n")) == [
        (1, "out", b"a"),
        (2, "out", b"b"),
        (3, "err", b"oops"),
        (4, "out", b"c"),
    ]


def test_a_line_cut_between_two_pieces_is_one_line() -> None:
    assert shown(("out", b"a\nhalf"), ("out", b" done\nb")) == [
        (1, "out", b"a"),
        (2, "out", b"half done"),
        (3, "out", b"b"),
    ]


def test_a_line_interrupted_by_the_other_stream_goes_on_with_a_new_number() -> None:
    assert shown(("out", b"half"), ("err", b"oops\n"), ("out", b" done\n")) == [
        (1, "out", b"half"),
        (2, "err", b"oops"),
        (3, "out", b" done"),
    ]


def test_a_very_long_line_is_cut_the_same_way_however_it_comes() -> None:
    whole = b"x" * (2 * LINE_LIMIT + 10)
    at_once = shown(("out", whole + b"\ny\n"))
    assert [len(text) for _, _, text in at_once] == [LINE_LIMIT, LINE_LIMIT, 10, 1]
    assert shown(("out", whole[:5000]), ("out", whole[5000:] + b"\ny\n")) == at_once


def test_empty_lines_count() -> None:
    assert split(b"\n\n") == ([b"", b""], False)
    assert shown(("out", b"\n\na")) == [(1, "out", b""), (2, "out", b""), (3, "out", b"a")]
