"""Which orders a dialog is about: those that are named, or those that the list's filter selects."""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, QueryDict

from cockpit.access.gate import rows
from cockpit.access.policy import Account, Verb
from cockpit.api.orders.verbs import VERBS
from cockpit.api.slices import MOST_ORDERS
from cockpit.pages.filtering import Wanted
from cockpit.pages.orders import filter_in, selection
from controller.models import OrderRow
from history import queries

_ENDED = ("finished", "cancelled")


class Chosen(NamedTuple):
    """The ids, oldest first where a filter selected them.

    `kept` is what the form has to carry so that the same orders are chosen again; `capped` tells
    that more would match.
    """

    ids: list[str]
    kept: list[tuple[str, str]]
    by_filter: bool = False
    capped: bool = False


def chosen_in(request: HttpRequest, account: Account, verb: str) -> Chosen:
    """Return the orders that a request names, or that its filter selects."""
    given = request.POST if request.method == "POST" else request.GET
    if given.get("all"):
        return _filtered(account, given, verb)
    ids = [i for i in dict.fromkeys(given.getlist("ids")) if i and "\0" not in i]
    return Chosen(ids[:MOST_ORDERS], [("ids", i) for i in ids[:MOST_ORDERS]])


def _filtered(account: Account, given: QueryDict, verb: str) -> Chosen:
    wanted = filter_in(given)
    kept = [("all", "1"), ("q", given.get("q", ""))]
    kept += [("state", state) for state in given.getlist("state")]
    ids = [] if wanted.problems else _ids(account, wanted, ended=VERBS[verb].ended)
    return Chosen(ids[:MOST_ORDERS], kept, by_filter=True, capped=len(ids) > MOST_ORDERS)


def _ids(account: Account, wanted: Wanted, *, ended: bool) -> list[str]:
    selected, order_filter = selection(account, wanted, verb=Verb.OPERATE)
    found = queries.filtered_orders(selected, order_filter)
    if ended:
        here = rows(OrderRow, account).filter(
            controller=settings.STELLWERK_CONTROLLER_ID, group__in=_ENDED
        )
        found = found.filter(order_id__in=here.values("order_id"))
    else:
        found = found.filter(live=True)
    ids = found.order_by("added_at", "run").values_list("order_id", flat=True)[: MOST_ORDERS + 1]
    return list(dict.fromkeys(ids))
