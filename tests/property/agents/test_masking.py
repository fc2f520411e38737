"""Secrets are hidden however a job writes them and however its output is cut into pieces."""

import base64
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.worker.hands import output
from agents.worker.hands.output import OutputReader
from agents.worker.masking import MASK, Masker

SECRETS = st.lists(
    st.text(min_size=4, max_size=40).filter(lambda s: s.strip() and "*" not in s)
    | st.sampled_from(["aaaa", "abab", "line one\nline two\nline three", "pässwörd/+=&?"]),
    min_size=1,
    max_size=3,
).filter(lambda secrets: all(one.isprintable() or "\n" in one for one in secrets))


def written(secret: str, form: str) -> bytes:
    """Return a secret in one of the forms that programs write."""
    raw = secret.encode()
    match form:
        case "base64":
            return base64.b64encode(raw)
        case "hex" | "HEX":
            return (raw.hex() if form == "hex" else raw.hex().upper()).encode()
        case "url":
            return quote(secret, safe="").encode()
        case "json":
            return json.dumps(secret)[1:-1].encode()
        case "utf-16-le" | "latin-1" | "cp1252":
            return _encoded(secret, form) or raw
        case "ascii":
            return ascii(secret)[1:-1].encode()
        case _:
            return raw


def _encoded(secret: str, encoding: str) -> bytes | None:
    """Return a secret in an older encoding; None where that lacks a letter."""
    try:
        return secret.encode(encoding)
    except UnicodeEncodeError:
        return None


FORMS = ("raw", "base64", "hex", "HEX", "url", "json", "utf-16-le", "latin-1", "cp1252", "ascii")
NOISE = st.binary(max_size=30).filter(lambda b: b"*" not in b) | st.just(b"\n")


@st.composite
def outputs(draw: st.DrawFn) -> tuple[list[str], bytes]:
    """Return secrets and what a job wrote with them in it."""
    secrets = draw(SECRETS)
    piece = st.tuples(st.sampled_from(secrets), st.sampled_from(FORMS)).map(lambda p: written(*p))
    return secrets, b"".join(draw(st.lists(piece | NOISE, max_size=30)))


def told(masker: Masker, data: bytes, cuts: random.Random, *, sizes: tuple[int, int]) -> bytes:
    """Return what a reader tells of data that grows in random pieces."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "out").mkdir()
        file = Path(folder) / "out" / "a.out"
        reader = OutputReader(Path(folder), head_bytes=sizes[0], tail_bytes=sizes[1])
        reader.hide("a", masker)
        reader.follow("a")
        parts, at, place, line = [], 0, 0, 1
        while True:
            step = cuts.randrange(0, 40)
            with file.open("ab") as out:
                out.write(data[at : at + step])
            at += step
            ended = at >= len(data)
            while chunks := reader.poll("a", ended=ended):
                for chunk in chunks:
                    assert (chunk.offset, chunk.first_line) == (place, line)
                    parts.append(chunk.data)
                    place, line = chunk.end, line + chunk.data.count(b"\n")
            if ended:
                return b"".join(parts)


@pytest.fixture(autouse=True, scope="module")
def short_lines() -> Iterator[None]:
    """Let lines be cut early, so that cuts fall into secrets."""
    patch = pytest.MonkeyPatch()
    patch.setattr(output, "LINE_BYTES", 12)
    patch.setattr(output, "CHUNK_BYTES", 1024)
    yield
    patch.undo()


@settings(max_examples=200, deadline=None)
@given(outputs(), st.randoms(use_true_random=False))
def test_what_is_told_does_not_depend_on_pieces_and_shows_no_secret(
    made: tuple[list[str], bytes], cuts: random.Random
) -> None:
    secrets, data = made
    masker = Masker(secrets)
    shown = told(masker, data, cuts, sizes=(1 << 20, 1 << 16))
    assert shown == masker.hide(data)
    for secret in secrets:
        for form in FORMS:
            assert written(secret, form) not in shown


@settings(max_examples=100, deadline=None)
@given(outputs(), st.randoms(use_true_random=False))
def test_the_middle_that_is_left_out_shows_no_end_of_a_secret(
    made: tuple[list[str], bytes], cuts: random.Random
) -> None:
    secrets, data = made
    masker = Masker(secrets)
    shown = told(masker, data, cuts, sizes=(60, 50))
    whole = masker.hide(data)
    head, _, tail = shown.partition(b"[")
    if b"bytes left out" in shown and b"[" not in data:
        assert whole.startswith(head.removesuffix(b"\n"))
        assert whole.endswith(tail.partition(b"\n")[2])


@pytest.mark.parametrize("form", ["latin-1", "cp1252", "ascii"])
def test_a_secret_with_letters_beyond_ascii_is_hidden_in_older_encodings(form: str) -> None:
    shown = Masker(["pässwörd"]).hide(b"<" + written("pässwörd", form) + b">")
    assert shown == b"<" + MASK + b">"


class Hasty(Masker):
    """Holds nothing back."""

    def settled(self, data: bytes) -> int:
        """Return all of it."""
        return len(data)


def test_without_holding_back_a_secret_gets_through() -> None:
    data = b"x" * 20 + b"topsecretvalue" + b"y" * 20
    leaked = 0
    for seed in range(50):
        cuts = random.Random(seed)  # noqa: S311  # only where to cut
        shown = told(Hasty(["topsecretvalue"]), data, cuts, sizes=(1 << 20, 1 << 16))
        leaked += shown != b"x" * 20 + MASK + b"y" * 20
    assert leaked > 10


def test_a_secret_of_the_longest_kind_is_held_back_no_further_than_needed() -> None:
    masker = Masker(["topsecretvalue"])
    assert masker.settled(b"nothing here") == len(b"nothing here")
    assert masker.settled(b"nothing tops") == len(b"nothing ")
