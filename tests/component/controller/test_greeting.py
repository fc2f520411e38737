"""How the controller meets instances of an agent: late Hellos, knocks, nothing told too early."""

from itertools import count
from typing import Any

import pytest

from agents import protocol as pr
from controller.changes import NOT_TOLD, LinkState
from controller.greeting import Greeting
from controller.links import Links
from controller.turn import Turn
from engine.world import World
from simulation.store import MemoryStore

AGENT, KEY = "agent-1", b"k" * 32
NOW, BEFORE = "here-2", "here-1"


class Door:
    """The greeting of a term that has met an agent's instance, or only knows it from rows."""

    def __init__(self, *, met: bool = True) -> None:
        self.said: list[tuple[str, pr.Unnumbered]] = []
        self.count = count(1)
        self.store = MemoryStore()
        self.links = Links(
            "controller",
            2,
            1,
            key_of={AGENT: KEY}.get,
            send=self._send,
            stored=self.store.outbox,
            clock=lambda: 100.0,
            new_word=lambda: f"word-{next(self.count)}",
        )
        link = LinkState(AGENT, "stream", run="run", nonce=NOW, taken_n=9, state="coupled")
        self.links.load({AGENT: link})
        self.greeting = Greeting(
            self.links,
            self.store,
            clock=lambda: 100.0,
            joined=lambda _agent: None,
            new_stream=lambda: "another stream",
        )
        self.said.clear()
        if met:
            self.meet(NOW)

    def _send(self, to: str, letter: str) -> None:
        self.said += [(to, word) for word in pr.unseal(letter, KEY, "down").words]

    @property
    def link(self) -> LinkState:
        return self.links.states[AGENT]

    def hello(self, nonce: str = NOW, *, last: int = 9, **more: Any) -> None:
        """Take a Hello into a turn."""
        turn = Turn(
            World(),
            self.store,
            self.links.states,
            last_no=0,
            now_us=0,
            stored={},
            verify=lambda _request: [],
            new_link=lambda agent: LinkState(agent, "stream"),
        )
        fields = {"count": next(self.count), "term": 2, "stream": "stream", "have": 0, **more}
        word = pr.Hello(
            agent=AGENT, run="run", nonce=nonce, lock="", first=1, last=last, processes=1, **fields
        )
        self.greeting.hello(turn, word, lambda _term: None)

    def knock(self, nonce: str) -> str:
        """Let an instance say hello unasked; returns the word that it is to repeat."""
        self.hello(nonce)
        self.greeting.after_commit()
        knocks = [word.word for _, word in self.said if isinstance(word, pr.Knock)]
        self.said.clear()
        return knocks[-1]

    def meet(self, nonce: str) -> None:
        """Let an instance answer a Knock."""
        self.hello(nonce, knock=self.knock(nonce))
        self.greeting.after_commit()
        self.said.clear()

    def words(self) -> list[tuple[str, type]]:
        """Return what was said since the last look, to whom."""
        said, self.said = self.said, []
        return [(to.rpartition(".")[2], type(word)) for to, word in said]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({}, pr.Welcome),
        ({"nonce": "here-3"}, pr.Knock),
        ({"nonce": "elsewhere-1", "knock": "?"}, pr.Welcome),
    ],
)
def test_a_turn_says_nothing_to_an_agent_before_it_is_committed(
    more: dict[str, Any], word: type
) -> None:
    door = Door()
    if "knock" in more:
        more = {**more, "knock": door.knock(more["nonce"])}
    door.hello(**more)
    assert door.words() == []
    door.greeting.after_commit()
    assert door.words() == [(more.get("nonce", NOW), word)]


def test_an_instance_that_was_never_met_is_knocked_at_before_it_is_believed() -> None:
    door = Door()
    door.hello(BEFORE, last=0)
    door.greeting.after_commit()
    assert door.words() == [(BEFORE, pr.Knock)]
    assert (door.link.run, door.link.nonce, door.link.taken_n) == ("run", NOW, 9)


def test_a_hello_tells_of_the_agents_machine_and_clock() -> None:
    door = Door()
    door.hello(host="m7", version="9", at_us=5_000_000)
    assert (door.link.host, door.link.version, door.link.processes) == ("m7", "9", 1)
    assert door.link.ahead_us == 5_000_000
    door.hello()
    assert door.link.ahead_us == 5_000_000


def test_an_agent_that_comes_back_gets_work_of_its_clusters_at_once() -> None:
    door = Door()
    door.link.state, door.link.alive = "silent", False
    door.hello()
    assert (door.link.state, door.link.alive) == ("coupled", True)


def test_an_agent_on_a_new_stream_is_told_its_limit_anew() -> None:
    door = Door()
    door.link.limit = 4
    door.hello(stream="another")
    assert door.link.limit == NOT_TOLD


def test_an_instance_that_answers_a_knock_takes_the_place_of_the_last_one() -> None:
    door = Door()
    door.meet("here-3")
    assert door.link.nonce == "here-3"


def test_an_answer_to_a_knock_from_before_the_present_instance_is_not_believed() -> None:
    door = Door()
    before = door.knock(BEFORE)
    door.meet("here-3")
    door.hello(BEFORE, knock=before, last=0)
    assert (door.link.run, door.link.nonce) == ("run", "here-3")


def test_a_hello_from_before_this_term_is_not_believed_even_of_the_same_instance() -> None:
    door = Door(met=False)
    door.hello(NOW, last=3)
    door.greeting.after_commit()
    assert door.words() == [(NOW, pr.Knock)]
    assert (door.link.run, door.link.taken_n) == ("run", 9)


@pytest.mark.parametrize(("kept", "run"), [((1, 2, 3), "run"), ((3,), ""), ((), "")])
def test_an_agent_on_no_stream_was_set_back_if_messages_are_acknowledged_already(
    kept: tuple[int, ...], run: str
) -> None:
    door = Door()
    door.link.next_n = 4
    door.store.outboxes[AGENT] = {n: pr.encode_item(pr.Limits(4)) for n in kept}
    door.hello(stream="")
    assert door.link.run == run  # without a run: the agent is to begin a new one
