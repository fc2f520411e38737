"""What else there is besides a document, as far as its checks ask."""

from functools import cache
from zoneinfo import available_timezones

from engine.workflow.check import Known


@cache
def known_names() -> Known:
    """Return the names that documents may refer to.

    Agents are not checked: an order waits for one that has yet to join.
    """
    # A machine without a zone database would otherwise know no zone at all.
    zones = frozenset(available_timezones()) or None
    return Known(job_resources=frozenset(), time_zones=zones)
