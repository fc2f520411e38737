"""How each process writes its log: one line for each event, with its facts. Knows no event.

Here because an agent's machine has nothing that lies further up.
"""

import logging
import time

_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class FactLines(logging.Formatter):
    """Writes moment, level, logger and event, then the facts of the event as `name=value`.

    Moments are UTC, whatever the zone of the machine: logs of several machines can be put together.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

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


def log_to_stderr(level: int = logging.INFO) -> None:
    """Have events of this level and above written to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(FactLines())
    logging.basicConfig(level=level, handlers=[handler])
