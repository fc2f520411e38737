"""The controller's side of a deployment, written as rows: what it takes over and answers."""

import uuid

import msgspec
from django.conf import settings

from controller.models import Command, DeployedItem
from engine.order.requests import Answer, Answered, TakeItems


def request_of(command: uuid.UUID) -> TakeItems:
    """Return what was asked of the controller."""
    body = Command.objects.get(id=command).body
    return msgspec.msgpack.decode(bytes(body), type=TakeItems)


def take_over(command: uuid.UUID, *, no: int = 1) -> None:
    """Carry a request out as the controller does, with its answer."""
    request = request_of(command)
    rows = DeployedItem.objects.filter(controller=settings.STELLWERK_CONTROLLER_ID)
    for item in request.items:
        rows.filter(kind=item.kind, path=item.path).update(current=False)
        DeployedItem.objects.create(
            controller=settings.STELLWERK_CONTROLLER_ID,
            taken_no=no,
            **msgspec.structs.asdict(item),
        )
    for kind, path in request.revoked:
        rows.filter(kind=kind, path=path).update(current=False)
    names = [item.path for item in request.items] + [path for _, path in request.revoked]
    answer(command, Answer(tuple(Answered(name, ok=True) for name in names)))


def answer(command: uuid.UUID, given: Answer) -> None:
    """Write an answer as the controller does."""
    Command.objects.filter(id=command).update(answer=msgspec.msgpack.encode(given), answered_no=1)
