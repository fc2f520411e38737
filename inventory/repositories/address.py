"""Addresses of repositories: which may be reached at all, and at which network address.

Pure but for the resolver, which is given. No secret is ever part of an address.
"""

import ipaddress
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import msgspec

from inventory.repositories.refusal import refuse

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""Returns all network addresses of a host."""

_PORTS = {"https": 443, "http": 80, "ssh": 22}
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_USER = re.compile(r"[A-Za-z0-9_][\w.-]*")
_SHORT = re.compile(r"(?:(?P<user>[^@/:]+)@)?(?P<host>[^@/:]+):(?P<path>(?!//|:).+)")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\"'`$;&|<>\\]")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class GitRules(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings allow: schemes, hosts (none named: any public one), local folders."""

    schemes: tuple[str, ...] = ("https", "ssh")
    hosts: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    timeout_s: float = 60.0


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a repository is; `host` and `port` are empty for a local one."""

    text: str
    scheme: str
    host: str = ""
    port: int = 0
    user: str = ""


def address_of(text: str, rules: GitRules) -> Address:
    """Return a repository's address.

    Raises:
        RepositoryRefused: it is none, carries a password, or the settings do not allow it.
    """
    text = text.strip()
    if not text or text.startswith("-") or _UNSAFE.search(text):
        refuse("address-unusable", "The address has characters that no address has.", "address")
    if text.startswith(("/", "file:")):
        return _local(text, rules)
    found = _parsed(text)
    if found.scheme not in rules.schemes or found.scheme not in _PORTS:
        sentence = f"The scheme {found.scheme or 'of the address'} is not allowed here."
        refuse("scheme-refused", sentence, "address")
    if not _HOST.fullmatch(found.host) or (found.user and not _USER.fullmatch(found.user)):
        refuse("address-unusable", "The host or user of the address is none.", "address")
    if rules.hosts and found.host not in rules.hosts:
        refuse(
            "host-refused", f"The host {found.host} is not one of STELLWERK_GIT_HOSTS.", "address"
        )
    return found


def pinned(address: Address, rules: GitRules, resolve: Resolve) -> str:
    """Return the network address to connect to; empty where the host is one of the settings.

    Raises:
        RepositoryRefused: it has none, or one that is not public.
    """
    if not address.host or address.host in rules.hosts:
        return ""
    try:
        found = resolve(address.host.strip("[]"), address.port)
    except OSError:
        refuse("host-unknown", f"The host {address.host} is not found.", "address")
    for each in found:
        if not _is_public(each):
            sentence = (
                f"The host {address.host} has the private address {each};"
                " name it in STELLWERK_GIT_HOSTS to allow it."
            )
            refuse("host-private", sentence, "address")
    if not found:
        refuse("host-unknown", f"The host {address.host} is not found.", "address")
    return found[0]


def _is_public(text: str) -> bool:
    """Tell whether an address is anybody's; what maps to another one counts as that."""
    found = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return _is_public(str(found.ipv4_mapped))
        if found in _NAT64 or found.sixtofour or found.teredo:
            return False
    return found.is_global and not found.is_multicast


def _parsed(text: str) -> Address:
    short = _SHORT.fullmatch(text) if "://" not in text else None
    if short:
        user = short["user"] or ""
        return Address(text=text, scheme="ssh", host=short["host"], port=22, user=user)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        refuse("address-unusable", "This is no address of a repository.", "address")
    if parts.password or (parts.username and parts.scheme != "ssh"):
        sentence = "An address holds no user or password: name credentials instead."
        refuse("address-secret", sentence, "address")
    if parts.query or parts.fragment:
        refuse("address-unusable", "An address has no ? and no #.", "address")
    host = f"[{host}]" if ":" in host else host
    return Address(text=text, scheme=parts.scheme, host=host, port=port, user=parts.username or "")


def _local(text: str, rules: GitRules) -> Address:
    path = Path(text.removeprefix("file://")).resolve()
    allowed = [Path(folder).resolve() for folder in rules.folders]
    if not any(path.is_relative_to(folder) for folder in allowed):
        sentence = "This folder is not below one of STELLWERK_GIT_FOLDERS."
        refuse("folder-refused", sentence, "address")
    return Address(text=str(path), scheme="file")
