"""What an order is given besides its start: one value for all orders that are given the same.

Secret variables are written sealed. The same value sealed twice gives two texts, so what is given
is recognised by a digest of the value itself, made with the site's key, and keeps the text that it
got first.
"""

import hmac
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from django.conf import settings
from msgspec.structs import replace

from dailyplan.sealing import Sealing, sealings
from dailyplan.statements import as_json, fetched
from timetable.schedule import Position

_DIGEST_BYTES = 16
_encode = msgspec.msgpack.Encoder(order="sorted").encode


class Given(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
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


class _New(msgspec.Struct, gc=False):
    digest: bytes
    schedule: str
    schedule_path: str
    workflow: str
    order_name: str
    priority: int
    tags: tuple[str, ...]
    body: bytes


_INSERT = """
    INSERT INTO dailyplan_parameterisation
           (digest, schedule, schedule_path, workflow, order_name, priority, tags, body)
    SELECT decode(u.digest, 'base64'), u.schedule, u.schedule_path, u.workflow, u.order_name,
           u.priority, u.tags, decode(u.body, 'base64')
      FROM json_to_recordset(%s::json)
           AS u (digest text, schedule text, schedule_path text, workflow text, order_name text,
                 priority int, tags text[], body text)
    ON CONFLICT DO NOTHING RETURNING digest, id"""

_OF_SCHEDULES = (
    "SELECT id, schedule, digest FROM dailyplan_parameterisation WHERE schedule = ANY (%s)"
)

decode = msgspec.msgpack.Decoder(Given).decode


def known_of(schedules: Sequence[str]) -> list[tuple[int, str, bytes]]:
    """Return id, schedule and digest of all parameterisations of these schedules."""
    return fetched(_OF_SCHEDULES, [list(schedules)]) if schedules else []


def ids_of(given: Sequence[Given], known: Mapping[bytes, int] | None = None) -> list[int]:
    """Return the ids of parameterisations, made where they are new, in the order given.

    `known` are ids by digest, where those of the schedules have been read.
    """
    secret = sealings({g.workflow for g in given if g.variables})
    digests = [_digest(g, secret.get(g.workflow)) for g in given]
    wanted = dict(zip(digests, given, strict=True))
    ids = dict(known) if known is not None else _known(list(wanted))
    missing = [d for d in wanted if d not in ids]
    if missing:
        ids |= _made([(d, _sealed(wanted[d], secret)) for d in sorted(missing)])
        # Somebody else may have made one in the meantime.
        ids |= _known([d for d in missing if d not in ids])
    return [ids[d] for d in digests]


def sealed_all(given: Mapping[int, Given]) -> dict[int, Given]:
    """Return parameterisations, by id, as they may be sent.

    One that was written before a variable became secret has its value in plain.
    """
    secret = sealings({g.workflow for g in given.values() if g.variables})
    return {number: _sealed(g, secret) for number, g in given.items()}


def _sealed(given: Given, secret: Mapping[str, Sealing]) -> Given:
    sealing = secret.get(given.workflow) if given.variables else None
    values = sealing.sealed(given.variables) if sealing else given.variables
    return given if values is given.variables else replace(given, variables=values)


def _digest(given: Given, sealing: Sealing | None) -> bytes:
    body = _encode(given)
    if sealing is None or not sealing.plain(given.variables):
        return blake2b(body, digest_size=_DIGEST_BYTES).digest()
    # With a key: a plain digest would let who reads the database try values.
    key = settings.SECRET_KEY.encode()
    return hmac.digest(key, b"given\0" + sealing.digest + body, "sha256")[:_DIGEST_BYTES]


def _known(digests: list[bytes]) -> dict[bytes, int]:
    if not digests:
        return {}
    return _ids(
        "SELECT digest, id FROM dailyplan_parameterisation WHERE digest = ANY (%s)", digests
    )


def _made(new: Sequence[tuple[bytes, Given]]) -> dict[bytes, int]:
    rows = [
        _New(
            digest, g.schedule, g.schedule_path, g.workflow, g.order_name, g.priority, g.tags,
            _encode(g),
        )
        for digest, g in new
    ]  # fmt: skip
    return _ids(_INSERT, as_json(rows))


def _ids(statement: str, value: object) -> dict[bytes, int]:
    return {bytes(digest): found for digest, found in fetched(statement, [value])}
