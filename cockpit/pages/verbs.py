"""The dialogs of the verbs on orders: what would happen to each order, then asking for it.

One view for one order and for many: the ids come in the address, or the filter of the list does.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from msgspec.structs import replace

from cockpit.access.account import Actor
from cockpit.access.policy import Account, Verb
from cockpit.api import slices
from cockpit.api.orders.acting import refuse_unreachable
from cockpit.api.orders.load import orders_now, program_at
from cockpit.api.orders.preview import Preview, previewed
from cockpit.api.orders.sealing import sealed_verb
from cockpit.api.orders.verbs import VERBS
from cockpit.api.problem import FieldProblem
from cockpit.audit import Deed
from cockpit.pages.addresses import order_at
from cockpit.pages.asking import operation_at, reason_of, told
from cockpit.pages.changing import fields_to_change
from cockpit.pages.chosen import Chosen, chosen_in
from cockpit.pages.door import by_htmx, leave_to, own_address, page, render
from cockpit.pages.moments import EXAMPLES
from cockpit.pages.resuming import resumption
from cockpit.pages.verb_dialogs import DIALOGS
from cockpit.pages.verb_forms import About, plain_body, read_form
from cockpit.pages.verb_results import many, result_of, title_of
from cockpit.pages.zones import offered
from engine.order.commands import Verb as OrderRequest
from engine.order.model import Order, Prompting

SHOWN = 50
COUNT_TYPED_FROM = 50
_DANGEROUS = frozenset({"remove"})


class Refused(NamedTuple):
    """Why a form was not carried out, and the status of the answer."""

    problems: Sequence[FieldProblem] = ()
    status: int = 200


@page(Verb.OPERATE)
def order_verb(request: HttpRequest, actor: Actor, verb: str) -> HttpResponse:
    """Show what a verb would do to the chosen orders, or ask for it."""
    if verb not in DIALOGS:
        raise Http404(f"There is no verb {verb}.")
    chosen = chosen_in(request, actor.account, verb)
    about = _about(actor.account, chosen.ids)
    if request.method == "POST" and not request.POST.get("again"):
        return _ask(request, actor, verb, chosen, about)
    return _dialog(request, actor, verb, chosen, about, Refused())


def _about(account: Account, ids: Sequence[str]) -> About:
    if len(ids) != 1:
        return About()
    order = orders_now(account, ids).get(ids[0])
    return About(order, program_at(account, order.workflow, order.version) if order else None)


def _ask(
    request: HttpRequest, actor: Actor, verb: str, chosen: Chosen, about: About
) -> HttpResponse:
    ids = chosen.ids
    body, problems = read_form(verb, request.POST, about, now=datetime.now(UTC), zone=_zone())
    problems = [*problems, *_count_problems(request, verb, chosen)]
    if problems or body is None:
        return _dialog(request, actor, verb, chosen, about, Refused(problems, 422))
    refuse_unreachable(actor.account, ids)
    asked, problems = sealed_verb(actor.account, VERBS[verb].request(body, tuple(ids)))
    if problems:
        return _dialog(request, actor, verb, chosen, about, Refused(problems, 422))
    operation = _operation(request, actor, verb, asked)
    answer, back_to = slices.wait(operation), _back(request, ids)
    if answer is None:
        return leave_to(request, operation_at(operation, back_to))
    refused = [a for a in answer.answers if not a.ok]
    if len(ids) == 1 and refused:
        problem = FieldProblem("", refused[0].sentence)
        return _dialog(request, actor, verb, chosen, about, Refused([problem], 409))
    if refused:
        return leave_to(request, operation_at(operation, back_to))
    now = orders_now(actor.account, [a.id for a in answer.answers])
    return told(request, result_of(verb, answer.answers, now), back_to=back_to)


def _operation(request: HttpRequest, actor: Actor, verb: str, asked: OrderRequest) -> uuid.UUID:
    """Return the operation of a verb on orders, however many requests it takes."""

    def deed(part: Any, command: uuid.UUID) -> Deed:
        given = {k: v for k, v in msgspec.to_builtins(part).items() if k not in ("orders", "type")}
        return Deed(
            verb=verb, kind="order", objects=list(part.orders), after=given, command=command
        )

    requests = [replace(asked, orders=part) for part in slices.sliced(asked.orders)]
    count, reason = len(asked.orders), reason_of(request)
    return slices.ask(requests, deed, actor=actor, reason=reason, asked_in=request, objects=count)


def _dialog(
    request: HttpRequest,
    actor: Actor,
    verb: str,
    chosen: Chosen,
    about: About,
    refused: Refused,
) -> HttpResponse:
    dialog, ids, given = DIALOGS[verb], chosen.ids, request.POST
    seen = _preview(request, actor.account, verb, ids, about)
    orders = orders_now(actor.account, ids[:SHOWN]) if verb == "confirm" else {}
    context = {
        "page_title": title_of(verb, len(ids)),
        "verb": verb,
        "dialog": dialog,
        "action": f"/orders/-/{verb}/",
        "danger": dialog.danger,
        "submit_text": dialog.submit,
        "keep_text": "Keep as it is",
        "chosen": chosen,
        "ids": ids,
        "lines": [(effect, _question(orders.get(effect.id))) for effect in seen.orders],
        "seen": seen,
        "counts": seen.counts if len(ids) > 1 else [],
        "not_shown": len(ids) - len(seen.orders),
        "problems": [{"text": p.sentence, "place": p.field} for p in refused.problems],
        "back": _back(request, ids),
        "stay": request.GET.get("next", "") or given.get("stay", ""),
        "given": given,
        "comment": given.get("comment", ""),
        "ticket": given.get("ticket", ""),
        "count_typed": len(ids) > COUNT_TYPED_FROM or (verb in _DANGEROUS and len(ids) > 1),
        **_extras(actor.account, verb, about, given),
    }
    template = "orders/verb_dialog.html" if _in_dialog(request) else "orders/verb_page.html"
    return render(request, actor, template, context, refused.status)


def _extras(
    account: Account, verb: str, about: About, given: Mapping[str, str]
) -> dict[str, object]:
    """Return what the dialog of one verb needs beside the common parts."""
    order, program = about
    match verb:
        case "start-time":
            site = settings.STELLWERK_TIME_ZONE
            zones = offered(site, program.workflow.time_zone if program else "")
            return {"zones": zones, "form_zone": given.get("zone") or site, "examples": EXAMPLES,
                    "scheduled_us": order.scheduled_us if order else None}  # fmt: skip
        case "parameters" if order is not None:
            return {"fields": fields_to_change(program, order.arguments, given), "about": order}
        case "priority":
            return {"priority": order.priority if order else 0}
        case "resume" if order is not None:
            return {"resumption": resumption(account, order, given)}
        case _:
            return {}


def _preview(
    request: HttpRequest, account: Account, verb: str, ids: Sequence[str], about: About
) -> Preview:
    if not ids:
        return Preview(dry_run=True, accepted=0, refused=0, orders=[])
    now, body = datetime.now(UTC), None
    if request.method == "POST":
        body = read_form(verb, request.POST, about, now=now, zone=_zone()).body
    asked = VERBS[verb].request(body or plain_body(verb, now), tuple(ids))
    asked, _ = sealed_verb(account, asked)
    return previewed(account, asked, most=SHOWN)


def _question(order: Order | None) -> str:
    return order.state.question if order and isinstance(order.state, Prompting) else ""


def _count_problems(request: HttpRequest, verb: str, chosen: Chosen) -> list[FieldProblem]:
    ids, given = chosen.ids, request.POST
    if not ids:
        return [FieldProblem("", "Choose at least one order.")]
    if chosen.by_filter and given.get("seen_count") != str(len(ids)):
        sentence = f"Meanwhile the filter selects {many(len(ids))}. Look at the effect once more."
        return [FieldProblem("", sentence)]
    kill = given.get("kill") == "1"
    if len(ids) <= COUNT_TYPED_FROM and not (len(ids) > 1 and (kill or verb in _DANGEROUS)):
        return []
    if given.get("count", "").strip() == str(len(ids)):
        return []
    what = "ends running jobs of" if kill else "concerns"
    return [FieldProblem("count", f"This {what} {len(ids)} orders: type {len(ids)} to confirm.")]


def _back(request: HttpRequest, ids: Sequence[str]) -> str:
    given = request.POST.get("next") or request.GET.get("next") or ""
    return own_address(given, order_at(ids[0]) if len(ids) == 1 else "/orders/")


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.STELLWERK_TIME_ZONE)


def _in_dialog(request: HttpRequest) -> bool:
    return by_htmx(request)
