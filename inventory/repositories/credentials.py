"""Secrets for repositories, by name: each in a file of its own that only this account may read.

The file `NAME` in the folder `git-credentials` of the home folder has lines such as `host=…`,
`username=…`, `password=…`, or `host=…` and `key_file=…` for ssh. A secret goes to its own host
only.
"""

import base64
import re
import stat
from pathlib import Path

import msgspec

from inventory.repositories.address import Address
from inventory.repositories.refusal import refuse

FOLDER = "git-credentials"
KNOWN_HOSTS = "known_hosts"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
_LARGEST = 64 * 1024


class Credentials(msgspec.Struct, frozen=True):
    """A way in: a header for https, the file of a key for ssh. Never shown."""

    header: str = ""
    key_file: str = ""

    def __repr__(self) -> str:
        return "Credentials(…)"


NO_CREDENTIALS = Credentials()


def credentials_of(name: str, address: Address, home: Path) -> Credentials:
    """Return the credentials with a name, for an address.

    Raises:
        RepositoryRefused: there are none, others may read them, or they are for another host. The
            sentence quotes nothing of them.
    """
    if not name:
        return NO_CREDENTIALS
    file = home / FOLDER / name
    if not _NAME.fullmatch(name) or name == KNOWN_HOSTS or not file.is_file():
        refuse(
            "credentials-unknown", f"There are no credentials {name[:64]!r} here.", "credentials"
        )
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        sentence = f"The file of the credentials {name} is open to others: close it (chmod 600)."
        refuse("credentials-open", sentence, "credentials")
    found = _fields(file.read_text(encoding="utf-8", errors="replace")[:_LARGEST])
    if not address.host or found.get("host") != address.host:
        sentence = f"The credentials {name} are for another host."
        refuse("credentials-elsewhere", sentence, "credentials")
    return _made(found)


def _made(found: dict[str, str]) -> Credentials:
    header = ""
    if found.get("password"):
        pair = f"{found.get('username', '')}:{found['password']}"
        header = f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}"
    return Credentials(header, found.get("key_file", ""))


def _fields(text: str) -> dict[str, str]:
    lines = (line.partition("=") for line in text.splitlines() if not line.startswith("#"))
    return {name.strip(): value.strip() for name, equals, value in lines if equals}
