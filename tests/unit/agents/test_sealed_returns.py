"""Return values under the name of a secret variable leave the agent sealed."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agents.sealed import Opener, SealBroken
from agents.worker.masking import Masker
from agents.worker.outcomes import return_values
from agents.worker.sealed_returns import Returned

OPENER = Opener("agent-a", X25519PrivateKey.generate().private_bytes_raw())


def told(written: bytes, *secrets: str, names: tuple[str, ...] = ("pw",)) -> bytes:
    """Return what leaves the agent."""
    masker = Masker(secrets) if secrets else None
    return Returned(frozenset(names), OPENER.seal, masker).told(written)


def opened(written: bytes) -> tuple[dict[str, object], str | None]:
    """Return the values with the sealed ones opened, and what is wrong with the file."""
    values, problem = return_values(written)
    shown = {n: OPENER.open(v)[0] if isinstance(v, str) else v for n, v in values.items()}
    return shown, problem


def test_lines_are_sealed_by_their_names_and_the_others_without_secrets() -> None:
    made = told(b"a=x old y\n pw = new=1\r\npw=old\nb=2", "old")
    assert b"new" not in made
    assert opened(made) == ({"a": "x *** y", "pw": "old", "b": "2"}, None)


def test_a_line_of_another_form_is_still_told_and_nothing_secret_with_it() -> None:
    made = told(b"pw=s3cret\nno value here")
    values, problem = opened(made)
    assert (values, "line 2" in (problem or "")) == ({"pw": "s3cret"}, True)
    assert b"s3cret" not in made


def test_objects_keep_the_types_of_other_values() -> None:
    written = {"pw": "s3cret", "n": 5, "o": {"x": ["old"]}, "t": True, "z": None}
    made = told(json.dumps(written).encode(), "old")
    assert b"s3cret" not in made
    assert opened(made)[0] == {"pw": "s3cret", "n": 5, "o": {"x": ["***"]}, "t": True}


@pytest.mark.parametrize(("value", "text"), [(5, "5"), (True, "true"), ([1], "[1]")])
def test_a_value_that_is_no_text_is_sealed_as_one(value: object, text: str) -> None:
    assert opened(told(json.dumps({"pw": value}).encode()))[0] == {"pw": text}


def test_a_broken_object_tells_nothing() -> None:
    assert told(b'{"pw": "s3cret', "s3cret") == b"{"


def test_what_is_sealed_already_stays_so() -> None:
    sealed = OPENER.seal("x")
    assert told(f"pw={sealed}".encode()) == f"pw={sealed}".encode()


def test_without_the_name_the_value_would_be_told() -> None:
    assert b"s3cret" in told(b"pw=s3cret", names=("other",))


def test_an_agent_without_a_key_seals_nothing() -> None:
    with pytest.raises(SealBroken):
        Opener("agent-a", b"").seal("x")
