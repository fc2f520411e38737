"""What an agent gives to each job: folders, a basic environment, job resources, its key."""

from collections.abc import Mapping

import msgspec

from agents.sealed import Opener
from agents.worker.hands.scripts import Scripts
from engine.order.resource_scope import Find, none
from engine.order.secret import PREFIX


class Workplace(msgspec.Struct, frozen=True):
    """`folder` is where files of attempts lie; `basic` is what every job's environment has.

    `find` knows the job resources, `opener` opens values sealed for this agent.
    """

    scripts: Scripts
    folder: str
    basic: Mapping[str, str]
    find: Find = none
    opener: Opener = Opener("", b"")


class Unsealing:
    """Opens the sealed values of one job run and remembers what has to stay secret."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self.secrets: list[str] = []

    def text(self, text: str) -> str:
        """Return the text with the sealed values in it opened.

        Raises:
            SealFailure: one of them cannot be opened here.
        """
        if PREFIX not in text:
            return text
        plain, found = self._opener.open(text)
        self.secrets += found
        return plain

    def value(self, value: object) -> object:
        """Return a value with the sealed ones in it opened, at any depth."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if isinstance(value, dict):
            return {name: self.value(one) for name, one in value.items()}
        return value
