"""What a verb would do to orders, told by the engine's own rules. Nothing is changed.

Counts cover all orders; the orders themselves are told up to a limit.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from cockpit.access.policy import Account
from cockpit.api import slices
from cockpit.api.orders.world import RowsWorld
from engine.errors import EngineError
from engine.order import preview as engine
from engine.order.commands import Verb
from engine.order.counterparts import By

PREVIEW_S = 10.0
"""Longest look; what was not looked at by then is not counted, and the answer says so."""

TOLD = 1_000
_MOST_COUNTS = 50


class Effect(msgspec.Struct, frozen=True):
    """What a verb would do to one order.

    `effect` is `now`, `later` (it takes effect at the next safe point), `none` (it is so already)
    or `refused`; the sentence says what and when. `state` is the present one. A transfer also tells
    the position now and in the new version, and what that was found by.
    """

    id: str
    ok: bool
    effect: str
    sentence: str
    code: str = "accepted"
    state: str | None = None
    workflow: str | None = None
    position: str | None = None
    new_position: str | None = None
    found_by: By | None = None


class EffectCount(msgspec.Struct, frozen=True):
    """How many orders an effect has; refusals are counted by their code."""

    effect: str
    code: str
    sentence: str
    orders: int


class Preview(msgspec.Struct, frozen=True):
    """What a verb would do: counted over `looked_at` of `matched` orders, told for the first."""

    dry_run: bool
    accepted: int
    refused: int
    orders: list[Effect]
    matched: int = 0
    looked_at: int = 0
    counts: list[EffectCount] = []


def previewed(account: Account, verb: Verb, *, most: int = TOLD) -> Preview:
    """Return what a verb would do to its orders; `most` of them are told one by one."""
    return counted(_effects(account, verb), matched=len(verb.orders), most=most)


def counted(effects: Iterable[Effect], *, matched: int, most: int = TOLD) -> Preview:
    """Return effects counted by what they are; `most` of them are told one by one."""
    told: list[Effect] = []
    counts: Counter[tuple[str, str, str]] = Counter()
    for effect in effects:
        sentence = "" if effect.effect == "refused" else effect.sentence
        counts[effect.effect, effect.code, sentence] += 1
        if len(told) < most:
            told.append(effect)
    looked_at = counts.total()
    refused = sum(n for (effect, _, _), n in counts.items() if effect == "refused")
    return Preview(
        dry_run=True,
        accepted=looked_at - refused,
        refused=refused,
        orders=told,
        matched=matched,
        looked_at=looked_at,
        counts=[EffectCount(*key, n) for key, n in counts.most_common(_MOST_COUNTS)],
    )


def _effects(account: Account, verb: Verb) -> Iterator[Effect]:
    end = time.monotonic() + PREVIEW_S
    for ids in slices.sliced(verb.orders):
        if time.monotonic() > end:
            return
        yield from _effects_of(account, verb, ids)


def _effects_of(account: Account, verb: Verb, ids: Sequence[str]) -> Iterator[Effect]:
    rows = RowsWorld()
    rows.put(account, ids)
    for order_id in ids:
        try:
            told = rows.until(lambda i=order_id: engine.preview(rows.world, i, verb))  # type: ignore[misc]
        except EngineError as problem:
            told = engine.Preview(str(problem), engine.When.REFUSED, "not-applicable")
        order = rows.world.orders.get(order_id)
        yield effect_of(order_id, told, order.workflow if order else None)


def effect_of(order_id: str, told: engine.Preview, workflow: str | None) -> Effect:
    """Return an effect as the API tells it, with a whole sentence."""
    ok = told.code == "accepted"
    return Effect(
        id=order_id,
        ok=ok,
        effect=told.when.value,
        sentence=f"It {told.effect}." if ok else told.effect,
        code=told.code,
        state=told.state,
        workflow=workflow,
    )
