"""The messages between a controller and its agents, and the envelope that carries them.

Two numbered streams run over a carrier that may lose, double and reorder. Numbered items are
durable at the sender until the receiver acknowledges their number; everything else may be lost and
is said again. An envelope is authenticated as a whole with the key of the link.

Pure: no clock, no broker, no chance.
"""

import base64
import hashlib
import hmac
from typing import TypeAlias

import msgspec
import zstandard

from agents.watch_messages import FileArose as FileArose
from agents.watch_messages import FileSourceTold as FileSourceTold
from agents.watch_messages import FilesTaken as FilesTaken
from agents.watch_messages import FileVanished as FileVanished
from agents.watch_messages import KnowFiles as KnowFiles
from agents.watch_messages import KnownFile as KnownFile
from agents.watch_messages import UnwatchFiles as UnwatchFiles
from agents.watch_messages import WatchFiles as WatchFiles
from agents.watch_messages import WatchMessage as WatchMessage
from agents.watch_messages import WatchReport as WatchReport
from engine.errors import EngineError
from engine.facts import Control
from engine.order.events import OrderEvent
from engine.order.model import Mark, Order

ITEMS_AT_ONCE = 500
BYTES_AT_ONCE = 512 * 1024
_COMPRESS_ABOVE = 2048


class ProtocolError(EngineError):
    """Root of what can be wrong with a message."""


class NotAuthentic(ProtocolError):
    """An envelope that was not made with the link's key; it is dropped."""


class Unreadable(ProtocolError):
    """An authentic envelope that cannot be decoded; the link is quarantined."""


# -- down: from the controller to an agent -------------------------------------------------------


class Attach(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Gives an order to the agent; `order.own_no` numbers this ownership."""

    order: Order


class SetMark(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Says what a person asked for; harmless where the agent does not own this `own_no`."""

    order_id: str
    own_no: int
    mark: Mark | None


class SetPriority(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Says that an order waits with another priority."""

    order_id: str
    own_no: int
    priority: int


class Drop(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Takes an order away that the controller has flagged as broken.

    A running job ends by itself.
    """

    order_id: str
    own_no: int


class Item(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A signed version of an inventory object that orders at this agent need."""

    kind: str
    path: str
    version: str
    document: bytes
    signature: bytes


class SetControl(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Says what orders of a workflow may do: frozen, skipped labels, stops before positions."""

    path: str
    control: Control


class Limits(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """How many processes the agent may run at once, None for its own default.

    Below 1 no further one starts; what runs goes on. It is said as `NO_PROCESS`.
    """

    processes: int | None


NO_PROCESS = -1
"""No further process starts. Not 0: older agents take that for their own default."""


Down: TypeAlias = Attach | SetMark | SetPriority | Drop | Item | SetControl | Limits | WatchMessage

# -- up: from an agent to the controller ---------------------------------------------------------


class Happened(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """An event of an order that the agent owns under `own_no`."""

    order_id: str
    own_no: int
    event: OrderEvent
    at_us: int


class Holding(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """What the agent knows of an order: told when streams are coupled anew.

    `held` is False for one that it has given back; then the value is the one at that moment.
    """

    order: Order
    held: bool


class Listed(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Ends a list of Holding: all that the agent knows has been told."""

    count: int


Up: TypeAlias = Happened | Holding | Listed | WatchReport

# -- unnumbered ----------------------------------------------------------------------------------


class Welcome(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The active controller's word to an agent: its term, where to send, and what it has.

    `have` is the last number of the agent's stream that is durable here. `reset` asks the agent to
    forget its orders and begin a new run; `list_holdings` to tell all that it knows. `answers` is
    the `count` of the Hello.
    """

    controller: str
    term: int
    queue: str
    run: str
    have: int
    stream: str
    reset: bool = False
    list_holdings: bool = False
    problem: str | None = None
    answers: int = 0


class Knock(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The active controller asks an instance of an agent to say hello at `queue`.

    The Hello repeats the `word`: so it shows that it was not said before.
    """

    controller: str
    queue: str
    word: str = ""


class Hello(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """An agent that has started, or that looks for its controller.

    `run` names its journal, `first` and `last` what that journal still holds, `stream` and `have`
    how far it came in the controller's stream, `check` is `checked` of the last item taken there.
    `lock` identifies its state folder on its machine. `term` is the highest one it has heard of,
    and `count` rises with each Hello of an instance: an old one that comes again couples nobody.
    `knock` is the word of the Knock that it answers, empty where it was said unasked. `host` and
    `version` name its machine and the version of its software, `at_us` its clock, for people.
    """

    agent: str
    run: str
    nonce: str
    lock: str
    first: int
    last: int
    stream: str
    have: int
    term: int
    processes: int
    check: str = ""
    count: int = 0
    knock: str = ""
    host: str = ""
    version: str = ""
    at_us: int = 0


class Beat(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Nothing but a sign of life; the acknowledgement travels in the envelope.

    `at_us` is the clock of an agent that says it, 0 where it does not tell.
    """

    at_us: int = 0


class Missing(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Items behind the acknowledgement have not come, but later ones have: send again."""


class LogChunk(msgspec.Struct, frozen=True, array_like=True):
    """A piece of what a job wrote. `offset` in bytes from 0 and `first_line` from 1, per stream.

    `end` is the offset behind it, beyond the data where bytes were left out and a line says so.
    """

    agent: str
    attempt: str
    stream: str
    offset: int
    first_line: int
    lines: int
    at_us: int
    data: bytes
    last: bool
    end: int


class LogAck(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """History has the output of an attempt's stream durably up to `offset` bytes."""

    attempt: str
    stream: str
    offset: int


Unnumbered: TypeAlias = Welcome | Knock | Hello | Beat | Missing | LogAck


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Items `n`, `n + 1`, … of one stream, with how far the sender has taken in the other one.

    `stream` names the sender's stream, `run` the agent's journal, `term` the controller's term (the
    highest known one when an agent sends). `timeline` is the database's: terms of one that was
    set back are told from later ones.
    """

    agent: str
    nonce: str
    run: str
    stream: str
    n: int = 0
    ack: int = 0
    ack_stream: str = ""
    term: int = 0
    timeline: int = 0
    items: tuple[msgspec.Raw, ...] = ()
    words: tuple[Unnumbered, ...] = ()


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Envelope)
encode_item = _encoder.encode
decode_down = msgspec.msgpack.Decoder(Down).decode
decode_up = msgspec.msgpack.Decoder(Up).decode


def seal(envelope: Envelope, key: bytes, direction: str) -> str:
    """Return the envelope as text, authenticated for one direction (`up`, `down`)."""
    body = _encoder.encode(envelope)
    packed = len(body) > _COMPRESS_ABOVE
    body = b"z" + zstandard.compress(body, 1) if packed else b"m" + body
    return base64.b64encode(_mac(key, direction, body) + body).decode("ascii")


def unseal(text: str, key: bytes, direction: str) -> Envelope:
    """Return the envelope of a text.

    Raises:
        NotAuthentic: it was made with another key or for the other direction.
        Unreadable: it is authentic, but no envelope of ours.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise NotAuthentic("the envelope is no base64 text") from None
    mac, body = raw[:32], raw[32:]
    if not hmac.compare_digest(mac, _mac(key, direction, body)):
        raise NotAuthentic("the envelope was made with another key")
    try:
        if body[:1] == b"z":
            return _decoder.decode(zstandard.decompress(body[1:], max_output_size=64 << 20))
        return _decoder.decode(body[1:])
    except (msgspec.MsgspecError, zstandard.ZstdError) as problem:
        raise Unreadable(f"the envelope cannot be read: {problem}") from None


def checked(item: bytes) -> str:
    """Return a short digest of an item, by which both sides know that they mean the same."""
    return hashlib.blake2b(item, digest_size=8).hexdigest()


def _mac(key: bytes, direction: str, body: bytes) -> bytes:
    return hmac.digest(key, direction.encode() + b"\0" + body, hashlib.sha256)


class Inflow:
    """How far one incoming stream has been taken: each number once and in order."""

    def __init__(self, stream: str, taken: int) -> None:
        self.stream = stream
        self.taken = taken

    def fresh(self, envelope: Envelope) -> tuple[tuple[int, msgspec.Raw], ...]:
        """Return the numbered items that follow what was taken, none where there is a gap."""
        if envelope.stream != self.stream or envelope.n > self.taken + 1:
            return ()
        skip = self.taken + 1 - envelope.n
        return tuple((self.taken + 1 + i, item) for i, item in enumerate(envelope.items[skip:]))

    def gap(self, envelope: Envelope) -> bool:
        """Tell whether something before this envelope has not come."""
        return (
            bool(envelope.items) and envelope.stream == self.stream and envelope.n > self.taken + 1
        )


def queue_of_controller(controller: str, term: int) -> str:
    """Return the queue that the controller of this term reads."""
    return f"controller.{controller}.{term}"


def door_of_controller(controller: str) -> str:
    """Return the queue at which agents ask for the active controller."""
    return f"controller.{controller}"


def queue_of_agent(agent: str, nonce: str) -> str:
    """Return the queue that this instance of the agent reads."""
    return f"agent.{agent}.{nonce}"


def nonce_of(lock: str, chance: str) -> str:
    """Return the name of an agent's instance: which state folder, and a word used once."""
    return f"{checked(lock.encode())}-{chance}"


def folder_of(nonce: str) -> str:
    """Return the part of an instance's name that stands for its state folder."""
    return nonce.partition("-")[0]


def queue_of_logs(controller: str) -> str:
    """Return the queue at which history reads what jobs wrote."""
    return f"logs.{controller}"
