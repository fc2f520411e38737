"""The dialogs of the verbs on planned orders: what would happen to each, then doing it.

One view for one order, for many, for a filter and for days: what is chosen comes in the address.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from django.http import Http404, HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.policy import Account, Verb
from cockpit.api.orders.load import current_version, program_at
from cockpit.api.problem import FieldProblem
from cockpit.pages.asking import operation_at, reason_of, told
from cockpit.pages.changing import fields_to_change
from cockpit.pages.door import by_htmx, leave_to, own_address, page, render
from cockpit.pages.plan_acting import PLAN_SLICE, PlanDone, carry_out_plan_verb
from cockpit.pages.plan_chosen import PlanChosen, chosen_rows
from cockpit.pages.plan_dialogs import PLAN_DIALOGS, PLAN_WORDS
from cockpit.pages.plan_places import day_at
from cockpit.pages.plan_starts import EXAMPLES, new_start_us, said
from cockpit.pages.plan_verb_forms import AboutPlanned, PlanRead, read_plan_form
from cockpit.plan_operations import Ask
from dailyplan import verbs as v
from dailyplan.new_orders import given_by_id
from dailyplan.origin import microseconds
from dailyplan.plan_settings import kept
from dailyplan.selecting import Listed
from dailyplan.state import name_of
from dailyplan.tables import moment

SHOWN = 50
LOOKED_AT = 5_000
"""Rows over which the effect is counted before anything happens."""

COUNT_TYPED_FROM = 50


class Effect(NamedTuple):
    """What would become of one planned order; `to_text` is its new start in the plan's zone."""

    id: str
    row: Listed
    state: str
    ok: bool
    sentence: str
    to_at: datetime | None = None
    to_text: str = ""


class Preview(NamedTuple):
    """The effect on the first rows, and counts over those that were looked at."""

    effects: list[Effect]
    counts: list[tuple[bool, str, int]]
    looked_at: int


class Refused(NamedTuple):
    """Why a form was not carried out, and the status of the answer."""

    problems: Sequence[FieldProblem] = ()
    status: int = 200


@page(Verb.OPERATE)
def plan_verb(request: HttpRequest, actor: Actor, verb: str) -> HttpResponse:
    """Show what a verb would do to the chosen planned orders, or do it."""
    if verb not in PLAN_DIALOGS:
        raise Http404(f"There is no verb {verb}.")
    config, now = kept().config, datetime.now(UTC)
    chosen = chosen_rows(request, actor.account, config.day_of(now))
    about = _about(actor.account, chosen)
    form = request.POST
    read = PlanRead(None, [], [])
    if request.method == "POST":
        day = chosen.days[0] if chosen.days else config.day_of(now)
        read = read_plan_form(verb, form, about, day=day, now=now, config=config)
    asked = v.Asked(
        account=actor.account.name, now=now, config=config, comment=reason_of(request).comment
    )
    dialog = _Dialog(request, actor, verb, chosen, about, read, asked)
    if request.method != "POST" or form.get("again"):
        return dialog.shown(Refused(read.problems if form.get("start") else ()))
    problems = [*read.problems, *_count_problems(form, chosen)]
    if problems or read.verb is None:
        return dialog.shown(Refused(problems, 422))
    return _carry_out(dialog, read.verb)


def _carry_out(dialog: "_Dialog", verb: v.PlanVerb) -> HttpResponse:
    request, chosen = dialog.request, dialog.chosen
    verb, wrong = v.sealed_verb(verb, {row.parameterisation for row in chosen.rows.values()})
    if wrong:
        return dialog.shown(Refused([FieldProblem(field, said) for field, said in wrong], 422))
    told_of = msgspec.to_builtins(verb)
    ask = Ask(
        name=dialog.verb, verb=verb, told=told_of, actor=dialog.actor, reason=reason_of(request)
    )
    done = carry_out_plan_verb(ask, chosen.rows)
    if done.operation is not None:
        return leave_to(request, operation_at(done.operation, dialog.back))
    if done.refused and not done.accepted:
        problems = [FieldProblem("", sentence) for sentence in list(done.sentences)[:5]]
        return dialog.shown(Refused(problems, 409))
    level = "warning" if done.refused else "success"
    return told(request, _result(dialog.verb, done), back_to=dialog.back, level=level)


class _Dialog:
    """One dialog: what it is about, and how it shows itself."""

    def __init__(
        self,
        request: HttpRequest,
        actor: Actor,
        verb: str,
        chosen: PlanChosen,
        about: AboutPlanned,
        read: PlanRead,
        asked: v.Asked,
    ) -> None:
        self.request, self.actor, self.verb = request, actor, verb
        self.chosen, self.about, self.read, self.asked = chosen, about, read, asked

    @property
    def back(self) -> str:
        """Where the dialog leads when it is done or left."""
        given = self.request.POST.get("next") or self.request.GET.get("next") or ""
        days = self.chosen.days
        return own_address(given, day_at(days[0]) if days else "/plan/")

    def shown(self, refused: Refused) -> HttpResponse:
        """Return the dialog, or the same form as a page."""
        context = {
            **self._frame(),
            **self._effect(),
            **self._given(),
            **_extras(self.verb, self.about, self.request.POST),
            "problems": [{"text": p.sentence, "place": p.field} for p in refused.problems],
        }
        in_dialog = by_htmx(self.request)
        template = "parts/form_dialog.html" if in_dialog else "parts/form_page.html"
        return render(self.request, self.actor, template, context, refused.status)

    def _frame(self) -> dict[str, object]:
        """Return what every form around a verb shows."""
        dialog = PLAN_DIALOGS[self.verb]
        return {
            "page_title": PLAN_WORDS[self.verb][0].format(many(len(self.chosen.rows))),
            "verb": self.verb,
            "dialog": dialog,
            "action": f"/plan/-/{self.verb}/",
            "danger": dialog.danger,
            "submit_text": dialog.submit,
            "keep_text": "Keep as it is",
            "back": self.back,
            "zone": self.asked.config.time_zone,
            "fields": "cockpit/plan/verb_fields.html",
        }

    def _effect(self) -> dict[str, object]:
        """Return what is chosen, and what would become of it."""
        count = len(self.chosen.rows)
        verb = self.read.verb or PLAN_DIALOGS[self.verb].probe
        seen = preview(verb, self.chosen, self.asked)
        return {
            "chosen": self.chosen,
            "count": count,
            "count_typed": count > COUNT_TYPED_FROM,
            "seen": seen,
            "not_shown": count - len(seen.effects),
            "notes": self.read.notes,
        }

    def _given(self) -> dict[str, object]:
        """Return what was typed."""
        form = self.request.POST
        return {
            "given": form,
            "comment": form.get("comment", ""),
            "ticket": form.get("ticket", ""),
            "stay": self.request.GET.get("next", "") or form.get("stay", ""),
        }


def preview(verb: v.PlanVerb, chosen: PlanChosen, asked: v.Asked) -> Preview:
    """Return what a verb would do to the first of the chosen rows; nothing is changed."""
    looked = dict(list(chosen.rows.items())[:LOOKED_AT])
    keys = sorted({(row.day, row.origin) for row in looked.values()})
    dry = v.Asked(account=asked.account, now=asked.now, config=asked.config, dry_run=True)
    found: dict[tuple[date, int], v.Effect] = {}
    for at in range(0, len(keys), PLAN_SLICE):
        for one in v.act(verb, keys[at : at + PLAN_SLICE], dry):
            found[one.row.day, one.row.origin] = one
    effects = [
        _effect(order_id, row, found[row.day, row.origin], verb, asked)
        for order_id, row in looked.items()
        if (row.day, row.origin) in found
    ]
    counts = Counter((effect.ok, effect.sentence) for effect in effects)
    told_of = [(ok, sentence, n) for (ok, sentence), n in counts.most_common(8)]
    return Preview(effects[:SHOWN], told_of, len(looked))


def _effect(order_id: str, row: Listed, one: v.Effect, verb: v.PlanVerb, asked: v.Asked) -> Effect:
    state = name_of(row.state)
    if not one.ok or not isinstance(verb, v.Change) or not _is_move(verb):
        return Effect(order_id, row, state, one.ok, one.sentence)
    at = moment(new_start_us(microseconds(row.start_at), verb, asked.now, asked.config))
    text = said(at, ZoneInfo(asked.config.time_zone))
    return Effect(order_id, row, state, one.ok, one.sentence, at, text)


def _is_move(verb: v.Change) -> bool:
    return verb.moves and verb != v.Change(shift_s=0)


def _about(account: Account, chosen: PlanChosen) -> AboutPlanned:
    if len(chosen.rows) != 1:
        return AboutPlanned()
    (row,) = chosen.rows.values()
    given = given_by_id([row.parameterisation])[row.parameterisation]
    version = current_version(account, given.workflow)
    return AboutPlanned(given, program_at(account, given.workflow, version) if version else None)


def _extras(verb: str, about: AboutPlanned, form: Mapping[str, str]) -> dict[str, object]:
    match verb:
        case "start":
            return {"examples": EXAMPLES}
        case "parameters" if about.given is not None:
            fields = fields_to_change(about.program, about.given.variables, form)
            return {"fields_of": fields, "about": about.given}
        case "priority":
            present = about.given.priority if about.given is not None else 0
            return {"priority": form.get("priority") or present}
        case _:
            return {}


def _count_problems(form: Mapping[str, str], chosen: PlanChosen) -> list[FieldProblem]:
    count = len(chosen.rows)
    if not count:
        return [FieldProblem("", "Choose at least one planned order.")]
    if chosen.by_filter and form.get("seen_count") != str(count):
        sentence = f"Meanwhile the filter selects {many(count)}. Look at the effect once more."
        return [FieldProblem("", sentence)]
    if count > COUNT_TYPED_FROM and form.get("count", "").strip() != str(count):
        return [FieldProblem("count", f"This concerns {count} rows: type {count} to confirm.")]
    return []


def _result(verb: str, done: PlanDone) -> str:
    said_of = f"{PLAN_WORDS[verb][1]}: {many(done.accepted)}."
    if not done.refused:
        return said_of
    first = next(iter(done.sentences), "")
    return f"{said_of} Refused: {many(done.refused)}. {first}"


def many(count: int) -> str:
    """Return `1 order` or `5 orders`; a cyclic period counts as one."""
    return "1 order" if count == 1 else f"{count} orders"
