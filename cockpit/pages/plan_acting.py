"""Carrying out a verb on planned orders from a page: slice by slice, each with its audit row."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from django.db import transaction

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.audit import Deed, Reason
from dailyplan import verbs as v
from dailyplan.selecting import Listed

PLAN_SLICE = 1_000


class PlanDone(NamedTuple):
    """How many rows took a verb and how many did not, with why not, the most frequent first."""

    accepted: int
    refused: int
    sentences: Mapping[str, int]


def carry_out_plan_verb(
    verb: v.PlanVerb,
    rows: Mapping[str, Listed],
    asked: v.Asked,
    *,
    actor: Actor,
    name: str,
    reason: Reason,
) -> PlanDone:
    """Return what became of rows, given by order id; each slice is durable for itself."""
    accepted, why = 0, Counter[str]()
    ids = list(rows)
    for at in range(0, len(ids), PLAN_SLICE):
        piece = ids[at : at + PLAN_SLICE]
        with transaction.atomic():
            effects = _acted(verb, {i: rows[i] for i in piece}, asked)
            done = [i for i in piece if (e := effects.get(i)) is not None and e.ok]
            if done:
                after = msgspec.to_builtins(verb)
                deed = Deed(verb=f"plan-{name}", kind="planned order", objects=done, after=after)
                audit.record(actor, deed, reason)
        accepted += len(done)
        why.update(e.sentence for e in effects.values() if not e.ok)
        why["It is gone."] += len(piece) - len(effects)
    found = {sentence: count for sentence, count in why.most_common() if count}
    return PlanDone(accepted, sum(found.values()), found)


def _acted(verb: v.PlanVerb, rows: Mapping[str, Listed], asked: v.Asked) -> dict[str, v.Effect]:
    keys = sorted({(row.day, row.origin) for row in rows.values()})
    effects = {(e.row.day, e.row.origin): e for e in v.act(verb, keys, asked)}
    return {
        order_id: effects[row.day, row.origin]
        for order_id, row in rows.items()
        if (row.day, row.origin) in effects
    }
