"""What the engine raises. One family; each class is named for what happened."""


class EngineError(Exception):
    """Root of everything that the rules raise."""


class CommandRefused(EngineError):
    """A command that does not fit the order's state or is invalid; nothing has changed.

    `code` is stable and meant for machines, the sentence for people.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class EventNotApplicable(EngineError):
    """An event that cannot follow from the order's state: the order is to be flagged as broken."""


class NotLoaded(EngineError):
    """Something that a decision needs is not in this world yet; load `key` and decide again."""

    def __init__(self, *key: str) -> None:
        super().__init__(f"{' '.join(key)} is not loaded")
        self.key = key
