"""Operations of several requests: the first gives its id, the others carry it in their keys.

Each request is durable and answered for itself; nothing here decides anything.
"""

import uuid

import msgspec

from controller.models import Command
from engine.order.requests import Answer, Answered

_decode = msgspec.msgpack.Decoder(Answer).decode


class Progress(msgspec.Struct, frozen=True):
    """How far an operation is: its requests, how many have an answer, and these answers."""

    requests: int
    answered: int
    answers: tuple[Answered, ...]

    @property
    def done(self) -> bool:
        """Whether nothing is waited for any more."""
        return self.answered == self.requests


def key_in(operation: uuid.UUID, n: int) -> str:
    """Return the key of request `n` of an operation, the first one being 0 and without a key."""
    return f"{operation}/{n:05}"


def requests_of(operation: uuid.UUID) -> list[uuid.UUID]:
    """Return the ids of the requests of an operation, in order."""
    others = Command.objects.filter(key__startswith=f"{operation}/").order_by("key")
    return [operation, *others.values_list("id", flat=True)]


def progress_of(operation: uuid.UUID) -> Progress:
    """Return how far an operation is."""
    ids = requests_of(operation)
    found = dict(Command.objects.filter(id__in=ids).values_list("id", "answer"))
    told = [_decode(bytes(body)) for i in ids if (body := found.get(i)) is not None]
    return Progress(len(ids), len(told), tuple(a for answer in told for a in answer.answers))
