"""Forecasts as the API shows them; orders that the account may not see keep their names."""

from collections.abc import Collection, Iterable
from zoneinfo import ZoneInfo

from cockpit.access.gate import everywhere, rows
from cockpit.access.policy import Account, Verb
from cockpit.api.plan import forecast_bodies as b
from dailyplan.forecast_seen import Bar
from dailyplan.forecast_values import Basis
from dailyplan.models import ForecastOrder
from dailyplan.plan_settings import kept
from dailyplan.tables import moment
from simulation.forecast.found import Span
from simulation.forecast.path import CriticalPath, Link
from simulation.forecast.words import sentence_of

SECOND_US = 1_000_000


class Sight:
    """What one account may see of paths that lead through orders of many folders."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def known(self, order_ids: Iterable[str]) -> Collection[str]:
        """Return those of the orders that the account may see."""
        found = set(order_ids)
        if everywhere(self._account, Verb.LOOK):
            return found
        mine = rows(ForecastOrder, self._account).filter(order_id__in=found)
        return set(mine.values_list("order_id", flat=True))

    def path(self, path: CriticalPath, name: str, deadline_us: int | None = None) -> b.PathSeen:
        """Return a critical path, and in words where all of it may be seen."""
        named = {link.order for link in path.links} | {link.cause for link in path.links}
        named |= {one.order for link in path.links for one in link.alternatives}
        shown = self.known(named)
        sentence = ""
        if {link.order for link in path.links} <= set(shown):
            zone = ZoneInfo(kept().config.time_zone)
            sentence = sentence_of(path, name, zone, deadline_us=deadline_us)
        return b.PathSeen(
            order=path.order,
            begin=moment(path.begin_us),
            end=moment(path.end_us),
            sentence=sentence,
            slack_s=None if path.slack_us is None else path.slack_us / SECOND_US,
            links=[_link(link, shown) for link in path.links],
        )


def _link(link: Link, shown: Collection[str]) -> b.LinkSeen:
    sees = link.order in shown
    return b.LinkSeen(
        order=link.order if sees else "",
        workflow=link.workflow if sees else "",
        kind=link.kind,
        what=link.what if sees else "",
        position=link.position if sees else "",
        begin=moment(link.begin_us),
        end=moment(link.end_us),
        waits=link.waits,
        cause=link.cause if link.cause in shown else "",
        alternatives=[
            b.AlternativeSeen(order=one.order, slack_s=one.slack_us / SECOND_US)
            for one in link.alternatives
            if one.order in shown
        ],
    )


def order_seen(bar: Bar) -> b.ForecastOrderSeen:
    """Return a bar as the API shows it."""
    return b.ForecastOrderSeen(
        id=bar.order_id,
        workflow=bar.workflow,
        lane=bar.lane,
        planned=bar.planned_at,
        start=bar.begins_at,
        end=bar.ends_at,
        end_late=bar.ends_late_at,
        deadline=bar.deadline_at,
        late=bar.late,
        failed=bar.failed,
        why=bar.why,
    )


def part_seen(span: Span, shown: Collection[str]) -> b.PartSeen:
    """Return a part of what an order does."""
    return b.PartSeen(
        kind=span.kind,
        begin=moment(span.begin_us),
        end=None if span.end_us is None else moment(span.end_us),
        position=span.position,
        what=span.what,
        cause=span.cause if span.cause in shown else "",
        agent=span.agent,
        source=span.source,
    )


def coverage_seen(basis: Basis) -> b.CoverageSeen:
    """Return what a forecast rests on."""
    found = basis.coverage
    return b.CoverageSeen(
        orders=found.orders,
        ended=found.ended,
        failed=found.failed,
        endless=found.endless,
        jobs=found.jobs,
        sources=found.sources,
        left_out=basis.left_out,
        unsubmitted=basis.unsubmitted,
        away=list(basis.away),
        processes=basis.processes,
        cut_off=found.cut_off,
    )
