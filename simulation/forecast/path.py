"""The critical path: from the end of an order back through what determined each moment of it.

At every moment one order was the one to wait for. Where it ran a job, the job is a link; where it
waited for another order (its lock, its notice, its end as a child, its process), the path goes on
in that order. It begins at a planned start, or where the forecast begins. Pure.
"""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from simulation.forecast.found import Kind, OrderForecast, Span

Find: TypeAlias = Callable[[str], OrderForecast | None]

HANDED_ON = frozenset[Kind]({"lock", "notice", "process", "fork"})
"""Waits that another order ends."""

LINKS_AT_MOST = 1_000


class Alternative(msgspec.Struct, frozen=True):
    """Another order that had to come as well, and by how much it came earlier."""

    order: str
    slack_us: int


class Link(msgspec.Struct, frozen=True):
    """A part of the path. One that `waits` lies beside the links of the order that ended it.

    `alternatives` are what would decide next if that order were faster, the nearest first.
    """

    order: str
    workflow: str
    kind: Kind
    what: str
    position: str
    begin_us: int
    end_us: int
    waits: bool = False
    cause: str = ""
    source: str = ""
    alternatives: tuple[Alternative, ...] = ()

    @property
    def lasts_us(self) -> int:
        """How long it takes."""
        return self.end_us - self.begin_us


class CriticalPath(msgspec.Struct, frozen=True):
    """Links from the first to the last; `begin_us` is a planned start or that of the forecast."""

    order: str
    begin_us: int
    end_us: int
    links: tuple[Link, ...]
    starts_as_planned: bool

    @property
    def slack_us(self) -> int | None:
        """By how much the path may be shortened before another one decides; None: nothing else."""
        found = [one.slack_us for link in self.links for one in link.alternatives]
        return min(found, default=None)


def critical_path(find: Find, order_id: str, end_us: int | None = None) -> CriticalPath | None:
    """Return the path to the end of an order, None where it does not end in the forecast.

    Args:
        find: gives the forecast of an order, None where there is none.
        order_id: the order.
        end_us: another moment of it to be explained, such as that of a notice it posts.
    """
    order = find(order_id)
    if order is None:
        return None
    moment = order.end_us if end_us is None else end_us
    if moment is None:
        return None
    links, begin_us, as_planned = _back(find, order, moment)
    return CriticalPath(order_id, begin_us, moment, tuple(reversed(links)), as_planned)


def _back(find: Find, order: OrderForecast, end_us: int) -> tuple[list[Link], int, bool]:
    links: list[Link] = []
    at_us, seen = end_us, {(order.id, end_us)}
    for _ in range(LINKS_AT_MOST):
        span = _ending_at(order, at_us)
        if span is None:
            origin = find(order.origin) if order.origin else None
            if origin is None or (origin.id, at_us) in seen:
                return links, at_us, False
            order = origin
            seen.add((order.id, at_us))
            continue
        if span.kind == "start":
            return links, at_us, True
        cause = find(span.cause) if span.cause and span.kind in HANDED_ON else None
        is_new = cause is not None and (cause.id, at_us) not in seen
        links.append(_link(order, span, at_us, waits=is_new))
        if cause is not None and is_new and _ending_at(cause, at_us) is not None:
            order = cause
        else:
            links[-1] = msgspec.structs.replace(links[-1], waits=False)
            at_us = span.begin_us
        seen.add((order.id, at_us))
    return links, at_us, False


def _ending_at(order: OrderForecast, at_us: int) -> Span | None:
    """Return what an order did up to a moment, None where it came into being then."""
    return next(
        (one for one in reversed(order.spans) if one.end_us == at_us and one.begin_us < at_us), None
    )


def _link(order: OrderForecast, span: Span, end_us: int, *, waits: bool) -> Link:
    others = [
        Alternative(other, end_us - at_us) for other, at_us in span.others if other != span.cause
    ]
    return Link(
        order=order.id,
        workflow=order.workflow,
        kind=span.kind,
        what=span.what,
        position=span.position,
        begin_us=span.begin_us,
        end_us=end_us,
        waits=waits,
        cause=span.cause,
        source=span.source,
        alternatives=tuple(sorted(others, key=lambda one: one.slack_us)),
    )
