"""Values that only named agents can read: sealed to their keys, written `enc://AGENT:DATA,…`.

One part for each agent that may open it (HPKE, RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305).
Whoever carries or stores the text learns nothing but the agents' names and the length.

Pure over `cryptography`.
"""

import base64
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from engine.errors import EngineError
from engine.order.secret import PREFIX, SEALED

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_INFO = b"stellwerk sealed value\0"


class SealFailure(EngineError):
    """Root of what can be wrong with a sealed value. Never quotes it."""


class NotForThisAgent(SealFailure):
    """A value that is sealed for other agents."""


class SealBroken(SealFailure):
    """A value that this agent's key does not open: made for an earlier key, or changed."""


def seal_value(value: str, agents: Mapping[str, bytes]) -> str:
    """Return the value sealed for each agent, given by their public keys (X25519, raw)."""
    parts = (
        f"{quote(agent, safe='')}:{_text(_sealed(value, agent, key))}"
        for agent, key in agents.items()
    )
    return PREFIX + ",".join(parts)


def _sealed(value: str, agent: str, key: bytes) -> bytes:
    public = X25519PublicKey.from_public_bytes(key)
    return _SUITE.encrypt(value.encode(), public, info=_INFO + agent.encode())


class Opener:
    """Opens values with the private key of one agent; without a key it opens none."""

    def __init__(self, agent: str, private: bytes) -> None:
        self.agent = agent
        self._key = X25519PrivateKey.from_private_bytes(private) if private else None

    def open(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Return the text with all sealed values in it opened, and these values.

        Raises:
            SealFailure: one of them cannot be opened here.
        """
        if PREFIX not in text:
            return text, ()
        found: list[str] = []

        def opened(match: re.Match[str]) -> str:
            found.append(self._opened(match[1]))
            return found[-1]

        plain, count = SEALED.subn(opened, text)
        if count != text.count(PREFIX):
            raise SealBroken("a sealed value is not whole: seal it anew")
        return plain, tuple(found)

    def seal(self, value: str) -> str:
        """Return the value sealed for this agent alone.

        Raises:
            SealBroken: this agent has no key.
        """
        if self._key is None:
            raise SealBroken(f"agent {self.agent} has no key for sealed values")
        return seal_value(value, {self.agent: self._key.public_key().public_bytes_raw()})

    def _opened(self, parts: str) -> str:
        by_agent = dict(part.split(":") for part in parts.split(","))
        data = {unquote(agent): data for agent, data in by_agent.items()}.get(self.agent)
        if data is None:
            names = ", ".join(map(unquote, by_agent))
            raise NotForThisAgent(f"a value is sealed for {names}, not for {self.agent}")
        if self._key is None:
            raise SealBroken(
                f"agent {self.agent} has no key for sealed values: let it join once more"
            )
        try:
            plain = _SUITE.decrypt(_bytes(data), self._key, info=_INFO + self.agent.encode())
        except (InvalidTag, ValueError):
            raise SealBroken(
                f"a value was sealed for an earlier key of {self.agent} or was changed:"
                " seal it anew"
            ) from None
        return plain.decode()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
