"""What an order is given besides its start: one value for all orders that are given the same."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from dailyplan.statements import fetched
from timetable.schedule import Position

_encode = msgspec.msgpack.Encoder(order="sorted").encode


class Given(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the orders of a parameterisation are given. `workflow_name` is as the schedule says."""

    schedule: str
    schedule_path: str
    workflow_name: str
    workflow: str
    order_name: str
    ordinal: int = 0
    variables: dict[str, Any] = {}
    start_position: Position | None = None
    end_positions: tuple[Position, ...] = ()
    block_position: Position | None = None
    tags: tuple[str, ...] = ()
    force_admission: bool = False
    priority: int = 0


_INSERT = """
    INSERT INTO dailyplan_parameterisation
           (digest, schedule, schedule_path, workflow, order_name, priority, tags, body)
    SELECT u.digest, u.schedule, u.schedule_path, u.workflow, u.order_name, u.priority,
           u.tags::text[], u.body
      FROM unnest(%s::bytea[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int[],
                  %s::text[], %s::bytea[])
           AS u (digest, schedule, schedule_path, workflow, order_name, priority, tags, body)
    ON CONFLICT DO NOTHING RETURNING digest, id"""

decode = msgspec.msgpack.Decoder(Given).decode


def ids_of(given: Sequence[Given]) -> list[int]:
    """Return the ids of parameterisations, made where they are new, in the order given."""
    bodies = [_encode(g) for g in given]
    digests = [blake2b(body, digest_size=16).digest() for body in bodies]
    wanted = dict(zip(digests, zip(given, bodies, strict=True), strict=True))
    known = _known(list(wanted))
    missing = [d for d in wanted if d not in known]
    if missing:
        known |= _made([(d, *wanted[d]) for d in sorted(missing)])
        # Somebody else may have made one in the meantime.
        known |= _known([d for d in missing if d not in known])
    return [known[d] for d in digests]


def _known(digests: list[bytes]) -> dict[bytes, int]:
    if not digests:
        return {}
    return _ids(
        "SELECT digest, id FROM dailyplan_parameterisation WHERE digest = ANY (%s)", digests
    )


def _made(new: Sequence[tuple[bytes, Given, bytes]]) -> dict[bytes, int]:
    return _ids(
        _INSERT,
        [digest for digest, _, _ in new],
        [g.schedule for _, g, _ in new],
        [g.schedule_path for _, g, _ in new],
        [g.workflow for _, g, _ in new],
        [g.order_name for _, g, _ in new],
        [g.priority for _, g, _ in new],
        [_array(g.tags) for _, g, _ in new],
        [body for _, _, body in new],
    )


def _ids(statement: str, *arrays: list[Any]) -> dict[bytes, int]:
    return {bytes(digest): found for digest, found in fetched(statement, arrays)}


def _array(tags: Sequence[str]) -> str:
    quoted = (tag.replace("\\", "\\\\").replace('"', '\\"') for tag in tags)
    return "{" + ",".join(f'"{tag}"' for tag in quoted) + "}"
