"""Verbs on many planned orders: kept whole, then done slice by slice, each exactly once.

A slice is one transaction: what it does to the rows, its audit row and its answers. Whoever is
there does the next open slice, first the process that was asked, then the service, so an operation
goes on where its process has died. Knows no request and no page.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import msgspec
from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum
from django.db.transaction import atomic
from django.db.utils import DataError, IntegrityError

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.access.policy import Account
from cockpit.audit import Deed, Reason
from cockpit.models import PlanOperation, PlanOperationSlice
from dailyplan import verbs as v
from dailyplan.plan_settings import kept
from dailyplan.selecting import Listed

ROWS_A_SLICE = 1_000
CHANNEL = "stellwerk_plan_operations"
"""Announces that there is an operation to go on with."""

Transaction = Callable[[], AbstractContextManager[object]]

_VERBS: Mapping[str, type[v.PlanVerb]] = {
    kind.__name__: kind
    for kind in (v.Submit, v.Cancel, v.Remove, v.Restore, v.LetRun, v.Copy, v.Change)
}
# What a slice of rows can fail by; the database being away is no answer.
_FAILURES = (DataError, IntegrityError, ArithmeticError, LookupError, ValueError)

_NEXT = """
    SELECT s.id FROM cockpit_planoperationslice s JOIN cockpit_planoperation o
        ON o.id = s.operation_id
     WHERE s.operation_id = %s AND s.answers IS NULL AND o.stopped_at IS NULL
     ORDER BY s.no LIMIT 1 FOR UPDATE OF s SKIP LOCKED"""


class Target(NamedTuple):
    """An order id that was asked for, and its row; `day` is None where nobody planned it."""

    id: str
    day: date | None = None
    origin: int = 0


class Told(msgspec.Struct, frozen=True, array_like=True):
    """What became of one planned order."""

    id: str
    ok: bool
    code: str
    sentence: str
    state: str | None = None


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A verb by its name, who asks for it and why; `told` is what the audit log says of it."""

    name: str
    verb: v.PlanVerb
    told: Any
    actor: Actor
    reason: Reason


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far an operation is, in rows and in slices; `ended` also where it was stopped."""

    id: uuid.UUID
    account: str
    verb: str
    made_at: datetime
    stopped: bool
    ended: bool
    rows: int
    rows_done: int
    slices: int
    slices_done: int


def targets_of(rows: Mapping[str, Listed | None]) -> list[Target]:
    """Return rows, by the order ids that were asked for, as targets."""
    return [Target(i) if r is None else Target(i, r.day, r.origin) for i, r in rows.items()]


def act(ask: Ask, targets: Sequence[Target], *, now: datetime, dry_run: bool = False) -> list[Told]:
    """Carry a verb out on a slice in the open transaction, with its audit row."""
    asked = v.Asked(
        account=ask.actor.account.name, now=now, config=kept().config,
        comment=ask.reason.comment, dry_run=dry_run,
    )  # fmt: skip
    keys = sorted({(t.day, t.origin) for t in targets if t.day is not None})
    effects = {(e.row.day, e.row.origin): e for e in v.act(ask.verb, keys, asked)}
    answers = [_told(t, effects.get((t.day, t.origin)) if t.day else None) for t in targets]
    done = [answer.id for answer in answers if answer.ok]
    if done and not dry_run:
        deed = Deed(verb=f"plan-{ask.name}", kind="planned order", objects=done, after=ask.told)
        audit.record(ask.actor, deed, ask.reason)
    return answers


def begin(ask: Ask, targets: Sequence[Target], *, now: datetime) -> uuid.UUID:
    """Keep an operation in the open transaction, and return its id. Nothing is done yet."""
    operation = PlanOperation.objects.create(
        id=uuid.uuid4(),
        account=ask.actor.account.name,
        through=ask.actor.through,
        request_id=ask.actor.request_id,
        verb=ask.name,
        body=msgspec.msgpack.encode((type(ask.verb).__name__, ask.verb)),
        told=msgspec.msgpack.encode(ask.told),
        comment=ask.reason.comment,
        ticket=ask.reason.ticket,
        made_at=now,
    )
    pieces = [targets[at : at + ROWS_A_SLICE] for at in range(0, len(targets), ROWS_A_SLICE)]
    PlanOperationSlice.objects.bulk_create(
        PlanOperationSlice(
            operation=operation, no=no, targets=msgspec.msgpack.encode(piece), size=len(piece)
        )
        for no, piece in enumerate(pieces)
    )
    return operation.pk


def go_on(operation: uuid.UUID, transaction: Transaction, *, until: Callable[[], bool]) -> int:
    """Do open slices until there is none or `until` says so, and return how many were done."""
    done = 0
    while not until():
        with transaction():
            found = _next(operation)
            if found is not None:
                _do(found)
        if found is None:
            break
        done += 1
    with transaction():
        _end(operation)
    return done


def hand_over() -> None:
    """Let the service go on with what is open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def open_operations(*, older_than: datetime) -> list[uuid.UUID]:
    """Return the operations that have not ended, the oldest first."""
    rows = PlanOperation.objects.filter(ended_at__isnull=True, made_at__lte=older_than)
    return list(rows.order_by("made_at").values_list("pk", flat=True))


def forget(*, before: datetime) -> int:
    """Delete operations that ended before a moment, and return how many rows that were."""
    return PlanOperation.objects.filter(ended_at__lt=before).delete()[0]


def stop(operations: "QuerySet[PlanOperation]", *, now: datetime) -> bool:
    """Stop an operation after the slices in work; False where it has ended or was stopped.

    What is done stays done.
    """
    open_ones = operations.filter(ended_at__isnull=True, stopped_at__isnull=True)
    return bool(open_ones.update(stopped_at=now))


def has_ended(operation: uuid.UUID) -> bool:
    """Tell whether nothing more comes of an operation."""
    return PlanOperation.objects.filter(pk=operation, ended_at__isnull=False).exists()


def progress_of(operation: PlanOperation) -> Progress:
    """Return how far an operation is."""
    is_done = Q(answers__isnull=False)
    counted = operation.slices.aggregate(
        rows=Sum("size"), rows_done=Sum("size", filter=is_done),
        slices=Count("id"), slices_done=Count("id", filter=is_done),
    )  # fmt: skip
    return Progress(
        id=operation.pk,
        account=operation.account,
        verb=operation.verb,
        made_at=operation.made_at,
        stopped=operation.stopped_at is not None,
        ended=operation.ended_at is not None,
        **{name: count or 0 for name, count in counted.items()},
    )


def answers_of(operation: uuid.UUID) -> list[Told]:
    """Return what became of the orders so far, in the order in which they were asked for."""
    rows = PlanOperationSlice.objects.filter(operation=operation, answers__isnull=False)
    bodies = rows.order_by("no").values_list("answers", flat=True)
    return [answer for body in bodies for answer in _decode_answers(bytes(body or b""))]


def codes_of(answers: Sequence[Told]) -> dict[str, int]:
    """Return how many answers have each code, the most frequent first."""
    return dict(Counter(answer.code for answer in answers).most_common())


_decode_answers = msgspec.msgpack.Decoder(list[Told]).decode
_decode_targets = msgspec.msgpack.Decoder(list[Target]).decode


def _told(target: Target, effect: v.Effect | None) -> Told:
    if target.day is None:
        return Told(target.id, ok=False, code="order-unknown", sentence="No such planned order.")
    if effect is None:
        return Told(target.id, ok=False, code="order-gone", sentence="It is gone.")
    return Told(target.id, effect.ok, effect.code, effect.sentence, effect.state)


def _next(operation: uuid.UUID) -> PlanOperationSlice | None:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [operation])
        row = cursor.fetchone()
    return row and PlanOperationSlice.objects.select_related("operation").get(pk=row[0])


def _do(piece: PlanOperationSlice) -> None:
    """Do a slice and keep its answers; one that cannot be done fails alone, and says why."""
    targets = _decode_targets(bytes(piece.targets))
    try:
        with atomic():
            answers = act(_ask_of(piece.operation), targets, now=datetime.now(UTC))
    except _FAILURES as problem:
        sentence = f"It could not be done: {problem}"
        answers = [Told(t.id, ok=False, code="failed", sentence=sentence) for t in targets]
    body = msgspec.msgpack.encode(answers)
    PlanOperationSlice.objects.filter(pk=piece.pk, answers__isnull=True).update(answers=body)


def _ask_of(operation: PlanOperation) -> Ask:
    kind, verb = msgspec.msgpack.decode(bytes(operation.body), type=tuple[str, msgspec.Raw])
    return Ask(
        name=operation.verb,
        verb=msgspec.msgpack.decode(verb, type=_VERBS[kind]),
        told=msgspec.msgpack.decode(bytes(operation.told)),
        actor=Actor(Account(operation.account), operation.through, operation.request_id),
        reason=Reason(operation.comment, operation.ticket),
    )


def _end(operation: uuid.UUID) -> None:
    left = PlanOperationSlice.objects.filter(operation=operation, answers__isnull=True)
    rows = PlanOperation.objects.filter(pk=operation, ended_at__isnull=True)
    if left.exists():
        rows = rows.filter(stopped_at__isnull=False)
    rows.update(ended_at=datetime.now(UTC))
