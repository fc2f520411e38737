"""Frames and chunks hold for any bytes and any cuts."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.worker.hands import link
from agents.worker.hands.attempt import Start
from agents.worker.hands.output import Chunk, Mark, OutputReader
from agents.worker.hands.spawn import Order
from agents.worker.hands.wire import Inbox, frame

WORDS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)
NAMES = WORDS.filter(bool)


@given(
    st.lists(st.lists(st.binary(max_size=9).map(lambda b: b.replace(b"\0", b"")), min_size=1)),
    st.integers(1, 7),
)
def test_frames_survive_any_cuts(messages: list[list[bytes]], step: int) -> None:
    data, inbox = b"".join(frame(*fields) for fields in messages), Inbox()
    found = [f for at in range(0, len(data), step) for f in inbox.feed(data[at : at + step])]
    assert found == messages


@given(
    st.lists(WORDS, min_size=1),
    st.dictionaries(NAMES, WORDS),
    st.one_of(st.none(), st.floats(0.1, 1e6)),
    WORDS,
)
def test_a_start_arrives_as_it_was_sent(
    argv: list[str], env: dict[str, str], timeout_s: float | None, cwd: str
) -> None:
    start = Start("a-1", tuple(argv), env, timeout_s, 1.5, cwd or None)
    order = Order(Inbox().feed(link.encoded(start))[0])
    env = {**env, "STELLWERK_ATTEMPT": "a-1"}
    assert [word.decode() for word in order.argv] == argv
    assert {name.decode(): value.decode() for name, value in order.env.items()} == env
    assert order.timeout_us == (int(timeout_s * 1e6) if timeout_s else 0)
    assert (order.grace_us, order.cwd.decode()) == (1_500_000, cwd)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.text(max_size=40).map(str.encode),
            st.integers(1, 90_000).map(lambda n: "\u20ac".encode() * n),
            st.sampled_from([b"\n", b"\r\n", b"\0\n"]),
        ),
        max_size=12,
    )
)
def test_chunks_put_together_are_the_output(pieces: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "out").mkdir()
        file = Path(folder) / "out" / "a.out"
        reader, chunks = OutputReader(Path(folder)), list[Chunk]()
        for piece in pieces:
            with file.open("ab") as stream:
                stream.write(piece)
            chunks += reader.poll("a")
        while more := reader.poll("a", ended=True):
            chunks += more
    assert b"".join(chunk.data for chunk in chunks) == b"".join(pieces)
    mark = Mark()
    for chunk in chunks:
        assert (chunk.offset, chunk.first_line) == (mark.offset, mark.line)
        mark = chunk.next
