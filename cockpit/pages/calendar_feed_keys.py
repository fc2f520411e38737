"""Addresses of feeds that calendar programs can read: signed for one person and one feed.

Such an address shows that feed and nothing else. It ends when the person's password is changed or
the account is switched off; nothing is stored for it.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.utils.crypto import constant_time_compare

from cockpit.access.account import account_of
from cockpit.access.policy import READ_SCOPE, Account

_SALT = "stellwerk.calendar-feed"


class KeyRefused(Exception):
    """A key that is not for this feed, or not in force any more."""


def key_for(user: Any, feed: str) -> str:
    """Return the key with which a feed can be read as this person may see it."""
    return signing.dumps([user.pk, feed, _proof(user)], salt=_SALT)


def account_with(key: str, feed: str) -> Account:
    """Return the account whose key this is; with it one may only look.

    Raises:
        KeyRefused: it is not for this feed, or not in force.
    """
    try:
        number, named, proof = signing.loads(key, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise KeyRefused("The key of this address is not known.") from None
    user = get_user_model().objects.filter(pk=number, is_active=True).first()
    if user is None or named != feed or not constant_time_compare(proof, _proof(user)):
        raise KeyRefused("The key of this address is not in force any more.")
    account = account_of(user)
    return Account(account.name, account.active, account.staff, frozenset({READ_SCOPE}))


def _proof(user: Any) -> str:
    """Return what changes with the password."""
    return str(user.get_session_auth_hash())[:24]
