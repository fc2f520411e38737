"""Secret variables are sealed here, before a request, its audit row or anything else is written.

To the agents at which jobs of the workflow may run; nobody else can read them from then on.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from msgspec.structs import replace

from agents.sealed import seal_value
from agents.sealing import AgentWithoutKey, readers_of
from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api import slices
from cockpit.api.orders.load import current_version, program_at
from cockpit.api.problem import FieldProblem
from controller.models import DeployedItem, OrderRow
from engine.order import requests as rq
from engine.order.commands import Verb
from engine.order.parameters import secret_problems
from engine.order.secret import is_sealed, readers, secret_names
from engine.workflow.program import Program


def sealed_orders(
    account: Account, orders: Sequence[rq.NewOrder], *, place: str = "orders[{}]."
) -> tuple[list[rq.NewOrder], list[FieldProblem]]:
    """Return new orders with their secret arguments sealed, and what is wrong with these.

    `place` is how problems name an order, with its index for `{}`.
    """
    programs: dict[str, Program | None] = {}
    found: list[rq.NewOrder] = []
    problems: list[FieldProblem] = []
    for n, order in enumerate(orders):
        program = None
        if order.arguments:
            if order.workflow not in programs:
                programs[order.workflow] = _current(account, order.workflow)
            program = programs[order.workflow]
        if program is None:
            found.append(order)
            continue
        values, wrong = _sealed([program], order.arguments, "arguments")
        found.append(order if values is order.arguments else replace(order, arguments=values))
        at = place.format(n)
        problems += [FieldProblem(at + p.field, p.sentence, p.code) for p in wrong]
    return found, problems


def sealed_verb(account: Account, asked: Verb) -> tuple[Verb, list[FieldProblem]]:
    """Return a verb with the secret variables that it gives sealed, and what is wrong with these.

    For several orders to all agents that any of their workflows needs.
    """
    match asked:
        case rq.ChangeArguments(arguments=given) if given:
            values, problems = _sealed(_walked(account, asked.orders), given, "arguments")
            return replace(asked, arguments=values), problems
        case rq.ResumeOrders(variables=given) if given:
            values, problems = _sealed(_walked(account, asked.orders), given, "variables")
            return replace(asked, variables=values), problems
        case _:
            return asked, []


def _sealed(
    programs: Iterable[Program], given: dict[str, Any], field: str
) -> tuple[dict[str, Any], list[FieldProblem]]:
    concerned = [p for p in programs if secret_names(p.workflow) & given.keys()]
    names = frozenset[str]().union(*(secret_names(p.workflow) & given.keys() for p in concerned))
    plain = {name for name in names if not is_sealed(given[name])}
    lines = [
        line
        for program in concerned
        for line in secret_problems(program, given, field, before_sealing=True)
    ]
    if not plain or lines:
        found = (line.partition(": ") for line in dict.fromkeys(lines))
        return given, [FieldProblem(at, text, "invalid") for at, _, text in found]
    try:
        keys = _keys(concerned)
    except AgentWithoutKey as unknown:
        return given, [FieldProblem(f"{field}.{n}", str(unknown), "invalid") for n in sorted(plain)]
    sealed = {n: seal_value(v, keys) if n in plain else v for n, v in given.items()}
    return sealed, []


def _keys(programs: Iterable[Program]) -> Mapping[str, bytes]:
    found: dict[str, bytes] = {}
    for program in programs:
        keys = readers_of(readers(program.workflow))
        if not keys:
            raise AgentWithoutKey(f"No job of {program.path} could open it, so nobody can seal it.")
        found |= keys
    return found


def _current(account: Account, path: str) -> Program | None:
    """Return the newest version of a workflow, which may be named by the last part of its path."""
    version = current_version(account, path)
    if version is None and "\0" not in path:
        found = rows(DeployedItem, account).filter(
            controller=settings.STELLWERK_CONTROLLER_ID,
            kind="workflow",
            path__endswith=f"/{path}",
            current=True,
        )
        path, version = found.values_list("path", "version").first() or (path, None)
    return program_at(account, path, version) if version else None


def _walked(account: Account, ids: Sequence[str]) -> list[Program]:
    """Return the workflows that orders walk."""
    found: dict[tuple[str, str], Program | None] = {}
    for part in slices.sliced([i for i in ids if "\0" not in i]):
        orders = rows(OrderRow, account).filter(
            controller=settings.STELLWERK_CONTROLLER_ID, order_id__in=part
        )
        for key in orders.values_list("workflow", "version").distinct():
            found.setdefault(key, program_at(account, *key))
    return [program for program in found.values() if program is not None]
