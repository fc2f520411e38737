"""The part of this process in the cockpit cluster, where it has one; for health checks."""

from cluster.role import Role

_role: Role | None = None


def set_role(role: Role | None) -> None:
    """Note the role in which this process takes part."""
    global _role  # noqa: PLW0603  # a process is one member
    _role = role


def role() -> Role | None:
    """Return the role in which this process takes part, None where it takes none."""
    return _role
