"""What else there is, as far as a check is told."""

from collections.abc import Mapping

import msgspec

from timetable.calendar import Calendar


class Known(msgspec.Struct, frozen=True):
    """Names that a document may refer to. What is None is not checked."""

    agents: frozenset[str] | None = None
    job_resources: frozenset[str] | None = None
    time_zones: frozenset[str] | None = None
    locks: frozenset[str] | None = None
    boards: frozenset[str] | None = None
    workflows: frozenset[str] | None = None
    subagent_clusters: frozenset[str] | None = None
    include_scripts: frozenset[str] | None = None
    calendars: Mapping[str, Calendar] | None = None


NOTHING_KNOWN = Known()
"""Nothing outside of the document is checked."""
