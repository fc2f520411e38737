"""Locks, notices and queues over many turns and terms: rows, journal and orders agree."""

from collections import Counter
from typing import Any

import psycopg
import pytest

from controller import waking
from controller.changes import Changes
from controller.store import PostgresStore
from controller.store_facts import FactReads
from controller.verify import verify_journal
from engine.order import events as e
from engine.order import model as m
from engine.order.requests import ChangePriority, ControlWorkflow, DeleteNotice, PostNotice
from tests.component.controller.conftest import CONTROLLER, Desk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]

BOARD = {
    "postOrderToNoticeId": "'k'",
    "expectOrderToNoticeId": "'k'",
    "endOfLife": "$js7EpochMilli + 86400000",
}
PROMPT = {"TYPE": "Prompt", "question": "'go on?'"}


def expecting(boards: str = "'done'") -> dict[str, object]:
    """A workflow that waits for notices and then for a person."""
    return {"instructions": [{"TYPE": "ExpectNotices", "noticeBoardNames": boards}, PROMPT]}


def locking(lock: str = "printer") -> dict[str, object]:
    """A workflow that holds a lock until a person says so."""
    demand = {"lockName": lock}
    inside = {"instructions": [PROMPT]}
    return {"instructions": [{"TYPE": "Lock", "demands": [demand], "lockedWorkflow": inside}]}


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A controller with orders in all kinds of queues."""
    desk.deploy("noticeboard", "boards/done", BOARD)
    desk.deploy("noticeboard", "boards/other", BOARD)
    desk.deploy("lock", "locks/printer", {"limit": 1})
    desk.deploy("workflow", "expecting", expecting())
    desk.deploy("workflow", "both", expecting("'done' && 'other'"))
    desk.deploy("workflow", "locking", locking())
    desk.add("expecting", "e1", "e2")
    desk.add("both", "b1", "b2", "b3")
    desk.add("locking", "l1", "l2", "l3")
    return desk


def test_rows_of_facts_and_queues_equal_a_replay_of_the_journal(busy: Desk) -> None:
    busy.done(PostNotice("boards/done", "k"))
    busy.done(ChangePriority(("l3", "b3"), 7))
    busy.done(ControlWorkflow("expecting", "suspend"))
    busy.done(PostNotice("boards/other", "k2"))
    busy.done(DeleteNotice("boards/done", "k"))
    verdict = verify_journal(busy.dsn, CONTROLLER)
    assert verdict.ok, verdict.differences
    queue = PostgresStore(busy.conn, CONTROLLER).queue(("lock", "locks/printer", ""), None, 10)
    assert [order_id for _, _, order_id in queue] == ["l3", "l2"]
    assert verdict.facts
    assert verdict.waiters == len(busy.rows("SELECT 1 FROM controller_waiter"))
    assert verdict.waiters


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE controller_fact SET body = (SELECT body FROM controller_fact"
        " WHERE kind='notice' LIMIT 1) WHERE kind='lock'",
        "DELETE FROM controller_fact WHERE kind='lock'",
        "DELETE FROM controller_waiter WHERE order_id='l2'",
        "UPDATE controller_waiter SET no = no + 1 WHERE order_id='l2'",
        "INSERT INTO controller_waiter (controller, kind, name, key, order_id, negative_priority,"
        " no) VALUES ('c', 'lock', 'locks/printer', '', 'nobody', 0, 1)",
        "UPDATE controller_orderrow SET order_id = 'another' WHERE order_id='l2'",
    ],
)
def test_a_row_that_the_journal_does_not_explain_is_named(busy: Desk, harm: str) -> None:
    busy.done(PostNotice("boards/done", "k"))
    assert verify_journal(busy.dsn, CONTROLLER).ok
    busy.rows(harm)
    verdict = verify_journal(busy.dsn, CONTROLLER)
    assert not verdict.ok
    assert verdict.differences


def test_facts_of_a_journal_that_was_purged_are_not_guessed(busy: Desk) -> None:
    busy.rows("DELETE FROM controller_journalbatch WHERE first_no=1")
    busy.done(PostNotice("boards/done", "k"))
    verdict = verify_journal(busy.dsn, CONTROLLER)
    assert verdict.ok, verdict.differences
    assert verdict.facts is None


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one turn look at few orders only, so that a small release needs many turns."""
    monkeypatch.setattr(waking, "LOOKED_AT_ONCE", 7)
    monkeypatch.setattr(waking, "LOOKED_IN_A_SLICE", 3)


def released(desk: Desk) -> Counter[str]:
    """How often each order was released by a notice, after the journal."""
    found = desk.entries(lambda entry: isinstance(entry.event, e.OrderNoticesRead))
    return Counter(entry.order for entry in found)


@pytest.mark.usefixtures("slowly")
def test_a_new_term_goes_on_in_the_middle_of_a_release(desk: Desk) -> None:
    desk.deploy("noticeboard", "boards/done", BOARD)
    desk.deploy("workflow", "expecting", expecting())
    ids = [f"o{n:02d}" for n in range(60)]
    desk.add("expecting", *ids)
    desk.ask(PostNotice("boards/done", "k"))
    terms = 0
    while len(released(desk)) < len(ids):
        before = len(released(desk))
        assert desk.round.take()
        assert len(released(desk)) <= before + 10, "the release does not go in slices"
        desk.begin()
        terms += 1
        assert terms < 100
    desk.settle()
    assert terms >= 6
    assert released(desk) == Counter(ids)
    assert set(desk.states().values()) == {"Prompting"}
    assert verify_journal(desk.dsn, CONTROLLER).ok


@pytest.mark.usefixtures("slowly")
def test_a_term_that_forgets_unfinished_releases_would_be_noticed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FactReads, "unfinished", lambda _self: [])
    desk.deploy("noticeboard", "boards/done", BOARD)
    desk.deploy("workflow", "expecting", expecting())
    desk.add("expecting", *(f"o{n:02d}" for n in range(60)))
    desk.ask(PostNotice("boards/done", "k"))
    desk.round.take()
    desk.begin()
    desk.settle()
    assert 0 < len(released(desk)) < 60


@pytest.mark.usefixtures("slowly")
def test_orders_that_still_lack_another_notice_are_passed_once(desk: Desk) -> None:
    for board in ("boards/done", "boards/other"):
        desk.deploy("noticeboard", board, BOARD)
    desk.deploy("workflow", "both", expecting("'done' && 'other'"))
    ids = [f"o{n:02d}" for n in range(40)]
    desk.add("both", *ids)
    desk.ask(PostNotice("boards/done", "k"))
    turns = desk.settle()
    assert turns < 12
    assert set(desk.states().values()) == {"ExpectingNotices"}
    desk.ask(PostNotice("boards/other", "k"))
    desk.settle()
    assert released(desk) == Counter(ids)


@pytest.mark.usefixtures("slowly")
def test_an_order_that_cannot_be_stored_when_it_is_released_spares_all_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.deploy("noticeboard", "boards/done", BOARD)
    desk.deploy("workflow", "expecting", expecting())
    ids = [f"o{n:02d}" for n in range(40)]
    desk.add("expecting", *ids)
    commit = PostgresStore.commit

    def picky(self: PostgresStore, changes: Changes, *more: Any) -> None:
        states = {saved.order.id: saved.order.state for saved in changes.saved}
        if isinstance(states.get("o25"), m.Prompting):
            raise psycopg.errors.ProgramLimitExceeded("index row size 4000 exceeds 2704")
        commit(self, changes, *more)

    monkeypatch.setattr(PostgresStore, "commit", picky)
    desk.done(PostNotice("boards/done", "k"))
    expected = {order_id: "Broken" if order_id == "o25" else "Prompting" for order_id in ids}
    assert desk.states() == expected
    assert verify_journal(desk.dsn, CONTROLLER).ok


def statements(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what the controller asks its database from now on."""
    told: list[str] = []
    execute = psycopg.Connection.execute

    def watched(self: psycopg.Connection, query: str, *values: object, **more: object) -> object:
        if self is desk.conn:
            told.append(query)
        return execute(self, query, *values, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(psycopg.Connection, "execute", watched)
    return told


def test_a_turn_that_changes_no_fact_does_not_speak_of_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.deploy("workflow", "asking", {"instructions": [PROMPT]})
    desk.add("asking", "first")
    told = statements(desk, monkeypatch)
    desk.add("asking", "second")
    assert any("controller_orderrow" in statement for statement in told)
    assert not [s for s in told if "controller_fact" in s or "controller_waiter" in s]


def test_a_turn_that_changes_a_fact_does(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.deploy("lock", "locks/printer", {"limit": 1})
    desk.deploy("workflow", "locking", locking())
    told = statements(desk, monkeypatch)
    desk.add("locking", "first")
    assert [s for s in told if "INSERT INTO controller_fact" in s]
