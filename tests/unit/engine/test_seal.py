"""The seal: what was signed is known, anything else is not."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.order.requests import SignedItem
from engine.seal import (
    KeyUnreadable,
    NotSealable,
    private_key_from_text,
    private_key_text,
    public_key_from_text,
    public_key_text,
    sealed,
    sign,
    verify,
)

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
ITEM = sealed(KEY, "workflow", "a/report", "v1", b"{}")


def test_an_item_is_known_by_the_public_key_of_its_signer() -> None:
    assert verify(KEY.public_key(), ITEM)
    assert not verify(OTHER.public_key(), ITEM)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "lock"},
        {"path": "a/other"},
        {"version": "v2"},
        {"document": b"{ }"},
        {"signature": bytes(64)},
        {"signature": b""},
        {"path": "a/report\0v1", "version": ""},
        {"path": "\ud800"},
    ],
)
def test_a_changed_item_is_not_known(changes: dict[str, str | bytes]) -> None:
    assert not verify(KEY.public_key(), msgspec.structs.replace(ITEM, **changes))


def test_names_cannot_run_into_each_other() -> None:
    moved = SignedItem("workflow", "a", "report\0v1", b"{}", b"")
    with pytest.raises(NotSealable):
        sign(KEY, moved.kind, moved.path, moved.version, moved.document)


def test_keys_are_written_down_and_read_again() -> None:
    text = private_key_text(KEY)
    assert len(text) == 44
    assert private_key_text(private_key_from_text(f" {text}\n")) == text
    public = public_key_from_text(public_key_text(KEY.public_key()))
    assert verify(public, ITEM)


@pytest.mark.parametrize("text", ["", "secret!", "c2hvcnQ=", "\u00e4" * 44])
def test_what_is_no_key_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(KeyUnreadable) as refused:
        private_key_from_text(text)
    assert not text or text not in str(refused.value)
    with pytest.raises(KeyUnreadable):
        public_key_from_text(text)
