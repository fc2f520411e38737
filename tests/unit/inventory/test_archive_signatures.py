"""Signatures beside files: which keys count, and when."""

import base64
import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.x509.oid import NameOID

from engine.seal import public_key_text
from inventory.archives.contents import contents_of
from inventory.archives.signing import (
    SignaturePolicy,
    SignersUnreadable,
    Trust,
    signature_of,
    signature_problems,
    signers_from_text,
)
from inventory.archives.unpacking import Member

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
FILE = Member("a.lock.json", b'{"limit": 1}')
ED = Ed25519PrivateKey.from_private_bytes(b"a" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"b" * 32)
EC = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)


def codes(
    *members: Member, signers: str, policy: SignaturePolicy = SignaturePolicy.REQUIRE
) -> list[str]:
    trust = Trust(policy, signers_from_text(signers, NOW))
    return [p.problem.code for p in signature_problems(contents_of(members), trust)]


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    form = (ser.Encoding.PEM, ser.PublicFormat.SubjectPublicKeyInfo)
    return key.public_key().public_bytes(*form).decode()


def certificate(key: ec.EllipticCurvePrivateKey, until: dt.datetime) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signer")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(NOW - 9 * DAY).not_valid_after(until)
    return made.sign(key, SHA256()).public_bytes(ser.Encoding.PEM).decode()


def beside(signature: bytes, ending: str = ".sig") -> Member:
    return Member(FILE.name + ending, base64.encodebytes(signature))


def test_who_is_trusted_is_taken_and_nobody_else() -> None:
    signed = signature_of(ED, FILE)
    assert codes(FILE, signed, signers=public_key_text(ED.public_key())) == []
    others = public_key_text(OTHER.public_key())
    assert codes(FILE, signed, signers=others) == ["signature-invalid"]
    assert codes(FILE, signed, signers="") == ["signature-invalid"]
    both = f"# ours\n{others}\n{public_key_text(ED.public_key())}\n"
    assert codes(FILE, signed, signers=both) == []


def test_a_changed_byte_a_missing_signature_and_noise_are_found() -> None:
    ours = public_key_text(ED.public_key())
    changed = Member(FILE.name, FILE.content + b" ")
    assert codes(changed, signature_of(ED, FILE), signers=ours) == ["signature-invalid"]
    assert codes(FILE, signers=ours) == ["not-signed"]
    assert codes(FILE, Member("a.lock.json.sig", b"\xff no base64"), signers=ours) == [
        "signature-invalid"
    ]
    assert codes(FILE, beside(b"pgp", ".asc"), signers=ours) == ["signature-unknown"]


@pytest.mark.parametrize("hashed", [SHA256(), SHA512()])
def test_keys_of_js7_sign_as_well(hashed: SHA256 | SHA512) -> None:
    by_ec = beside(EC.sign(FILE.content, ec.ECDSA(hashed)))
    by_rsa = beside(RSA.sign(FILE.content, padding.PKCS1v15(), hashed))
    assert codes(FILE, by_ec, signers=pem(EC) + pem(RSA)) == []
    assert codes(FILE, by_rsa, signers=pem(RSA)) == []
    assert codes(FILE, by_rsa, signers=pem(EC)) == ["signature-invalid"]


def test_a_certificate_counts_while_it_is_valid() -> None:
    signed = beside(EC.sign(FILE.content, ec.ECDSA(SHA256())))
    assert codes(FILE, signed, signers=certificate(EC, NOW + DAY)) == []
    with pytest.raises(SignersUnreadable, match="valid until"):
        codes(FILE, signed, signers=certificate(EC, NOW - DAY))


def test_weak_and_private_keys_are_refused() -> None:
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505  # the point of the test
    private = EC.private_bytes(
        ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption()
    ).decode()
    for text in (pem(weak), private, "nonsense", "-----BEGIN X-----\n-----END X-----"):
        with pytest.raises(SignersUnreadable) as refused:
            signers_from_text(text, NOW)
        assert "MIG" not in str(refused.value)


def test_nothing_is_looked_at_where_that_is_the_policy() -> None:
    assert codes(FILE, signers="", policy=SignaturePolicy.OFF) == []
    assert codes(FILE, signers="", policy=SignaturePolicy.WARN) == ["not-signed"]
