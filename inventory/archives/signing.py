"""Signatures beside files, as JS7 puts them: base64 in `NAME.workflow.json.sig`. Pure.

A signature covers the bytes of its file and not its name. Ours are Ed25519. For archives that were
signed elsewhere ECDSA and RSA (PKCS #1) with SHA-256 to SHA-512 are checked, too; PGP is not.
"""

import base64
import binascii
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import TypeAlias

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from engine.seal import KeyUnreadable, public_key_from_text
from engine.workflow.problem import problem, shown, warning
from inventory.archives.contents import Contents
from inventory.archives.unpacking import FILE, Member
from inventory.errors import Located

SUFFIX = ".sig"
PGP = ".asc"
Signer: TypeAlias = Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey

_HASHES = (SHA512(), SHA256(), SHA384())
_BLOCK = re.compile(r"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", re.DOTALL)
_SMALLEST_RSA = 2048


class SignaturePolicy(StrEnum):
    """What is done about a file without a valid signature."""

    OFF = "off"  # nothing; signatures are not looked at
    WARN = "warn"  # it is told, and taken
    REQUIRE = "require"  # it is refused


class Trust(msgspec.Struct, frozen=True):
    """Who may sign, and what is done about others."""

    policy: SignaturePolicy = SignaturePolicy.OFF
    signers: tuple[Signer, ...] = ()


NO_TRUST = Trust()


class SignersUnreadable(Exception):
    """The list of those who may sign has an entry that is no key, or one that is out of date."""


def signature_of(private: Ed25519PrivateKey, member: Member) -> Member:
    """Return the file with the signature of another one."""
    text = base64.b64encode(private.sign(member.content))
    return Member(member.name + SUFFIX, text + b"\n")


def signers_from_text(text: str, now: dt.datetime) -> tuple[Signer, ...]:
    """Return the keys in a text: PEM of public keys and certificates, base64 of Ed25519 keys.

    Raises:
        SignersUnreadable: with all entries that give no key. A certificate counts only while it is
            valid at `now`.
    """
    found: list[Signer] = []
    wrong: list[str] = []
    for no, (label, entry) in enumerate(_entries(text), 1):
        try:
            found.append(_signer(label, entry, now))
        except (ValueError, KeyUnreadable, UnsupportedAlgorithm) as e:
            wrong.append(f"Entry {no} is no key that signs here: {e}")
    if wrong:
        raise SignersUnreadable("\n".join(wrong))
    return tuple(found)


def signature_problems(contents: Contents, trust: Trust) -> list[Located]:
    """Return what is wrong with the signatures of an archive; errors where they are required."""
    if trust.policy is SignaturePolicy.OFF:
        return []
    told = problem if trust.policy is SignaturePolicy.REQUIRE else warning
    found = []
    for name, content in contents.contents.items():
        reason = _reason(content, contents.signatures.get(name, ()), trust.signers)
        if reason:
            found.append(Located(FILE, name, told((), *reason)))
    return found


def _reason(
    content: bytes, signatures: Sequence[tuple[str, bytes]], signers: Iterable[Signer]
) -> tuple[str, str] | None:
    if not signatures:
        return "not-signed", "The file is not signed."
    checked = [raw for name, raw in signatures if not name.endswith(PGP)]
    if not checked:
        sentence = "Its PGP signature cannot be checked; sign with a key of X.509 or Ed25519."
        return "signature-unknown", sentence
    known = list(signers)
    if any(_valid(signer, raw, content) for raw in checked for signer in known):
        return None
    return "signature-invalid", "No key that is trusted here has signed the file as it is."


def _valid(signer: Signer, text: bytes, content: bytes) -> bool:
    try:
        signature = base64.b64decode(b"".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return any(_verified(signer, signature, content, n) for n in range(len(_HASHES)))


def _verified(signer: Signer, signature: bytes, content: bytes, n: int) -> bool:
    try:
        if isinstance(signer, Ed25519PublicKey):
            signer.verify(signature, content)
        elif isinstance(signer, EllipticCurvePublicKey):
            signer.verify(signature, content, ECDSA(_HASHES[n]))
        else:
            signer.verify(signature, content, PKCS1v15(), _HASHES[n])
    except InvalidSignature:
        return False
    return True


def _entries(text: str) -> Iterator[tuple[str, str]]:
    for block in _BLOCK.finditer(text):
        yield block[1], block[0]
    for line in _BLOCK.sub("", text).replace(",", "\n").splitlines():
        if line.strip() and not line.strip().startswith("#"):
            yield "", line.strip()


def _signer(label: str, entry: str, now: dt.datetime) -> Signer:
    if not label:
        return public_key_from_text(entry)
    if label == "PUBLIC KEY":
        return _fit(load_pem_public_key(entry.encode()))
    if label != "CERTIFICATE":
        raise ValueError(f"{shown(label)} is neither a PUBLIC KEY nor a CERTIFICATE.")
    certificate = x509.load_pem_x509_certificate(entry.encode())
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise ValueError(f"the certificate is valid until {certificate.not_valid_after_utc}.")
    return _fit(certificate.public_key())


def _fit(key: object) -> Signer:
    if isinstance(key, RSAPublicKey) and key.key_size < _SMALLEST_RSA:
        raise ValueError(f"an RSA key must have {_SMALLEST_RSA} bits.")
    if isinstance(key, Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey):
        return key
    raise ValueError("the key must be Ed25519, ECDSA or RSA.")
