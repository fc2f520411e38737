"""What lies over a diagram: states, orders, marks, holders of locks, places to pick.

Nothing of it moves a figure. Positions may count tries; which try it was does not matter.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

_TRIES = re.compile(r"(^|/)(try|catch|cycle)\+[^/]*")


class Standing(NamedTuple):
    """Orders of one state group at one position; `order_id` only where it is a single one."""

    group: str
    many: int
    order_id: str = ""


class LockUse(NamedTuple):
    """How much of a lock is taken, and the orders that hold it."""

    used: int
    capacity: int
    holders: tuple[str, ...] = ()


class Change(NamedTuple):
    """How something differs from another version: a word, and what differs, empty for all of it."""

    word: str
    what: str = ""

    @property
    def told(self) -> str:
        """The whole of it, as a sentence says it."""
        return f"{self.word} since the deployment{f': {self.what}' if self.what else ''}"


class Addresses(NamedTuple):
    """Where parts of a diagram lead: patterns with `{}`; empty for no link at all.

    Each gets one quoted value: path of a workflow, id of an order, position of several orders.
    """

    workflow: str = ""
    order: str = ""
    orders: str = ""


class Overlay(NamedTuple):
    """Everything that is shown over a diagram or beside the rows of an outline.

    `skipped` are labels, `stopped` positions of breakpoints. `picks` has a position for each place
    that may be picked, with the reason where it may not; None where nothing is to be picked.
    `chosen` are the places picked so far.

    In an editor `edits` shows where instructions can be put in; `faults` has sentences of problems,
    `cautions` of mere warnings, and `changes` what differs from another version, by position.
    `removed` has what is gone, in words, by the position before which it stood.
    """

    highlights: Mapping[str, str] = {}
    orders: Mapping[str, Sequence[Standing]] = {}
    skipped: frozenset[str] = frozenset()
    stopped: frozenset[str] = frozenset()
    suspended: bool = False
    locks: Mapping[str, LockUse] = {}
    picks: Mapping[str, str | None] | None = None
    chosen: frozenset[str] = frozenset()
    addresses: Addresses = Addresses()
    edits: bool = False
    faults: Mapping[str, str] = {}
    cautions: Mapping[str, str] = {}
    changes: Mapping[str, Change] = {}
    removed: Mapping[str, Sequence[str]] = {}

    def placed(self) -> "Overlay":
        """Return the same with all positions as places, without the count of tries."""
        return self._replace(
            highlights={place_text(at): state for at, state in self.highlights.items()},
            orders=_merged(self.orders),
            stopped=frozenset(map(place_text, self.stopped)),
            chosen=frozenset(map(place_text, self.chosen)),
        )

    def refusal(self, position: str) -> str | None:
        """Return why a place cannot be picked, None where it can."""
        if self.picks is None:
            return None
        return self.picks.get(position, "no order can go on here")


NOTHING = Overlay()


def place_text(position: str) -> str:
    """Return `0/try/1` for `0/try+3/1`."""
    return _TRIES.sub(r"\1\2", position) if "+" in position else position


def link(pattern: str, value: str) -> str:
    """Return the address of a pattern with a value in it, empty where there is no pattern."""
    return pattern.replace("{}", quote(value)) if pattern else ""


def folded_orders(standings: Sequence[Standing]) -> list[Standing]:
    """Return the orders of one state as one; a single order keeps its id."""
    found: dict[str, Standing] = {}
    for one in standings:
        known = found.get(one.group)
        found[one.group] = Standing(one.group, known.many + one.many) if known else one
    return list(found.values())


def _merged(orders: Mapping[str, Sequence[Standing]]) -> dict[str, list[Standing]]:
    found: dict[str, list[Standing]] = {}
    for at, standings in orders.items():
        found.setdefault(place_text(at), []).extend(standings)
    return {at: folded_orders(standings) for at, standings in found.items()}
