"""The agent's end of the link: old words, gaps and a controller that is away."""

import logging
from pathlib import Path

import msgspec
import pytest

from agents import protocol as pr
from agents.worker.journal import Journal
from agents.worker.partner import Partner
from engine.order import events as e

KEY = b"k" * 32
LIMITS = pr.encode_item(pr.Limits(4))


class End:
    """A partner with a clock and a carrier in memory."""

    def __init__(self, folder: Path) -> None:
        self.now = 100.0
        self.sent: list[tuple[str, pr.Envelope]] = []
        self.journal = Journal(folder / "journal.sqlite")
        self.journal.set("run", b"run")
        self.journal.commit()
        self.partner = self.made()

    def made(self) -> Partner:
        return Partner(
            "agent-1",
            "here-1",
            lock="here",
            controller="controller",
            processes=1,
            key=KEY,
            journal=self.journal,
            send=self.send,
            clock=lambda: self.now,
        )

    def send(self, to: str, letter: str) -> None:
        self.sent.append((to, pr.unseal(letter.partition("\n")[2], KEY, "up")))

    def hellos(self) -> list[pr.Hello]:
        words = [word for _, envelope in self.sent for word in envelope.words]
        return [word for word in words if isinstance(word, pr.Hello)]

    def letter(self, **more: object) -> str:
        fields = {"agent": "agent-1", "nonce": "here-1", "run": "run", "stream": "down", "term": 2}
        return pr.seal(msgspec.convert({**fields, **more}, pr.Envelope), KEY, "down")

    def open(self, **more: object) -> pr.Envelope:
        envelope = self.partner.open(self.letter(**more))
        assert envelope is not None
        return envelope

    def couple(self) -> None:
        self.open()
        self.partner.tick(0)
        answers = self.hellos()[-1].count
        assert self.partner.welcomed(self.welcome(answers)) is not None
        self.sent.clear()

    def welcome(self, answers: int, stream: str = "down") -> pr.Welcome:
        return pr.Welcome("controller", 2, "up", "run", 0, stream, answers=answers)


@pytest.fixture
def end(tmp_path: Path) -> End:
    return End(tmp_path)


def items(*bodies: bytes) -> tuple[msgspec.Raw, ...]:
    return tuple(msgspec.Raw(body) for body in bodies)


def test_only_the_answer_to_the_last_hello_couples_and_only_once(end: End) -> None:
    end.couple()
    last = end.partner._hellos
    assert end.partner.welcomed(end.welcome(last, "older")) is None
    end.partner.knocked(pr.Knock("controller", "up"))
    assert end.partner.welcomed(end.welcome(last, "older")) is None
    assert end.partner.welcomed(end.welcome(last + 1)) is not None


def test_the_log_tells_with_which_term_of_the_controller_it_has_coupled(
    end: End, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    end.couple()
    (record,) = caplog.records
    assert (record.getMessage(), vars(record)["term"]) == ("partner.coupled", 2)


def test_a_gap_is_told_and_nothing_behind_it_is_taken(end: End) -> None:
    end.couple()
    later = msgspec.structs.replace(end.open(), n=2, items=items(LIMITS))
    assert end.partner.fresh(later) == []
    end.partner.acknowledge()
    assert [type(word) for _, envelope in end.sent for word in envelope.words] == [pr.Missing]


def test_what_was_taken_is_not_taken_again_after_a_restart(end: End) -> None:
    end.couple()
    envelope = msgspec.structs.replace(end.open(), n=1, items=items(LIMITS, LIMITS))
    assert len(end.partner.fresh(envelope)) == 2
    end.journal.commit()
    again = end.made()
    again.queue = "up"
    assert again.fresh(envelope) == []
    assert again._hello().check == pr.checked(LIMITS)
    assert again._hello().have == 2


def test_a_letter_of_an_older_term_is_dropped_and_answered_once(end: End) -> None:
    end.couple()
    end.now += 5
    old = end.letter(term=1)
    assert [end.partner.open(old) for _ in range(50)] == [None] * 50
    end.partner.acknowledge()
    assert len(end.hellos()) == 1


def test_nothing_numbered_follows_a_hello_before_its_answer(end: End) -> None:
    end.couple()
    end.now += 5
    end.partner.open(end.letter(term=1))
    end.partner.acknowledge()
    end.journal.add(pr.Happened("o1", 1, e.OrderAttached("agent-1"), 1))
    end.partner.committed(end.journal.commit())
    assert [envelope.n for _, envelope in end.sent if envelope.items] == []
    assert end.partner.welcomed(end.welcome(end.hellos()[-1].count)) is not None
    end.partner.pump()
    assert [envelope.n for _, envelope in end.sent if envelope.items] == [1]


@pytest.mark.parametrize("more", [{"nonce": "another"}, {"agent": "another"}])
def test_a_letter_for_somebody_else_is_dropped(end: End, more: dict[str, str]) -> None:
    assert end.partner.open(end.letter(**more)) is None


def test_without_a_controller_it_says_hello_ever_more_seldom(end: End) -> None:
    for _ in range(600):
        end.now += 1
        end.partner.tick(0)
    assert 55 < len(end.hellos()) < 70
    assert [hello.count for hello in end.hellos()] == list(range(1, len(end.hellos()) + 1))


def test_events_are_sent_again_until_they_are_acknowledged(end: End) -> None:
    end.couple()
    end.journal.add(pr.Happened("o1", 1, e.OrderAttached("agent-1"), 1))
    end.partner.committed(end.journal.commit())
    for _ in range(30):
        end.now += 0.1
        end.partner._heard_s = end.now
        end.partner.tick(0)
    sent = [envelope.n for _, envelope in end.sent if envelope.items]
    assert sent == [1, 1, 1]
    end.partner.acknowledged(msgspec.structs.replace(end.open(), ack=1, ack_stream="run"))
    end.sent.clear()
    for _ in range(30):
        end.now += 0.1
        end.partner._heard_s = end.now
        end.partner.tick(0)
    assert [envelope.n for _, envelope in end.sent if envelope.items] == []


def test_an_acknowledgement_of_an_earlier_coupling_counts_for_nothing(end: End) -> None:
    """The journal was set back since it was said: the same numbers stand for other events."""
    end.couple()
    end.journal.add(pr.Happened("o1", 1, e.OrderAttached("agent-1"), 1))
    end.partner.committed(end.journal.commit())
    for stream, acked in (("earlier", 0), ("down", 1)):
        late = msgspec.structs.replace(end.open(), stream=stream, ack=9, ack_stream="run")
        end.partner.acknowledged(late)
        assert end.partner.acked == acked
