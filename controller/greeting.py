"""How an agent and this term's controller come together."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Protocol

import msgspec

from agents import protocol as pr
from controller.changes import NOT_TOLD, LinkState, Store
from controller.links import ALIVE_S, Coupling, Links, Sending, judge
from controller.turn import Turn

log = logging.getLogger(__name__)


class Waiting(msgspec.Struct):
    """A Hello whose effect is committed with the turn, to be answered afterwards."""

    hello: pr.Hello
    have: int
    reset: bool = False
    list_holdings: bool = False


class Rows(Store, Protocol):
    """What a greeting reads: whom an agent holds, and what it was sent."""

    def outbox(self, agent: str, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Return messages to an agent that are not acknowledged, from `after` on."""


class Greeting:
    """Answers each Hello by what both sides remember. Nothing is told before it is committed."""

    def __init__(
        self,
        links: Links,
        store: Rows,
        *,
        clock: Callable[[], float],
        joined: Callable[[str], None],
        new_stream: Callable[[], str],
    ) -> None:
        self._links, self._store, self._clock, self._joined = links, store, clock, joined
        self._new_stream = new_stream
        # Every envelope tells how far the agent's stream is taken: a turn says nothing before that
        # is durable.
        self._unsaid: list[Callable[[], None]] = []

    def hello(self, turn: Turn, hello: pr.Hello, outgrow: Callable[[int], None]) -> None:
        """Couple with an agent as part of a turn."""
        if hello.term > self._links.term:
            outgrow(hello.term)
        one = self._links.sending.setdefault(hello.agent, Sending(hello.agent))
        if self._is_old(one, hello):
            return
        if not self._is_met(one, hello):
            self._unsaid.append(partial(self._links.knock, hello.agent, hello.nonce))
            return
        link = turn.out.link(hello.agent)
        if not link.run:
            self._joined(hello.agent)
        problem = self._refusal(one, link, hello)
        if problem:
            refusal = self._welcome(hello, link, problem=problem)
            say = partial(self._links.say, hello.agent, refusal, nonce=hello.nonce)
            self._unsaid.append(say)
            return
        self._unsaid.append(partial(self._welcomed, self._agree(turn, one, link, hello)))
        link.nonce, link.problem, link.alive, link.changed = hello.nonce, "", True, True
        link.host, link.version, link.processes = hello.host, hello.version, hello.processes
        link.told_clock(hello.at_us, turn.now_us)
        self._links.meet(hello.agent, hello.nonce)

    def _agree(self, turn: Turn, one: Sending, link: LinkState, hello: pr.Hello) -> Waiting:
        """Change the link as both sides' memories ask for; returns what to answer after that."""
        # An agent that is on the stream of its list has the list in its journal already.
        lists = link.state == "listing" and one.listing == link.stream == hello.stream
        coupling = Coupling("lists") if lists else self._judged(link, hello)
        if coupling.why:
            log.warning("link.coupled_anew", extra={"agent": hello.agent, "why": coupling.why})
        waiting = Waiting(hello, have=hello.have if hello.stream == link.stream else 0)
        match coupling.verdict:
            case "new":
                self._renew(turn, link, hello, coupling.why)
                waiting.have = 0
            case "reset":
                self._begin_anew(turn, link, coupling.why)
                link.run, waiting.reset, waiting.have = "", True, 0
            case "list":
                self._restream(turn, link)
                taken = link.taken_n if link.run == hello.run else 0
                link.run, link.state = hello.run, "listing"
                link.taken_n = max(taken, hello.first - 1)
                link.told, one.listing = set(), link.stream
                turn.files.begin(link.agent)
                waiting.list_holdings, waiting.have = True, 0
            case "couple":
                link.state = "coupled"
            case _:  # its list is on the way
                pass
        return waiting

    def _is_old(self, one: Sending, hello: pr.Hello) -> bool:
        """Tell whether a Hello was said before another one that has come.

        The carrier may keep and repeat letters. What an old Hello tells of its journal would look
        like a journal that went back in time.
        """
        if hello.nonce in one.past or hello.count <= one.hellos.get(hello.nonce, -1):
            log.info("link.old_hello", extra={"agent": hello.agent, "count": hello.count})
            return True
        one.hellos[hello.nonce] = hello.count
        return False

    def _is_met(self, one: Sending, hello: pr.Hello) -> bool:
        """Tell whether a Hello is of the instance that was met last, or of one that began later.

        Anything else may have been under way since before that, or since before this term. An
        instance that is alive answers a Knock.
        """
        return hello.nonce == one.met or bool(one.word and hello.knock == one.word)

    def _refusal(self, one: Sending, link: LinkState, hello: pr.Hello) -> str:
        """Return why this instance of the agent is not coupled with, empty if nothing is wrong."""
        if one.quarantined == hello.nonce:
            return link.problem
        elsewhere = bool(one.nonce) and pr.folder_of(one.nonce) != pr.folder_of(hello.nonce)
        if elsewhere and self._clock() - one.heard_s < ALIVE_S:
            return "another instance of this agent is running"
        return ""

    def _judged(self, link: LinkState, hello: pr.Hello) -> Coupling:
        gap = False
        # On no stream: its first Welcome was lost, or its folder was set back to before that.
        if hello.stream in ("", link.stream) and hello.have + 1 < link.next_n:
            rows = self._store.outbox(hello.agent, hello.have, 1)
            gap = not rows or rows[0][0] != hello.have + 1
        return judge(link, hello, self._sent(link, hello), gap=gap)

    def _sent(self, link: LinkState, hello: pr.Hello) -> bytes | None:
        """Return what was sent with the agent's last number, None where it is not kept any more."""
        if hello.stream != link.stream or not hello.have:
            return None
        rows = self._store.outbox(hello.agent, hello.have - 1, 1)
        return rows[0][1] if rows and rows[0][0] == hello.have else None

    def _renew(self, turn: Turn, link: LinkState, hello: pr.Hello, why: str) -> None:
        if link.run:
            self._begin_anew(turn, link, why)
        link.run, link.taken_n, link.state = hello.run, hello.first - 1, "coupled"
        turn.files.begin(link.agent)

    def _begin_anew(self, turn: Turn, link: LinkState, why: str) -> None:
        """Take all orders back; some may go to the same agent at once, by its new stream."""
        self._restream(turn, link)
        turn.reclaim(link.agent, self._store.held_by(link.agent), why)

    def _restream(self, turn: Turn, link: LinkState) -> None:
        turn.out.restream(link.agent)
        link.stream, link.next_n, link.known = self._new_stream(), 1, set()
        link.limit = NOT_TOLD

    def forget(self) -> None:
        """Drop greetings whose turn was not committed; the agents say hello again."""
        self._unsaid.clear()

    def after_commit(self) -> None:
        """Answer those whose Hello has its effect now."""
        unsaid, self._unsaid = self._unsaid, []
        for say in unsaid:
            say()

    def _welcomed(self, waiting: Waiting) -> None:
        hello, lists = waiting.hello, waiting.list_holdings
        link = self._links.states[hello.agent]
        welcome = self._welcome(hello, link, reset=waiting.reset, list_holdings=lists)
        self._links.say(hello.agent, welcome, nonce=hello.nonce)
        if not waiting.reset:
            self._links.couple(hello.agent, hello.nonce, waiting.have)

    def _welcome(
        self,
        hello: pr.Hello,
        link: LinkState,
        *,
        reset: bool = False,
        list_holdings: bool = False,
        problem: str | None = None,
    ) -> pr.Welcome:
        return pr.Welcome(
            self._links.controller,
            self._links.term,
            self._links.queue,
            hello.run,
            link.taken_n,
            link.stream,
            reset,
            list_holdings,
            problem,
            hello.count,
        )

    def quarantine(self, agent: str, problem: str) -> None:
        """Stop listening to one agent whose messages cannot be understood; the others go on."""
        log.error("link.quarantined", extra={"agent": agent, "problem": problem})
        link = self._links.states.get(agent)
        if link is not None:
            # Who owes a list owes it still when it comes back.
            link.state = link.state if link.state == "listing" else "quarantined"
            link.problem, link.changed = problem[:500], True
            self._links.uncouple(agent)
            self._links.sending[agent].quarantined = link.nonce
