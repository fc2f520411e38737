"""Session names: how the database recognises who writes for which role.

`w:ROLE:NODE/INCARNATION:TERM` marks a session that writes with a token. Whoever takes a role over
ends every session whose name starts with `w:ROLE:`. PostgreSQL cuts names after 63 bytes, so the
part that is compared comes first and the names are kept short.
"""

import hashlib
import re

from cluster.failures import BadRoleName
from cluster.lease import Member, Token

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


def checked(kind: str, name: str) -> str:
    """Returns the name, if it can be part of a session's name.

    Raises:
        BadRoleName: with the rule it breaks.
    """
    if not _NAME.fullmatch(name):
        raise BadRoleName(
            f"{kind} {name!r}: up to 40 letters, digits, dots, dashes and underscores, "
            "starting with a letter or digit"
        )
    return name


def writers_of(role: str) -> str:
    """Returns how the names of all writing sessions of a role start."""
    return f"w:{role}:"


def writer(token: Token) -> str:
    """Returns the name of a session that writes with this token."""
    return f"{writers_of(token.role)}{token.holder}:{token.term}"


def watcher(role: str, member: Member) -> str:
    """Returns the name of the session that beats and looks; take-overs leave it alone."""
    return f"lease:{role}:{member.holder}"


def advisory_key(role: str) -> int:
    """Returns the role's advisory lock: shared for each write, exclusive for a take-over."""
    digest = hashlib.blake2b(f"stellwerk.lease:{role}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
