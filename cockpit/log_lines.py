"""How the cockpit writes its log: one line for each event, with its facts. Knows no event."""

import logging

_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class FactLines(logging.Formatter):
    """Writes moment, level, logger and event, then the facts of the event as `name=value`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # the library's name
        """Return the line without what follows it, such as a traceback."""
        facts = [
            f"{name}={value!r}"
            for name, value in vars(record).items()
            if name not in _OF_EVERY_RECORD
        ]
        return " ".join([super().formatMessage(record), *facts])


def log_to_stderr() -> None:
    """Have warnings and errors written to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(FactLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    # What fails is told once, with its request id; what is refused is told to who has asked.
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
