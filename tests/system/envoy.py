"""An agent that the test plays itself: authentic, and as wrong as the test wants it."""

import base64
import json
import secrets
from contextlib import suppress
from typing import Any

import msgspec

from agents import protocol as pr
from agents.carrier import Post
from engine.order import events as e
from tests.system.stellwerk import System
from tests.system.waiting import TooLate, wait_until


class Envoy:
    """Speaks the protocol over the real broker; has a key, no journal and no hands."""

    def __init__(self, system: System, agent: str = "agent-2", *, key: bytes = b"") -> None:
        self.system, self.agent = system, agent
        self.key = key or secrets.token_bytes(32)
        self.nonce = pr.nonce_of(f"folder of {agent}", secrets.token_hex(4))
        self.run = secrets.token_hex(6)
        self.last = self.taken = 0
        self.stream = self.queue = self.knock = ""
        self.term = self.hellos = 0
        self.sent: list[tuple[str, str]] = []
        self.post = Post(system.broker_url).start()
        self.attached: list[pr.Attach] = []

    def close(self) -> None:
        """End the sending thread."""
        self.post.close()

    def register(self) -> "Envoy":
        """Have joined: the register knows the key."""
        self.system.register(self.agent)
        self.system.execute(
            "UPDATE agents_agent SET link_key=%s, token_key=NULL WHERE id=%s", self.key, self.agent
        )
        return self

    # -- sending ----------------------------------------------------------------------------

    def send(self, to: str, letter: str) -> None:
        """Send a letter of this agent."""
        self.sent.append((to, letter))
        self.post.send(to, letter)

    def letter(self, envelope: pr.Envelope, *, name: str = "") -> str:
        """Return an envelope sealed with this agent's key."""
        return f"{name or self.agent}\n{pr.seal(envelope, self.key, 'up')}"

    def envelope(
        self, *items: bytes, words: tuple[pr.Unnumbered, ...] = (), **more: Any
    ) -> pr.Envelope:
        """Return an envelope with the next numbers; `more` replaces fields."""
        fields: dict[str, Any] = {
            "agent": self.agent, "nonce": self.nonce, "run": self.run, "stream": self.run,
            "n": self.last + 1 if items else 0, "ack": self.taken, "ack_stream": self.stream,
            "term": self.term, "items": tuple(msgspec.Raw(item) for item in items), "words": words,
        }  # fmt: skip
        self.last += len(items)
        return pr.Envelope(**{**fields, **more})

    def hello(self, **more: Any) -> pr.Hello:
        """Return what this agent says of itself; `more` replaces fields."""
        fields: dict[str, Any] = {
            "agent": self.agent, "run": self.run, "nonce": self.nonce, "lock": "here", "first": 1,
            "last": self.last, "stream": self.stream, "have": self.taken, "term": self.term,
            "processes": 1, "count": self._counted(), "knock": self.knock,
        }  # fmt: skip
        return pr.Hello(**{**fields, **more})

    def _counted(self) -> int:
        self.hellos += 1
        return self.hellos

    def report(self, order: str, own_no: int, *events: e.OrderEvent) -> None:
        """Report events of an order."""
        items = [pr.encode_item(pr.Happened(order, own_no, event, 1)) for event in events]
        self.send(self.queue, self.letter(self.envelope(*items)))

    # -- receiving --------------------------------------------------------------------------

    def received(self) -> list[pr.Envelope]:
        """Return the envelopes that wait in this agent's queue, taking their items in."""
        client = self.system.parts.redis(self.system.broker_url)
        found = []
        while (raw := client.lpop(pr.queue_of_agent(self.agent, self.nonce))) is not None:
            text = raw if isinstance(raw, bytes | str) else b""
            body = json.loads(base64.b64decode(json.loads(text)["body"]))
            found.append(pr.unseal(body[0][0], self.key, "down"))
        client.close()
        for envelope in found:
            self._take(envelope)
        return found

    def _take(self, envelope: pr.Envelope) -> None:
        self.term = max(self.term, envelope.term)
        for word in envelope.words:
            if isinstance(word, pr.Knock):
                self.knock = word.word
            if isinstance(word, pr.Welcome) and not word.problem:
                self.queue, self.stream = word.queue, word.stream
        if envelope.stream == self.stream and envelope.n == self.taken + 1:
            for raw in envelope.items:
                self.taken += 1
                message = pr.decode_down(raw)
                if isinstance(message, pr.Attach):
                    self.attached.append(message)

    def couple(self, **more: Any) -> pr.Welcome:
        """Say hello at the door until the controller answers; returns its answer."""
        for _ in range(15):
            hello = self.hello(**more)
            door = pr.door_of_controller("controller")
            self.send(door, self.letter(self.envelope(words=(hello,))))
            with suppress(TooLate):
                return wait_until(lambda: self._answer_to(hello.count), within_s=1.5, pause_s=0.01)  # noqa: B023
        raise TooLate(f"the controller gave no welcome\n{self.system.logs()}")

    def _answer_to(self, count: int) -> pr.Welcome | None:
        words = [word for got in self.received() for word in got.words]
        knocked = any(isinstance(word, pr.Knock) for word in words)
        welcomes = [word for word in words if isinstance(word, pr.Welcome)]
        if knocked and not welcomes:
            raise TooLate("a hello of this term is asked for")
        return next((w for w in welcomes if w.answers == count), None)

    def wait_attached(self, order: str) -> pr.Attach:
        """Wait until an order is given to this agent and take it."""

        def found() -> pr.Attach | None:
            self.received()
            # A sign of life with the acknowledgement, as an agent gives it.
            self.send(self.queue, self.letter(self.envelope(words=(pr.Beat(),))))
            return next((a for a in self.attached if a.order.id == order), None)

        return wait_until(found, pause_s=0.1, why=self.system.logs)

    def unreadable(self) -> str:
        """Return an envelope that is authentic and cannot be decoded."""
        body = b"m\xc1"
        sealed = base64.b64encode(pr._mac(self.key, "up", body) + body).decode("ascii")
        return f"{self.agent}\n{sealed}"
