"""The controller's end of a link over a carrier that the test holds in its hands."""

import logging
from typing import Any

import pytest

from agents import protocol as pr
from controller.changes import LinkState
from controller.greeting import Greeting
from controller.links import ALIVE_S, RESEND_AFTER_S, SILENT_S, Links, judge

KEY = b"k" * 32
STORED = [(n, b"\x90") for n in range(1, 6)]


class Wire:
    """Links with a clock and a carrier in memory."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sent: list[tuple[str, pr.Envelope]] = []
        self.dropped: list[str] = []
        self.links = Links(
            "controller",
            3,
            1,
            key_of={"agent-1": KEY}.get,
            send=lambda to, text: self.sent.append((to, pr.unseal(text, KEY, "down"))),
            drop=self.dropped.append,
            stored=lambda _agent, after, limit: [r for r in STORED if r[0] > after][:limit],
            clock=lambda: self.now,
            new_word=lambda: "word",
        )
        state = LinkState("agent-1", "stream", run="run", nonce="here-1", next_n=6, state="coupled")
        self.links.load({"agent-1": state})
        self.sent.clear()

    def couple(self) -> None:
        self.links.meet("agent-1", "here-1")
        self.links.couple("agent-1", "here-1", 0)

    def numbers(self) -> list[int]:
        found = [envelope.n for _, envelope in self.sent if envelope.items]
        self.sent.clear()
        return found

    def words(self) -> list[Any]:
        found = [type(word) for _, envelope in self.sent for word in envelope.words]
        self.sent.clear()
        return found


@pytest.fixture
def wire() -> Wire:
    return Wire()


def test_what_is_not_acknowledged_is_sent_again_ever_more_seldom(wire: Wire) -> None:
    wire.couple()
    assert wire.numbers() == [1]
    pauses: list[float] = []
    last = wire.now
    while len(pauses) < 3:
        wire.now += 0.1
        wire.links.heard("agent-1", 0, "stream")
        wire.links.tick()
        if wire.numbers():
            pauses.append(round(wire.now - last, 1))
            last = wire.now
    assert pauses[0] < pauses[1] < pauses[2]
    assert pauses[0] <= RESEND_AFTER_S + 0.2


def test_an_acknowledgement_is_progress_and_ends_resending(wire: Wire) -> None:
    wire.couple()
    wire.sent.clear()
    assert wire.links.heard("agent-1", 5, "stream")
    assert not wire.links.heard("agent-1", 5, "stream")
    assert not wire.links.heard("agent-1", 9, "another stream")
    wire.now += 5
    wire.links.tick()
    assert wire.numbers() == []


def test_a_gap_that_the_agent_tells_of_is_filled_at_once(wire: Wire) -> None:
    wire.couple()
    wire.sent.clear()
    wire.now += 0.4
    wire.links.missed("agent-1")
    assert wire.numbers() == [1]
    wire.links.missed("agent-1")
    assert wire.numbers() == []


def test_a_silent_agent_is_sent_nothing_numbered_and_knocks_ever_more_seldom(wire: Wire) -> None:
    wire.couple()
    wire.now += ALIVE_S + 1
    wire.sent.clear()
    knocks = 0
    for _ in range(600):
        wire.now += 1
        wire.links.tick()
        assert wire.sent == [] or wire.sent[-1][1].items == ()
        knocks += wire.words().count(pr.Knock)
    assert 5 < knocks < 20


def test_the_log_tells_when_an_agent_falls_silent_and_when_it_is_back(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(2):
        wire.couple()
        wire.now += ALIVE_S + 1
        wire.links.tick()
    told = [record.getMessage() for record in caplog.records]
    assert told == ["link.coupled", "link.silent"] * 2
    assert all(vars(record)["agent"] == "agent-1" for record in caplog.records)


@pytest.mark.parametrize("state", ["coupled", "silent"])
def test_a_take_over_writes_nothing_of_an_agent_that_it_has_not_heard(
    wire: Wire, state: str
) -> None:
    link = wire.links.states["agent-1"]
    link.state = state
    wire.now += 3
    assert not wire.links.note_life()
    assert (link.state, wire.links.silence_s("agent-1")) == (state, None)
    wire.now += SILENT_S
    assert wire.links.note_life() == (state == "coupled")
    assert (link.state, wire.links.silence_s("agent-1")) == ("silent", None)


def test_how_long_an_agent_is_silent_counts_from_its_last_word(wire: Wire) -> None:
    wire.couple()
    wire.now += 2
    wire.links.heard("agent-1", 0, "stream")
    wire.now += SILENT_S + 1
    assert wire.links.note_life()
    assert wire.links.states["agent-1"].state == "silent"
    assert wire.links.silence_s("agent-1") == SILENT_S + 1


def test_the_queue_of_an_earlier_instance_is_thrown_away(wire: Wire) -> None:
    wire.couple()
    wire.links.meet("agent-1", "here-2")
    assert wire.dropped == ["agent.agent-1.here-1"]
    assert "here-1" in wire.links.sending["agent-1"].past


def hello(**more: Any) -> pr.Hello:
    fields: dict[str, Any] = {
        "agent": "agent-1", "run": "run", "nonce": "here-1", "lock": "", "first": 1, "last": 7,
        "stream": "stream", "have": 5, "term": 3, "processes": 1, "check": pr.checked(b"fifth"),
    }  # fmt: skip
    return pr.Hello(**{**fields, **more})


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, "couple"),
        ({"run": "another", "stream": ""}, "new"),
        ({"run": "another"}, "list"),
        ({"last": 6}, "reset"),
        ({"have": 6}, "list"),
        ({"first": 9, "last": 9}, "list"),
        ({"check": "of something else"}, "list"),
        ({"stream": "older", "have": 3}, "list"),
        ({"stream": "", "have": 0}, "couple"),
    ],
)
def test_what_both_remember_decides_how_a_link_goes_on(more: dict[str, Any], verdict: str) -> None:
    link = LinkState("agent-1", "stream", run="run", next_n=6, taken_n=7)
    assert judge(link, hello(**more), b"fifth").verdict == verdict


@pytest.mark.parametrize(("gap", "verdict"), [(False, "couple"), (True, "reset")])
def test_an_agent_that_asks_for_what_it_has_acknowledged_went_back(gap: bool, verdict: str) -> None:
    link = LinkState("agent-1", "stream", run="run", next_n=6, taken_n=7)
    assert judge(link, hello(have=3), None, gap=gap).verdict == verdict


def test_without_the_digest_a_set_back_stream_would_pass_for_the_same() -> None:
    link = LinkState("agent-1", "stream", run="run", next_n=6, taken_n=7)
    assert judge(link, hello(check="of something else"), None).verdict == "couple"


@pytest.mark.parametrize(("before", "verdict"), [("listing", "list"), ("coupled", "couple")])
def test_who_owes_a_list_owes_it_still_after_a_quarantine(
    wire: Wire, before: str, verdict: str
) -> None:
    link = wire.links.states["agent-1"]
    link.state, link.taken_n = before, 7
    greeting = Greeting(
        wire.links,
        NotImplemented,
        clock=lambda: wire.now,
        joined=lambda _agent: None,
        new_stream=lambda: "another",
    )
    greeting.quarantine("agent-1", "it cannot be read")
    assert link.problem == "it cannot be read"
    assert judge(link, hello(), b"fifth").verdict == verdict
