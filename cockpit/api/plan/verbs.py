"""`/plan/orders/-/{verb}/`: what people do to planned orders, named or selected."""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import transaction
from django.http import Http404, HttpResponse
from rest_framework.request import Request

from cockpit import plan_operations as operations
from cockpit.access.failures import Forbidden
from cockpit.access.policy import Verb
from cockpit.api import keep
from cockpit.api.answers import WAIT_S
from cockpit.api.documented import told
from cockpit.api.moments import moment_problems
from cockpit.api.orders.adding import place_problems, value_problems
from cockpit.api.orders.answering import place_of
from cockpit.api.orders.bodies import Accepted
from cockpit.api.plan import bodies as b
from cockpit.api.plan.orders import may_see
from cockpit.api.plan.seen import id_of
from cockpit.api.plan.selecting import plan_filter
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.view import View
from cockpit.audit import Reason
from dailyplan import verbs as v
from dailyplan.plan_settings import kept
from dailyplan.selecting import Listed, keys_of, rows_named
from dailyplan.take_back import order_names

TOLD = 1_000


def _modify(body: b.ModifyBody) -> v.Change:
    def place(given: Any) -> Any:
        return tuple(given) if isinstance(given, list) else given

    ends = body.end_positions
    return v.Change(
        start_at=body.scheduled_for,
        start_now=body.now,
        shift_s=body.shift_s,
        shift_days=body.shift_days,
        stick_to_day=body.stick_to_day,
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
        answers={200: b.PlanAnswers, 202: Accepted},
        examples={
            "Submit a day": {"filter": {"date": "2026-03-02"}},
            "An hour later": {"ids": ["#2026-03-02#P123-report"], "shift_s": 3600},
            "Copy to another day": {"ids": ["#2026-03-02#P123-report"], "to": "2026-03-09"},
        },
    )
    def post(self, request: Request, verb: str) -> HttpResponse:
        """Do something to planned orders; each is answered for itself.

        Names and filters select up to 100,000. More than 1,000 are an operation of slices, each
        durable for itself; where this takes longer than 5 s, the operation tells how far it is.
        With a dry run nothing is changed.
        """
        body, made = self._read(verb)
        asked_in = request._request  # noqa: SLF001
        if not body.dry_run and (known := keep.known_command(asked_in, self.actor)) is not None:
            return answered(known)
        rows = self._chosen(body)
        targets = operations.targets_of(rows)
        asked = self._ask(verb, made, body, rows)
        if body.dry_run:
            return as_json(_told_of(_looked_at(asked, targets), dry_run=True))
        if len(targets) > operations.ROWS_A_SLICE:
            return self._operation(asked, targets)
        return keep.once(
            asked_in,
            self.actor,
            lambda: as_json(_told_of(operations.act(asked, targets, now=datetime.now(UTC)))),
        )

    def _read(self, name: str) -> tuple[b.PlanVerbBody, v.PlanVerb]:
        """Return the body and the verb that it stands for.

        Raises:
            Http404: there is no such verb.
            Refusal: something in the body is wrong.
        """
        if name not in _VERBS:
            raise Http404(f"There is no verb {name}; there are: {', '.join(VERBS)}.")
        kind, made = _VERBS[name]
        body: Any = self.body(kind)
        if problems := _problems(body):
            raise invalid(problems)
        return body, made(body)

    def _ask(
        self, name: str, verb: v.PlanVerb, body: b.PlanVerbBody, rows: _Named
    ) -> operations.Ask:
        numbers = {row.parameterisation for row in rows.values() if row is not None}
        verb, problems = v.sealed_verb(verb, numbers)
        if problems:
            raise invalid([FieldProblem(field, sentence) for field, sentence in problems])
        left = {"ids", "filter", "comment", "ticket", "dry_run"}
        given = {f: getattr(body, f) for f in body.__struct_fields__ if f not in left}
        if isinstance(verb, v.Change) and verb.variables is not None:
            given["variables"] = verb.variables
        reason = Reason(body.comment, body.ticket)
        return operations.Ask(
            name=name, verb=verb, told=msgspec.to_builtins(given), actor=self.actor, reason=reason
        )

    def _operation(self, asked: operations.Ask, targets: list[operations.Target]) -> HttpResponse:
        with transaction.atomic():
            known = keep.claim(self.request._request, self.actor)  # noqa: SLF001
            operation = known.command if known is not None else None
            if operation is None:
                operation = operations.begin(asked, targets, now=datetime.now(UTC))
                keep.keep_command(known, operation)
        end = time.monotonic() + WAIT_S
        operations.go_on(operation, transaction.atomic, until=lambda: time.monotonic() > end)
        return answered(operation)

    def _chosen(self, body: b.PlanVerbBody) -> _Named:
        """Return the rows by order id, None for those that nobody planned.

        All are chosen before the first is done: a verb changes what a filter selects.
        """
        if body.ids is not None:
            named = list(dict.fromkeys(body.ids))
            rows = rows_named(named)
            self._refuse_unreachable(list(rows.values()))
            return {order_id: rows.get(order_id) for order_id in named}
        assert body.filter is not None  # noqa: S101  # one of both is there
        now = datetime.now(UTC)
        wanted = plan_filter(self.account, body.filter, kept().config, now, Verb.OPERATE)
        found: dict[str, Listed | None] = {}
        for piece in keys_of(wanted, b.MOST_SELECTED):
            names = order_names([row.parameterisation for row in piece])
            found |= {id_of(row, names[row.parameterisation]): row for row in piece}
        return found

    def _refuse_unreachable(self, found: list[Listed]) -> None:
        if len(may_see(self.account, found, Verb.OPERATE)) < len(found):
            raise Forbidden(f"{self.account.name} may not operate on some of these orders.")


def answered(operation: uuid.UUID) -> HttpResponse:
    """Return what became of an operation, or where to look while it is not done."""
    place = place_of(operation)
    if not operations.has_ended(operation):
        operations.hand_over()
        return as_json(Accepted(place), 202, Location=place)
    return as_json(_told_of(operations.answers_of(operation), operation=place))


def _looked_at(
    asked: operations.Ask, targets: Sequence[operations.Target]
) -> list[operations.Told]:
    found: list[operations.Told] = []
    for at in range(0, len(targets), operations.ROWS_A_SLICE):
        piece = targets[at : at + operations.ROWS_A_SLICE]
        found += operations.act(asked, piece, now=datetime.now(UTC), dry_run=True)
    return found


def _told_of(
    answers: Sequence[operations.Told], *, dry_run: bool = False, operation: str | None = None
) -> b.PlanAnswers:
    accepted = sum(answer.ok for answer in answers)
    return b.PlanAnswers(
        ok=accepted == len(answers),
        dry_run=dry_run,
        accepted=accepted,
        refused=len(answers) - accepted,
        codes=operations.codes_of(answers),
        orders=[b.PlanAnswer(a.id, a.ok, a.code, a.sentence, a.state) for a in answers[:TOLD]],
        operation=operation,
    )


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
    if not change.stick_to_day and not change.moves:
        told_problems.append(("stick_to_day", "No start is changed, so no order can move."))
    if not change.moves and not change.gives:
        told_problems.append(("", "Nothing is to be changed."))
    for field, at in (("scheduled_for", body.scheduled_for), ("end", body.end)):
        told_problems += moment_problems(at, field) if at is not None else []
    told_problems += value_problems(body.variables or {}, "variables")
    for field in ("start_position", "block_position"):
        told_problems += place_problems(field, getattr(body, field))
    for n, place in enumerate(body.end_positions or []):
        told_problems += place_problems(f"end_positions[{n}]", place)
    return [FieldProblem(field, sentence) for field, sentence in told_problems]
