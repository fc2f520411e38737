"""What controllers answered stands in the audit log, noted once, by the active member only."""

import threading
import uuid
from datetime import UTC, datetime

import msgspec
import psycopg
import pytest

from cluster.failures import LeadershipLost
from cluster.lease import Token
from cockpit.models import AuditEntry
from cockpit.services.answers import NotingAnswers, note_answers
from cockpit.services.ground import Ground
from controller.models import Command
from engine.order.requests import Answer, Answered
from tests.system.waiting import wait_until

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def asked(*oks: bool, answered: bool = True) -> tuple[uuid.UUID, AuditEntry]:
    """Write a command and its audit entry, as the rim does."""
    answer = Answer(tuple(Answered(f"o{no}", ok=ok) for no, ok in enumerate(oks)))
    command = Command.objects.create(
        id=uuid.uuid4(),
        controller="c",
        lane=0,
        body=b"",
        account="anne",
        made_at=NOON,
        answer=msgspec.msgpack.encode(answer) if answered else None,
    )
    entry = AuditEntry.objects.create(
        at=NOON,
        account="anne",
        through="api",
        verb="cancel",
        kind="order",
        objects_named=["o0"],
        command=command.id,
    )
    return command.id, entry


def results() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("result", flat=True))


def test_results_follow_the_answers(token: Token) -> None:
    for oks in ((True, True), (True, False), (False,)):
        asked(*oks)
    asked(True, answered=False)
    assert note_answers(token) == 3
    assert results() == ["accepted", "partly", "refused", ""]


def test_noting_again_changes_nothing(token: Token) -> None:
    command, _ = asked(False)
    note_answers(token)
    Command.objects.filter(id=command).update(answer=msgspec.msgpack.encode(Answer(())))
    assert note_answers(token) == 0
    assert results() == ["refused"]


def test_commands_without_answers_hold_up_nobody(token: Token) -> None:
    for _ in range(205):
        asked(True, answered=False)
    asked(True)
    assert note_answers(token) == 1
    assert results()[-1] == "accepted"


def test_a_deposed_member_notes_nothing(token: Token, conn: psycopg.Connection) -> None:
    asked(True)
    conn.execute("UPDATE cluster_lease SET term = 4, holder = 'cockpit-2/bb'")
    with pytest.raises(LeadershipLost):
        note_answers(token)
    assert results() == [""]


def test_an_announced_answer_is_noted_at_once(
    token: Token, conn: psycopg.Connection, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cockpit.services.answers.LOOK_S", 600.0)
    asked(True)
    command, _ = asked(True, answered=False)
    stop = threading.Event()
    ground = Ground(dsn=dsn, broker_url="", controller="c", token=token)
    noting = threading.Thread(target=NotingAnswers(ground, stop).run_once, args=(token, NOON))
    noting.start()
    try:
        wait_until(lambda: results() == ["accepted", ""])
        body = msgspec.msgpack.encode(Answer((Answered("o0", ok=True),)))
        Command.objects.filter(id=command).update(answer=body)

        def noted() -> bool:
            conn.execute("SELECT pg_notify('stellwerk_answers_c', %s)", (str(command),))
            return results() == ["accepted", "accepted"]

        wait_until(noted)
    finally:
        stop.set()
        noting.join(10)
    assert not noting.is_alive()
