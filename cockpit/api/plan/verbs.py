"""`/plan/orders/-/{verb}/`: what people do to planned orders, named or selected."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from rest_framework.request import Request

from cockpit import audit
from cockpit.access.failures import Forbidden
from cockpit.access.policy import Verb
from cockpit.api import keep
from cockpit.api.documented import told
from cockpit.api.orders.adding import place_problems, value_problems
from cockpit.api.plan import bodies as b
from cockpit.api.plan.orders import may_see
from cockpit.api.plan.seen import id_of
from cockpit.api.plan.selecting import plan_filter
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.view import View
from cockpit.audit import Deed, Reason
from dailyplan import verbs as v
from dailyplan.plan_settings import kept
from dailyplan.selecting import Listed, keys_of, rows_named
from dailyplan.take_back import order_names

TOLD = 1_000
_UNKNOWN = b.PlanAnswer("", ok=False, code="order-unknown", sentence="No such planned order.")


def _modify(body: b.ModifyBody) -> v.Change:
    def place(given: Any) -> Any:
        return tuple(given) if isinstance(given, list) else given

    ends = body.end_positions
    return v.Change(
        start_at=body.scheduled_for,
        start_now=body.now,
        shift_s=body.shift_s,
        shift_days=body.shift_days,
        end_at=body.end,
        repeat_s=body.repeat_s,
        variables=body.variables,
        remove_variables=tuple(body.remove_variables),
        start_position=place(body.start_position),
        end_positions=None if ends is None else tuple(place(p) for p in ends),
        block_position=place(body.block_position),
        force_admission=body.force_admission,
        tags=None if body.tags is None else tuple(body.tags),
        priority=body.priority,
    )


_VERBS: Mapping[str, tuple[type[b.PlanVerbBody], Callable[[Any], v.PlanVerb]]] = {
    "submit": (b.SubmitBody, lambda body: v.Submit(body.include_late)),
    "cancel": (b.PlanVerbBody, lambda _: v.Cancel()),
    "remove": (b.PlanVerbBody, lambda _: v.Remove()),
    "restore": (b.PlanVerbBody, lambda _: v.Restore()),
    "let-run": (b.PlanVerbBody, lambda _: v.LetRun()),
    "copy": (b.CopyBody, lambda body: v.Copy(body.to, body.submit)),
    "modify": (b.ModifyBody, _modify),
}
VERBS = tuple(_VERBS)


_Named = Mapping[str, Listed | None]
"""Rows by order ids, None where nobody planned the order."""


class PlannedVerb(View):
    """A verb on planned orders."""

    verbs = {"POST": Verb.OPERATE}

    @told(
        body=(b.SubmitBody, b.CopyBody, b.ModifyBody, b.PlanVerbBody),
        answers={200: b.PlanAnswers},
        examples={
            "Submit a day": {"filter": {"date": "2026-03-02"}},
            "An hour later": {"ids": ["#2026-03-02#P123-report"], "shift_s": 3600},
            "Copy to another day": {"ids": ["#2026-03-02#P123-report"], "to": "2026-03-09"},
        },
    )
    def post(self, request: Request, verb: str) -> HttpResponse:
        """Do something to planned orders; each is answered for itself.

        Names and filters select up to 100,000. They are done in slices of 1,000, each durable for
        itself; with a dry run nothing is changed.
        """
        if verb not in _VERBS:
            raise Http404(f"There is no verb {verb}; there are: {', '.join(VERBS)}.")
        kind, made = _VERBS[verb]
        body: Any = self.body(kind)
        if problems := _problems(body):
            raise invalid(problems)
        asked = v.Asked(
            account=self.account.name,
            now=datetime.now(UTC),
            config=kept().config,
            comment=body.comment,
            dry_run=body.dry_run,
        )
        run = _Run(self, verb, made(body), body, asked)
        if body.dry_run or body.ids is None or len(body.ids) > TOLD:
            return as_json(run.all(self._chosen(body, asked)))
        return keep.once(
            request._request,  # noqa: SLF001
            self.actor,
            lambda: as_json(run.all(self._chosen(body, asked))),
        )

    def _chosen(self, body: b.PlanVerbBody, asked: v.Asked) -> Iterator[_Named]:
        """Yield slices of order ids with their rows, None for those that nobody planned."""
        if body.ids is not None:
            named = list(dict.fromkeys(body.ids))
            for at in range(0, len(named), TOLD):
                piece = named[at : at + TOLD]
                found = rows_named(piece)
                self._refuse_unreachable(list(found.values()))
                yield {order_id: found.get(order_id) for order_id in piece}
            return
        assert body.filter is not None  # noqa: S101  # one of both is there
        wanted = plan_filter(self.account, body.filter, asked.config, asked.now, Verb.OPERATE)
        # All are chosen before the first is done: a verb changes what a filter selects.
        for rows in list(keys_of(wanted, b.MOST_SELECTED)):
            names = order_names([row.parameterisation for row in rows])
            yield {id_of(row, names[row.parameterisation]): row for row in rows}

    def _refuse_unreachable(self, found: list[Listed]) -> None:
        if len(may_see(self.account, found, Verb.OPERATE)) < len(found):
            raise Forbidden(f"{self.account.name} may not operate on some of these orders.")


class _Run:
    """One call of a verb: does slices and gathers what became of them."""

    def __init__(
        self, view: View, name: str, verb: v.PlanVerb, body: b.PlanVerbBody, asked: v.Asked
    ) -> None:
        self._view, self._name, self._verb = view, name, verb
        self._body, self._asked = body, asked
        self._codes: Counter[str] = Counter()
        self._told: list[b.PlanAnswer] = []
        self._accepted = 0

    def all(self, slices: Iterator[_Named]) -> b.PlanAnswers:
        """Return what became of all slices."""
        for piece in slices:
            with transaction.atomic():
                self._slice(piece)
        refused = self._codes.total() - self._accepted
        return b.PlanAnswers(
            ok=refused == 0,
            dry_run=self._asked.dry_run,
            accepted=self._accepted,
            refused=refused,
            codes=dict(self._codes.most_common()),
            orders=self._told,
        )

    def _slice(self, piece: _Named) -> None:
        keys = sorted({(row.day, row.origin) for row in piece.values() if row is not None})
        effects = {(e.row.day, e.row.origin): e for e in v.act(self._verb, keys, self._asked)}
        done: list[str] = []
        for order_id, row in piece.items():
            effect = effects.get((row.day, row.origin)) if row is not None else None
            answer = _answer(order_id, effect)
            self._codes[answer.code] += 1
            if answer.ok:
                self._accepted += 1
                done.append(order_id)
            if len(self._told) < TOLD:
                self._told.append(answer)
        if done and not self._asked.dry_run:
            self._note(done)

    def _note(self, done: Sequence[str]) -> None:
        left = {"ids", "filter", "comment", "ticket", "dry_run"}
        given = {f: getattr(self._body, f) for f in self._body.__struct_fields__ if f not in left}
        audit.record(
            self._view.actor,
            Deed(verb=f"plan-{self._name}", kind="planned order", objects=done, after=given),
            Reason(self._body.comment, self._body.ticket),
        )


def _answer(order_id: str, effect: v.Effect | None) -> b.PlanAnswer:
    if effect is None:
        return b.PlanAnswer(order_id, _UNKNOWN.ok, _UNKNOWN.code, _UNKNOWN.sentence)
    return b.PlanAnswer(order_id, effect.ok, effect.code, effect.sentence, effect.state)


def _problems(body: Any) -> list[FieldProblem]:
    found: list[FieldProblem] = []
    if (body.ids is None) == (body.filter is None):
        found.append(FieldProblem("ids", "Give either ids or a filter."))
    if isinstance(body, b.ModifyBody):
        found += _modify_problems(body)
    return found


def _modify_problems(body: b.ModifyBody) -> list[FieldProblem]:
    starts = [body.scheduled_for, body.now or None, body.shift_s, body.shift_days]
    told_problems: list[tuple[str, str]] = []
    if sum(start is not None for start in starts) > 1:
        told_problems.append(("scheduled_for", "Give one way to change the start, not several."))
    change = _modify(body)
    if not change.moves and not change.gives:
        told_problems.append(("", "Nothing is to be changed."))
    told_problems += value_problems(body.variables or {}, "variables")
    for field in ("start_position", "block_position"):
        told_problems += place_problems(field, getattr(body, field))
    for n, place in enumerate(body.end_positions or []):
        told_problems += place_problems(f"end_positions[{n}]", place)
    return [FieldProblem(field, sentence) for field, sentence in told_problems]
