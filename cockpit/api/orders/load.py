"""Orders and workflows as the controller has them now, read through the gate and never changed."""

from collections.abc import Collection

import msgspec
from django.conf import settings
from msgspec.structs import replace

from cockpit.access.gate import rows
from cockpit.access.policy import Account, Verb, may_at
from controller.items import program_of
from controller.models import DeployedItem, OrderResult, OrderRow
from engine.order.model import Order, Result
from engine.order.requests import SignedItem
from engine.workflow.program import Program

_decode_order = msgspec.msgpack.Decoder(Order).decode
_decode_result = msgspec.msgpack.Decoder(Result).decode

_MOST_PROGRAMS = 500
_programs: dict[tuple[str, str], Program] = {}
"""Workflow versions that were asked for; a version never changes."""


def orders_now(account: Account, ids: Collection[str]) -> dict[str, Order]:
    """Return those of the orders that the controller has, with their results."""
    wanted = [i for i in ids if "\0" not in i]
    here = {"controller": settings.STELLWERK_CONTROLLER_ID}
    found = rows(OrderRow, account).filter(**here, order_id__in=wanted)
    bodies = dict(found.values_list("order_id", "body"))
    if not bodies:
        return {}
    results: dict[str, list[Result]] = {}
    kept = rows(OrderResult, account).filter(**here, order_id__in=list(bodies))
    for order_id, body in kept.order_by("order_id", "ordinal").values_list("order_id", "body"):
        results.setdefault(order_id, []).append(_decode_result(body))
    return {
        order_id: replace(_decode_order(body), results=tuple(results.get(order_id, ())))
        for order_id, body in bodies.items()
    }


def program_at(account: Account, path: str, version: str) -> Program | None:
    """Return a workflow version that the controller has taken over."""
    if not may_at(account, Verb.LOOK, path):
        return None
    found = _programs.get((path, version)) or _read_program(account, path, version)
    if found is not None:
        if len(_programs) >= _MOST_PROGRAMS:
            _programs.clear()
        _programs[path, version] = found
    return found


def current_version(account: Account, path: str) -> str | None:
    """Return the version of a workflow that new orders get, None where it is not deployed."""
    if "\0" in path:
        return None
    found = rows(DeployedItem, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, kind="workflow", path=path, current=True
    )
    return found.values_list("version", flat=True).first()


def forget_programs() -> None:
    """Read every workflow version again at its next use."""
    _programs.clear()


def _read_program(account: Account, path: str, version: str) -> Program | None:
    row = (
        rows(DeployedItem, account)
        .filter(
            controller=settings.STELLWERK_CONTROLLER_ID,
            kind="workflow",
            path=path,
            version=version,
        )
        .values_list("document", "signature")
        .first()
    )
    if row is None:
        return None
    found = program_of(SignedItem("workflow", path, version, bytes(row[0]), bytes(row[1])))
    return found if isinstance(found, Program) else None
