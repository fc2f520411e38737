"""What lists offer agrees with what the engine takes."""

import itertools
from types import SimpleNamespace

import pytest

from cockpit.api.orders.present import allowed
from cockpit.pages.applicable import verbs_of
from engine.order import model as m
from engine.order.group import state_name

STATES = (
    m.Fresh(),
    m.Ready(),
    m.Processing("r:1", 1),
    m.Forked((), 1),
    m.DelayingRetry(5),
    m.Failed(),
    m.FailedWhileFresh(),
    m.Broken("why"),
    m.Finished(),
    m.Cancelled(),
)


@pytest.mark.parametrize(
    ("state", "scheduled_us"),
    list(itertools.product(STATES, (None, 7))),
    ids=lambda v: type(v).__name__,
)
def test_a_list_offers_what_the_engine_takes(state: m.State, scheduled_us: int | None) -> None:
    order = m.Order(id="#1", workflow="w", version="1", state=state, scheduled_us=scheduled_us)
    shown = SimpleNamespace(
        live=not isinstance(state, m.TERMINATED),
        state=state_name(order),
        suspended=False,
        scheduled_at=scheduled_us,
    )
    assert set(verbs_of(shown)) == set(allowed(order))


def test_a_suspended_order_can_be_resumed_and_not_suspended_again() -> None:
    shown = SimpleNamespace(live=True, state="Ready", suspended=True, scheduled_at=None)
    assert verbs_of(shown) == ["resume", "cancel", "priority"]
