"""Who may do what. Pure: accounts come in as values, and folders as paths.

The rule now: active staff may do everything, every other active account may look. Grants by role
and folder will be decided here and nowhere else.
"""

from enum import StrEnum

import msgspec


class Verb(StrEnum):
    """What somebody may want to do to a thing."""

    LOOK = "look"  # read it
    OPERATE = "operate"  # move orders on: add, cancel, suspend, resume
    EDIT = "edit"  # write drafts, folders
    DEPLOY = "deploy"  # hand drafts to the controller
    ADMINISTER = "administer"  # agents, cluster, other people's tokens


EVERYWHERE = ("",)
NOWHERE: tuple[str, ...] = ()

READ_SCOPE = "read"
"""A token with only this scope may look; the names of verbs are the other scopes."""


class Account(msgspec.Struct, frozen=True):
    """Somebody who asks. `scopes` narrows what a token may do; None is no token, or no limit."""

    name: str
    active: bool = True
    staff: bool = False
    scopes: frozenset[str] | None = None


ANONYMOUS = Account("", active=False)


def may(account: Account, verb: Verb) -> bool:
    """Return whether the account may do this to anything at all."""
    return bool(folders(account, verb))


def folders(account: Account, verb: Verb) -> tuple[str, ...]:
    """Return the folders at and below which the account may do this; the root is everything."""
    if not account.active or not _in_scope(account, verb):
        return NOWHERE
    return EVERYWHERE if account.staff or verb is Verb.LOOK else NOWHERE


def may_at(account: Account, verb: Verb, path: str) -> bool:
    """Return whether the account may do this at a path of the inventory."""
    return any(
        not folder or path == folder or path.startswith(f"{folder}/")
        for folder in folders(account, verb)
    )


def _in_scope(account: Account, verb: Verb) -> bool:
    if account.scopes is None:
        return True
    return verb is Verb.LOOK or verb.value in account.scopes
