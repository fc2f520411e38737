"""What else there is, as far as a check is told."""

import msgspec


class Known(msgspec.Struct, frozen=True):
    """Names that a workflow may refer to. A set that is None is not checked."""

    agents: frozenset[str] | None = None
    job_resources: frozenset[str] | None = None
    time_zones: frozenset[str] | None = None
    locks: frozenset[str] | None = None
    boards: frozenset[str] | None = None
    workflows: frozenset[str] | None = None
    subagent_clusters: frozenset[str] | None = None
    include_scripts: frozenset[str] | None = None


NOTHING_KNOWN = Known()
"""Nothing outside of the document is checked."""
