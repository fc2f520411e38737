"""The text of a workflow as it reads, once however many ask: to check it, for its names, to draw.

Pure; knows nothing of what is kept.
"""

from functools import lru_cache

from engine.workflow.read import Reading, read_workflow
from inventory.source import KEPT_CHARACTERS, values_of


def workflow_reading(source: str) -> Reading:
    """Return the workflow that a text says, or every problem of its shape.

    The texts read last are remembered: within an operation of the editor several ask.
    """
    return _reading_again(source) if len(source) <= KEPT_CHARACTERS else _reading(source)


def _reading(source: str) -> Reading:
    values = values_of(source)
    return Reading(None, values.problems) if values.data is None else read_workflow(values.data)


_reading_again = lru_cache(maxsize=8)(_reading)
