"""The site's signing key: given by the environment, else made once in the home folder.

The only place that reads or makes it: the inventory signs deployments with it, the controller
checks them and couples agents. What a signature covers is the matter of `engine.seal`.
"""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from engine.seal import KeyUnreadable, private_key_from_text, private_key_text

FILE_NAME = "site.key"


class SiteKeyUnusable(Exception):
    """The site's key cannot be read or is open to others. Never quotes it."""


def site_key() -> Ed25519PrivateKey:
    """Return the key that signs deployments here.

    Raises:
        SiteKeyUnusable: the key is no key, or its file is open to others.
    """
    given: str = settings.STELLWERK_SIGNING_KEY
    return key_from(given, Path(settings.STELLWERK_HOME) / FILE_NAME)


def site_public_key() -> Ed25519PublicKey:
    """Return the key by which controllers and agents know what this site has signed.

    Raises:
        SiteKeyUnusable: as `site_key`.
    """
    return site_key().public_key()


def key_from(given: str, file: Path) -> Ed25519PrivateKey:
    """Return the given key, else the one in the file, which is made where it is missing.

    Raises:
        SiteKeyUnusable: as `site_key`.
    """
    try:
        return private_key_from_text(given or _text_of(file))
    except KeyUnreadable as e:
        where = "STELLWERK_SIGNING_KEY" if given else str(file)
        raise SiteKeyUnusable(f"{where}: {e}") from None


def _text_of(file: Path) -> str:
    if not file.exists():
        _make(file)
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise SiteKeyUnusable(
            f"{file} is open to others (mode {mode:o}): whoever reads it can sign deployments."
            " Make a new key, or close it with chmod 600 if nobody else was on this machine."
        )
    return file.read_text(encoding="ascii", errors="replace")


def _make(file: Path) -> None:
    """Write a new key aside and link it into place: of several makers the first one wins."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(fd, "w") as out:
            out.write(private_key_text(Ed25519PrivateKey.generate()) + "\n")
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(aside, file)
    finally:
        aside.unlink()
