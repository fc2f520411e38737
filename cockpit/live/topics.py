"""The topics that a page may subscribe to, and who may hear them. Pure."""

import re
from enum import StrEnum

import msgspec

from cockpit.access.policy import Account, Verb, may

LONGEST = 300
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Kind(StrEnum):
    """What a topic is about."""

    ORDERS = "orders"  # any order has changed
    ORDER = "order"  # one order, by its id
    WORKFLOW = "workflow"  # the orders of one workflow, by its path
    CLUSTER = "cluster"  # leases, nodes, links
    LOG = "log"  # lines of one job run, by its number
    PLAN = "plan"  # the planned orders of one day, by its date


_WITH_NAME = frozenset({Kind.ORDER, Kind.WORKFLOW, Kind.LOG, Kind.PLAN})


class Topic(msgspec.Struct, frozen=True):
    """A topic; `name` is empty where there is only one of its kind."""

    kind: Kind
    name: str = ""

    @property
    def text(self) -> str:
        """The topic as pages write it."""
        return f"{self.kind.value}:{self.name}" if self.kind in _WITH_NAME else self.kind.value


def read_topic(text: str) -> Topic | None:
    """Return the topic that a text names, None where there is no such topic."""
    kind, colon, name = text.partition(":")
    if len(text) > LONGEST or "\0" in text or kind not in set(Kind):
        return None
    if (Kind(kind) in _WITH_NAME) != bool(colon and name):
        return None
    if kind == Kind.LOG and not (name.isascii() and name.isdigit() and int(name) < 2**63):
        return None
    if kind == Kind.PLAN and not _DAY.fullmatch(name):
        return None
    return Topic(Kind(kind), name)


def may_hear(account: Account, topic: Topic) -> bool:
    """Return whether the account may hear a topic; rows are checked when they are asked for."""
    return may(account, Verb.LOOK)
