"""Node rows: which processes could hold a role, and that a node's name is used only once.

A second process with the same node name differs in its incarnation. It gets the name only when the
first has left or has been silent as long as a lost holder; until then it holds nothing.
"""

import msgspec
import psycopg

from cluster.lease import LeaseConfig, Member, Silence


class NodeFacts(msgspec.Struct, frozen=True):
    """What a node tells about itself with each beat."""

    url: str = ""
    version: str = ""
    coupled_no: int | None = None


class NodeName:
    """The name of one member in one role: claims it, keeps it, and knows whether it is ours."""

    def __init__(self, role: str, member: Member, config: LeaseConfig) -> None:
        self._role = role
        self._member = member
        self._lost_s = config.lost_s
        self._silence = Silence(gap_s=config.lost_s / 2)

    def blind(self) -> None:
        """Forgets the other's silence, because the observer's own query failed."""
        self._silence.forget()

    def claim(self, conn: psycopg.Connection, now_s: float) -> bool:
        """Returns whether the name is ours, after taking it if it is free."""
        row = conn.execute(
            "SELECT incarnation, beat FROM cluster_node WHERE role = %s AND node = %s",
            (self._role, self._member.node),
        ).fetchone()
        if row is None:
            return self._register(conn)
        incarnation, beat = row
        if incarnation == self._member.incarnation:
            return True
        silent = self._silence.seconds((incarnation, beat), now_s) >= self._lost_s
        return (not incarnation or silent) and self._replace(conn, incarnation, beat)

    def beat(self, conn: psycopg.Connection, facts: NodeFacts) -> None:
        """Shows that this member lives; does nothing while the name is another's."""
        conn.execute(
            "UPDATE cluster_node SET beat = beat + 1, url = %s, version = %s, coupled_no = %s,"
            " changed_at = clock_timestamp() WHERE role = %s AND node = %s AND incarnation = %s",
            (facts.url, facts.version, facts.coupled_no, *self._key()),
        )

    def leave(self, conn: psycopg.Connection) -> None:
        """Frees the name."""
        conn.execute(
            "UPDATE cluster_node SET incarnation = '', beat = beat + 1,"
            " changed_at = clock_timestamp() WHERE role = %s AND node = %s AND incarnation = %s",
            self._key(),
        )

    def _key(self) -> tuple[str, str, str]:
        return self._role, self._member.node, self._member.incarnation

    def _register(self, conn: psycopg.Connection) -> bool:
        made = conn.execute(
            "INSERT INTO cluster_node (role, node, incarnation) VALUES (%s, %s, %s)"
            " ON CONFLICT (role, node) DO NOTHING",
            self._key(),
        )
        return made.rowcount == 1

    def _replace(self, conn: psycopg.Connection, incarnation: str, beat: int) -> bool:
        changed = conn.execute(
            "UPDATE cluster_node SET incarnation = %s, beat = beat + 1"
            " WHERE role = %s AND node = %s AND incarnation = %s AND beat = %s",
            (self._member.incarnation, self._role, self._member.node, incarnation, beat),
        )
        return changed.rowcount == 1


def is_known(conn: psycopg.Connection, role: str, node: str) -> bool:
    """Returns whether a running node of this name ever joined the role and has not left."""
    found = conn.execute(
        "SELECT 1 FROM cluster_node WHERE role = %s AND node = %s AND incarnation <> ''",
        (role, node),
    )
    return found.fetchone() is not None
