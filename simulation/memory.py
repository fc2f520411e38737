"""The agent's journal in memory: the real one, which can lose what was not committed."""

from pathlib import Path

from agents.worker.journal import Journal


class MemoryJournal(Journal):
    """A journal that survives the crash of its agent as far as it was committed.

    `boot` stands for the file beside it: since which boot of the machine the folder is used.
    """

    def __init__(self) -> None:
        super().__init__(Path(":memory:"))
        self.boot = 0

    def lose(self) -> None:
        """Forget what was gathered and not committed: the agent has crashed."""
        self._events, self._orders, self._facts, self._items = [], {}, {}, []
        self.files.settled()
        self._held.reread()
        self.last_n = self._last_n()
