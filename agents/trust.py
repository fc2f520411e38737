"""How an agent and its controller come to a key of their own, out of a token that is used once.

Both make a key for an X25519 agreement; the token's key authenticates the two letters. Afterwards
only the agreed key counts, and the agent has pinned the site's public key.

Pure over `cryptography`.
"""

import hashlib
import hmac

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

_INFO = b"stellwerk link"


class Join(msgspec.Struct, frozen=True, tag=True):
    """The agent's letter: who it is, and the public part of its key."""

    agent: str
    queue: str
    public: bytes
    mac: bytes


class Joined(msgspec.Struct, frozen=True, tag=True):
    """The answer: the controller's public part and the site's public key."""

    agent: str
    public: bytes
    site: bytes
    mac: bytes
    problem: str = ""


def token_key(token: str) -> bytes:
    """Return the key that a join token stands for; only this is stored, never the token."""
    return hashlib.sha256(b"stellwerk token\0" + token.encode()).digest()


def join_letter(agent: str, queue: str, key: X25519PrivateKey, token: str) -> Join:
    """Return the letter by which an agent asks to be joined."""
    public = key.public_key().public_bytes_raw()
    return Join(agent, queue, public, _mac(token_key(token), "join", agent, queue, public))


def answer_join(
    letter: Join, key: X25519PrivateKey, site: bytes, token: bytes
) -> tuple[Joined, bytes] | None:
    """Return the answer and the link's key, None where the letter was not made with the token."""
    if not hmac.compare_digest(
        letter.mac, _mac(token, "join", letter.agent, letter.queue, letter.public)
    ):
        return None
    public = key.public_key().public_bytes_raw()
    answer = Joined(
        letter.agent,
        public,
        site,
        _mac(token, "joined", letter.agent, "", letter.public, public, site),
    )
    return answer, link_key(key, letter.public)


def accept(answer: Joined, key: X25519PrivateKey, token: str) -> bytes | None:
    """Return the link's key, None where the answer was not made with the token."""
    own = key.public_key().public_bytes_raw()
    expected = _mac(token_key(token), "joined", answer.agent, "", own, answer.public, answer.site)
    return link_key(key, answer.public) if hmac.compare_digest(answer.mac, expected) else None


def link_key(key: X25519PrivateKey, other: bytes) -> bytes:
    """Return the key that both sides agree on."""
    shared = key.exchange(X25519PublicKey.from_public_bytes(other))
    return hashlib.sha256(_INFO + b"\0" + shared).digest()


def _mac(key: bytes, kind: str, agent: str, queue: str, *parts: bytes) -> bytes:
    words = [kind.encode(), agent.encode(), queue.encode(), *parts]
    message = b"".join(len(w).to_bytes(4, "big") + w for w in words)
    return hmac.digest(key, message, hashlib.sha256)


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Join | Joined).decode
