"""The controller's answers to the plan's requests, brought into the rows once."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection
from django.db.models import F

from controller.models import Command
from dailyplan.intents import drop_refused, fulfil_absent
from dailyplan.models import Submission, SubmissionPart
from dailyplan.origin import Place, place_of
from dailyplan.state import PlanState
from dailyplan.statements import Transaction
from dailyplan.submissions import CANCEL
from dailyplan.tables import moment
from engine.order.requests import Answer, Answered

PARTS_AT_ONCE = 50
# The plan adds an order once; one that is there already is this one.
_THERE = "order-exists"
_ABSENT = "order-unknown"

_decode = msgspec.msgpack.Decoder(Answer).decode

_REFUSED = """
    UPDATE dailyplan_plannedorder t SET state = %s, submit = false, problem = u.problem
      FROM unnest(%s::date[], %s::bigint[], %s::text[]) AS u (day, origin, problem)
     WHERE t.day = u.day AND t.origin = u.origin AND t.part = %s AND t.state = %s"""
_REFUSED_START = """
    UPDATE dailyplan_submittedstart t SET state = %s, problem = u.problem
      FROM unnest(%s::date[], %s::bigint[], %s::timestamptz[], %s::text[])
           AS u (day, origin, start_at, problem)
     WHERE t.day = u.day AND t.origin = u.origin AND t.start_at = u.start_at AND t.part = %s
       AND t.state = %s"""
_TELL_ROW = """
    UPDATE dailyplan_plannedorder t SET problem = u.problem
      FROM unnest(%s::date[], %s::bigint[], %s::text[]) AS u (day, origin, problem)
     WHERE t.day = u.day AND t.origin = u.origin"""


def settle(transaction: Transaction) -> int:
    """Bring in all answers that have come, and return how many orders were refused."""
    refused = 0
    after = 0
    while True:
        with transaction():
            rows = SubmissionPart.objects.filter(settled=False, pk__gt=after).order_by("pk")
            parts = list(rows.select_for_update(skip_locked=True)[:PARTS_AT_ONCE])
            if not parts:
                return refused
            after = parts[-1].pk
            answers = _answers(parts)
            for part in parts:
                if part.command in answers:
                    refused += _settle(part, answers[part.command].answers)


def has_answers() -> bool:
    """Tell whether an answer has come that is not brought in."""
    waiting = SubmissionPart.objects.filter(settled=False).values("command")
    return Command.objects.filter(id__in=waiting, answer__isnull=False).exists()


def _answers(parts: Sequence[SubmissionPart]) -> dict[object, Answer]:
    rows = Command.objects.filter(id__in=[p.command for p in parts], answer__isnull=False)
    return {pk: _decode(bytes(body or b"")) for pk, body in rows.values_list("id", "answer")}


def _settle(part: SubmissionPart, answers: Sequence[Answered]) -> int:
    refused = [a for a in answers if not a.ok and a.code != _THERE]
    placed = [(place, a) for a in refused if (place := place_of(a.id)) is not None]
    if part.verb == CANCEL:
        _not_cancelled(part, placed)
    else:
        _not_added(part, placed)
    SubmissionPart.objects.filter(pk=part.pk).update(settled=True)
    Submission.objects.filter(pk=part.submission_id).update(
        accepted=F("accepted") + len(answers) - len(refused), refused=F("refused") + len(refused)
    )
    return len(refused)


def _not_added(part: SubmissionPart, placed: Sequence[tuple[Place, Answered]]) -> None:
    single = [(p, a) for p, a in placed if p.start_us is None]
    cyclic = [(p, p.start_us, a) for p, a in placed if p.start_us is not None]
    with connection.cursor() as cursor:
        if single:
            cursor.execute(
                _REFUSED,
                [
                    int(PlanState.PLANNED),
                    *_texts(single), part.pk, int(PlanState.SUBMITTED),
                ],
            )  # fmt: skip
        if cyclic:
            cursor.execute(
                _REFUSED_START,
                [
                    int(PlanState.CANCELLED),
                    [p.day for p, _, _ in cyclic], [p.origin for p, _, _ in cyclic],
                    [moment(start) for _, start, _ in cyclic], [a.sentence for _, _, a in cyclic],
                    part.pk, int(PlanState.SUBMITTED),
                ],
            )  # fmt: skip
            cursor.execute(_TELL_ROW, _texts([(p, a) for p, _, a in cyclic]))


def _not_cancelled(part: SubmissionPart, placed: Sequence[tuple[Place, Answered]]) -> None:
    started = [(p, a) for p, a in placed if a.code != _ABSENT]
    drop_refused(part.pk, [(p, a.sentence) for p, a in started])
    fulfil_absent(part.pk, [p for p, a in placed if a.code == _ABSENT])


def _texts(placed: Sequence[tuple[Place, Answered]]) -> list[Any]:
    return [
        [p.day for p, _ in placed], [p.origin for p, _ in placed], [a.sentence for _, a in placed]
    ]  # fmt: skip
