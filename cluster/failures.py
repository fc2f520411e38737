"""What can go wrong about leadership, as one family of exceptions."""


class ClusterFailure(Exception):
    """Root of everything this package raises on purpose."""


class BadLeaseConfig(ClusterFailure):
    """Timings that contradict each other; the message lists all problems."""


class BadDatabaseUrl(ClusterFailure):
    """A database URL that libpq does not understand. Never quotes it: it has a password."""


class BadRoleName(ClusterFailure):
    """A role or node name that does not fit into a session's name."""


class LeadershipLost(ClusterFailure):
    """The token's term is over: nothing was written, and nothing with this token ever will be."""


class UnknownOutcome(ClusterFailure):
    """A commit whose result is not certain: look it up before telling anybody."""


class NotFenceable(ClusterFailure):
    """A connection on which the fence would protect nothing (open transaction, wrong isolation)."""


class SwitchOverRefused(ClusterFailure):
    """A switch-over that cannot be asked for: unknown node, or no holder to ask."""
