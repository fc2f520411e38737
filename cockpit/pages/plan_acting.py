"""Carrying out a verb on planned orders from a page: at once, or as an operation if it is big."""

import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import transaction

from cockpit import plan_operations as operations
from dailyplan.selecting import Listed

PLAN_SLICE = operations.ROWS_A_SLICE
WAIT_S = 2.0
"""So long a page waits for an operation before it shows how far it is."""


class PlanDone(NamedTuple):
    """How many rows took a verb and how many did not, with why not, the most frequent first.

    `operation` is set where it is not done yet.
    """

    accepted: int
    refused: int
    sentences: Mapping[str, int]
    operation: uuid.UUID | None = None


def carry_out_plan_verb(ask: operations.Ask, rows: Mapping[str, Listed]) -> PlanDone:
    """Return what became of rows, given by order id; a slice of them is one transaction."""
    targets = operations.targets_of(rows)
    if len(targets) > PLAN_SLICE:
        return _begun(ask, targets)
    with transaction.atomic():
        return _counted(operations.act(ask, targets, now=datetime.now(UTC)))


def _begun(ask: operations.Ask, targets: Sequence[operations.Target]) -> PlanDone:
    with transaction.atomic():
        operation = operations.begin(ask, targets, now=datetime.now(UTC))
    end = time.monotonic() + WAIT_S
    operations.go_on(operation, transaction.atomic, until=lambda: time.monotonic() > end)
    done = _counted(operations.answers_of(operation))
    if operations.has_ended(operation):
        return done
    operations.hand_over()
    return done._replace(operation=operation)


def _counted(answers: Sequence[operations.Told]) -> PlanDone:
    why = Counter(answer.sentence for answer in answers if not answer.ok)
    return PlanDone(len(answers) - why.total(), why.total(), dict(why.most_common()))
