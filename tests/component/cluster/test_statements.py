"""The statements on a lease against a real PostgreSQL."""

from collections.abc import Iterator

import psycopg
import pytest

from cluster import nodes, statements
from cluster.connection import connect_watcher, connect_writer, dsn_from_url
from cluster.failures import BadDatabaseUrl
from cluster.fence import fenced
from cluster.lease import CONTROLLER, Member, Phase, Reason, Seen, Token

ROLE = "controller"
ANNE, BERT = Member("anne", "a1"), Member("bert", "b1")


@pytest.fixture
def conn(dsn: str) -> Iterator[psycopg.Connection]:
    with connect_watcher(dsn, "lease:test", CONTROLLER) as conn:
        statements.ensure(conn, ROLE)
        yield conn


def seen(conn: psycopg.Connection) -> Seen:
    row = statements.look(conn, ROLE)
    assert row is not None
    return row


def taken_by(conn: psycopg.Connection, member: Member, reason: Reason = Reason.SILENT) -> Token:
    token = statements.take_over(conn, ROLE, seen(conn), member=member, reason=reason)
    assert token is not None
    return token


def kinds(conn: psycopg.Connection) -> list[str]:
    return [row[0] for row in conn.execute("SELECT kind FROM cluster_lease_event ORDER BY id")]


def test_a_role_never_used_is_vacant(conn: psycopg.Connection) -> None:
    statements.ensure(conn, ROLE)
    assert seen(conn) == Seen(term=0, beat=0, holder=None, phase=Phase.RELEASED)
    assert statements.look(conn, "other") is None


def test_a_take_over_raises_the_term_by_one(conn: psycopg.Connection) -> None:
    assert taken_by(conn, ANNE, Reason.VACANT).term == 1
    token = taken_by(conn, BERT)
    assert (token.term, token.holder, token.timeline) == (2, "bert/b1", 1)
    assert kinds(conn) == ["SwitchedOver", "TookOver"]


def test_of_two_candidates_that_saw_the_same_row_one_wins(conn: psycopg.Connection) -> None:
    before = seen(conn)
    won = statements.take_over(conn, ROLE, before, member=ANNE, reason=Reason.VACANT)
    lost = statements.take_over(conn, ROLE, before, member=BERT, reason=Reason.VACANT)
    assert won is not None
    assert lost is None
    assert seen(conn).holder == "anne/a1"


def test_a_holder_that_beat_meanwhile_is_not_replaced(conn: psycopg.Connection) -> None:
    token = taken_by(conn, ANNE)
    before = seen(conn)
    assert statements.beat(conn, token) is not None
    assert not statements.take_over(conn, ROLE, before, member=BERT, reason=Reason.SILENT)


def test_an_old_term_cannot_beat_drain_resume_or_release(conn: psycopg.Connection) -> None:
    old = taken_by(conn, ANNE)
    taken_by(conn, BERT)
    before = seen(conn)
    assert statements.beat(conn, old) is None
    assert not statements.drain(conn, old, "carl")
    assert not statements.resume(conn, old)
    assert not statements.release(conn, old, to=None, phase=Phase.RELEASED, wait_s=1)
    assert seen(conn) == before


def test_the_same_node_after_a_restart_cannot_beat_for_its_predecessor(
    conn: psycopg.Connection,
) -> None:
    token = taken_by(conn, ANNE)
    again = Token(ROLE, token.term, Member("anne", "a2").holder)
    assert statements.beat(conn, again) is None


def test_a_release_waits_for_writes_in_flight(dsn: str, conn: psycopg.Connection) -> None:
    token = taken_by(conn, ANNE)
    with connect_writer(dsn, token) as writing:
        with fenced(writing, token), pytest.raises(psycopg.errors.LockNotAvailable):
            statements.release(conn, token, to="bert", phase=Phase.RELEASED, wait_s=0.05)
        assert statements.release(conn, token, to="bert", phase=Phase.RELEASED, wait_s=0.05)
    assert seen(conn).phase is Phase.RELEASED
    assert seen(conn).intended == "bert"


def test_a_wish_to_switch_over_reaches_the_row_only_if_another_node_holds_it(
    conn: psycopg.Connection,
) -> None:
    assert not statements.intend(conn, ROLE, "bert")  # nobody to ask
    taken_by(conn, ANNE)
    assert not statements.intend(conn, ROLE, "anne")
    assert statements.intend(conn, ROLE, "bert")
    assert seen(conn).intended == "bert"


def test_a_role_kept_by_a_node_that_is_down_can_be_handed_on(conn: psycopg.Connection) -> None:
    token = taken_by(conn, ANNE)
    assert statements.release(conn, token, to=None, phase=Phase.SHUTDOWN, wait_s=1)
    assert statements.intend(conn, ROLE, "bert")
    assert seen(conn).phase is Phase.RELEASED


def test_sessions_of_other_roles_and_of_watchers_survive_a_take_over(
    dsn: str, conn: psycopg.Connection
) -> None:
    token = taken_by(conn, ANNE)
    # A role whose name continues this one's must not be taken for it.
    neighbour = Token("controller-2", 1, "anne/a1")
    with connect_writer(dsn, neighbour) as other, connect_writer(dsn, token) as own:
        taken_by(conn, BERT)
        other.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            own.execute("SELECT 1")


def test_people_may_set_the_date_columns_to_anything(conn: psycopg.Connection) -> None:
    token = taken_by(conn, ANNE)
    before = seen(conn)
    for moment in ("1970-01-01", "2999-01-01"):
        conn.execute("UPDATE cluster_lease SET changed_at = %s", (moment,))
        assert seen(conn) == before
    assert statements.beat(conn, token) is not None


def test_a_node_name_belongs_to_one_process_until_it_is_silent(conn: psycopg.Connection) -> None:
    first = nodes.NodeName(ROLE, Member("anne", "a1"), CONTROLLER)
    second = nodes.NodeName(ROLE, Member("anne", "a2"), CONTROLLER)
    assert first.claim(conn, 0.0)
    for tick in range(20):
        first.beat(conn, nodes.NodeFacts(url="http://anne", version="1", coupled_no=tick))
        assert not second.claim(conn, tick / 4)
    silence = [second.claim(conn, tick / 4) for tick in range(20, 31)]
    assert silence == [False] * 9 + [True, True]
    assert not first.claim(conn, 8.0)
    assert not nodes.is_known(conn, ROLE, "bert")


def test_a_name_is_free_at_once_after_leaving(conn: psycopg.Connection) -> None:
    first = nodes.NodeName(ROLE, Member("anne", "a1"), CONTROLLER)
    assert first.claim(conn, 0.0)
    assert nodes.is_known(conn, ROLE, "anne")
    first.leave(conn)
    assert not nodes.is_known(conn, ROLE, "anne")
    assert nodes.NodeName(ROLE, Member("anne", "a2"), CONTROLLER).claim(conn, 0.0)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://u:p%40@db:5433/stw", {"user": "u", "password": "p@", "host": "db"}),
        ("postgresql:///stw?host=/run/pg", {"host": "/run/pg", "dbname": "stw"}),
        ("psql://u@%2Frun%2Fpg/stw", {"host": "/run/pg", "user": "u"}),
        ("postgres://a:1,b:2/stw", {"host": "a,b", "target_session_attrs": "read-write"}),
        ("postgres://db/stw?connect_timeout=9", {"connect_timeout": 9}),
    ],
)
def test_a_database_url_becomes_a_connection_string(url: str, expected: dict[str, object]) -> None:
    given = psycopg.conninfo.conninfo_to_dict(dsn_from_url(url, "w:x"))
    assert given["application_name"] == "w:x"
    assert {name: str(given[name]) for name in expected} == {
        name: str(value) for name, value in expected.items()
    }


def test_a_bad_database_url_is_refused_without_telling_the_password() -> None:
    with pytest.raises(BadDatabaseUrl) as refused:
        dsn_from_url("postgres://u:secret@db/stw?what=ever", "x")
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
