"""The site's seal on deployed versions: who signed what, and how keys are written down.

Pure over Ed25519 (RFC 8032). Knows no files, no settings and no way to make a key.
"""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.errors import EngineError
from engine.order.requests import SignedItem

KEY_BYTES = 32


class KeyUnreadable(EngineError):
    """A text that is no Ed25519 key. The sentence never quotes it."""


class NotSealable(EngineError):
    """Names that would make the sealed message ambiguous."""


def sign(private: Ed25519PrivateKey, kind: str, path: str, version: str, document: bytes) -> bytes:
    """Return the signature, 64 bytes, over kind, path, version and document.

    Raises:
        NotSealable: a NUL in a name.
    """
    return private.sign(_message(kind, path, version, document))


def sealed(
    private: Ed25519PrivateKey, kind: str, path: str, version: str, document: bytes
) -> SignedItem:
    """Return the version with its signature, fit to be sent.

    Raises:
        NotSealable: as `sign`.
    """
    return SignedItem(
        kind=kind,
        path=path,
        version=version,
        document=document,
        signature=sign(private, kind, path, version, document),
    )


def verify(public: Ed25519PublicKey, item: SignedItem) -> bool:
    """Tell whether the holder of the private key has signed exactly this item."""
    try:
        message = _message(item.kind, item.path, item.version, item.document)
        public.verify(item.signature, message)
    except (InvalidSignature, NotSealable):
        return False
    return True


def private_key_text(private: Ed25519PrivateKey) -> str:
    """Return the private key as 44 characters of base64. Keep it secret."""
    return base64.b64encode(private.private_bytes_raw()).decode()


def private_key_from_text(text: str) -> Ed25519PrivateKey:
    """Return the key written by `private_key_text`; white space around it does not matter.

    Raises:
        KeyUnreadable: it is not base64 of 32 bytes.
    """
    return Ed25519PrivateKey.from_private_bytes(_raw_key(text, "private"))


def public_key_text(public: Ed25519PublicKey) -> str:
    """Return the public key as 44 characters of base64."""
    return base64.b64encode(public.public_bytes_raw()).decode()


def public_key_from_text(text: str) -> Ed25519PublicKey:
    """Return the key written by `public_key_text`.

    Raises:
        KeyUnreadable: as `private_key_from_text`.
    """
    return Ed25519PublicKey.from_public_bytes(_raw_key(text, "public"))


def _message(kind: str, path: str, version: str, document: bytes) -> bytes:
    names = (kind, path, version)
    if any("\0" in name for name in names):
        raise NotSealable("The kind, path and version of what is signed have no NUL character.")
    # What cannot be UTF-8 is sealed as its escape: verifying must answer, never fail.
    return b"\0".join([*(name.encode(errors="backslashreplace") for name in names), document])


def _raw_key(text: str, which: str) -> bytes:
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != KEY_BYTES:
        raise KeyUnreadable(f"This is no {which} site key: it must be {KEY_BYTES} bytes in base64.")
    return raw
