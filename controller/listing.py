"""What an agent tells of orders: whom to believe after a journal was set back in time.

An agent lists all that it knows when it is asked to, and answers an attach that it knows better.
"""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from controller.changes import LinkState
from engine.order import events as e
from engine.order import model as m
from engine.steps.child import may_replace
from engine.world import awaits

if TYPE_CHECKING:
    from controller.turn import Turn

STAYING = ("cancel", "suspend", "fail")
"""What is wished of an order wherever it is; the other marks are about one place or wait."""


class Listing:
    """Takes in what agents know as part of a turn."""

    def __init__(self, turn: "Turn") -> None:
        self._turn, self._out = turn, turn.out

    def told(self, link: LinkState, told: m.Order, *, held: bool) -> None:
        """Believe an agent that knows more of an order; else have both sides agree on ours."""
        link.told.add(told.id)
        known = self._find(told.id)
        if known is None and self._has_left(told):
            if held:
                self._out.drop(told, link.agent)
        elif known is None or (
            self._tells_more(link, known, told, held=held) and may_replace(known, told)
        ):
            self._believe(link, known, told, held=held)
        else:
            self._keep(link, known, told, held=held)

    def ended(self, link: LinkState, count: int) -> None:
        """Take back what the agent did not name: it told all it knows, so it never got these."""
        if link.state != "listing" or len(link.told) < count:
            # The beginning of this list went to an earlier term: the agent will be asked again.
            return
        missing = [i for i in self._turn.store.held_by(link.agent) if i not in link.told]
        self._turn.preload(missing)
        orders = self._turn.world.orders
        for order in [orders[i] for i in missing if i in orders]:
            self._take_back(link, order)
        link.state, link.told = "coupled", set()

    def _find(self, order_id: str) -> m.Order | None:
        return self._turn.loading.until(lambda: self._turn.world.find(order_id))

    def _take(self, order_id: str, event: e.OrderEvent) -> None:
        self._turn.take_all([(order_id, event)])

    def _believe(
        self, link: LinkState, known: m.Order | None, told: m.Order, *, held: bool
    ) -> None:
        dropped = _was_dropped_running(told, held=held)
        phase = m.Held(link.agent, "attached") if held or dropped else None
        later = replace(told, held=phase)
        self._take(told.id, e.OrderRestored(later, "the agent knows a later state"))
        for gone in list(self._turn.world.left.values()):
            if gone.held:  # a child of a fork that was joined already
                self._out.drop(gone, gone.held.agent)
        wish = known.mark if known is not None else None
        if wish is not None and wish.verb in STAYING and told.mark is None:
            self._take(told.id, e.OrderMarked(wish))  # its agent has not heard of it yet
        if dropped:
            why = f"agent {link.agent} had to drop the order while its job ran"
            self._turn.reclaim(link.agent, [told.id], why)
        elif not held:
            self._turn.advance(told.id)

    def _has_left(self, told: m.Order) -> bool:
        """Tell whether an order that is not here has left, and is not one that the journal lost."""
        if told.parent is None:
            return self._turn.store.was_added(told.id, told.run)
        parent = self._find(told.parent)
        return parent is None or not awaits(parent, told.id)

    def _tells_more(self, link: LinkState, known: m.Order, told: m.Order, *, held: bool) -> bool:
        """Tell whether the agent is ahead: it owned the order later, or its events are lost."""
        if _was_dropped_running(told, held=held):
            return False
        if known.ownership != told.ownership:
            return told.ownership > known.ownership
        return held and known.agent == link.agent and link.state == "listing"

    def _keep(self, link: LinkState, known: m.Order, told: m.Order, *, held: bool) -> None:
        """Keep what is known here; have the agent drop its own, and free what it does not take."""
        same = known.ownership == told.ownership and may_replace(known, told)
        if held and same and known.agent == link.agent:
            return
        if held:
            self._out.drop(told, link.agent)
        if link.state == "listing" or told.ownership >= known.ownership:
            self._take_back(link, known, told)

    def _take_back(self, link: LinkState, order: m.Order, told: m.Order | None = None) -> None:
        """Free an order that the agent does not have; its next owner is above any that was told."""
        if order.held is None or order.agent != link.agent:
            return
        if order.held.phase == "attaching":
            run, own_no = max(order.ownership, (told or order).ownership)
            freed = replace(order, held=None, run=run, own_no=own_no + 1)
            self._take(order.id, e.OrderRestored(freed, f"{link.agent} never received it"))
            self._turn.advance(order.id)
        else:
            why = f"agent {link.agent} does not know the order"
            self._turn.reclaim(link.agent, [order.id], why)


def _was_dropped_running(told: m.Order, *, held: bool) -> bool:
    """Tell whether an agent had to drop the order while its job ran, and knows no end of it."""
    return not held and isinstance(told.state, m.Processing)
