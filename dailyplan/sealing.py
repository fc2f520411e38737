"""Secret variables of planned orders are sealed before anything of them is written.

To the agents at which jobs of the workflow may run, as those of added orders. Knows workflows and
values, no rows of the plan and no account: the plan acts for the site.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from django.conf import settings

from agents.sealed import seal_value
from agents.sealing import AgentWithoutKey, readers_of
from controller.items import WORKFLOW, program_of
from dailyplan.statements import fetched
from engine.order.parameters import secret_problems
from engine.order.requests import SignedItem
from engine.order.secret import HIDDEN, is_sealed, readers, secret_names
from engine.workflow.program import Program
from inventory.deployed import deployed_items

_MOST_KNOWN = 100_000
_known: dict[tuple[str, str], Program | None] = {}
"""Versions of workflows that were asked for, None without secret variables; they never change."""

# Only documents in which the word stands, or a character written as its number, are read.
_DOCUMENTS = """
    SELECT path, version, document, signature FROM controller_deployeditem
     WHERE controller = %s AND kind = 'workflow' AND current AND path = ANY (%s)
       AND (position('secret'::bytea IN document) > 0 OR position(%s IN document) > 0)"""
_BY_NUMBER = rb"\u00"


class Sealing(msgspec.Struct, frozen=True):
    """The secret variables of a deployed workflow, and the public keys of who may read them.

    `problem`: why nobody can seal for it now.
    """

    program: Program
    names: frozenset[str]
    keys: Mapping[str, bytes]
    problem: str = ""

    @property
    def digest(self) -> bytes:
        """What changes with the names and the readers."""
        said = msgspec.msgpack.encode((sorted(self.names), sorted(self.keys.items())))
        return blake2b(said, digest_size=16).digest()

    def plain(self, values: Mapping[str, Any]) -> set[str]:
        """Return the names of secret values that are not sealed."""
        return {name for name in self.names & values.keys() if not is_sealed(values[name])}

    def sealed(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return values with the secret ones sealed.

        Those that nobody can seal become `HIDDEN`, which the controller refuses.
        """
        names = self.plain(values)
        return _sealed(values, names, self.keys) if names else values


def sealings(paths: Collection[str] | None = None) -> dict[str, Sealing]:
    """Return by path those of the workflows that have secret variables.

    Args:
        paths: of workflows; None means all that are deployed.
    """
    rows = deployed_items().filter(kind=WORKFLOW)
    if paths is not None:
        rows = rows.filter(path__in=[path for path in paths if "\0" not in path])
    versions = list(rows.values_list("path", "version")) if paths is None or paths else []
    _read([key for key in versions if key not in _known])
    found = ((path, _known.get((path, version))) for path, version in versions)
    return {path: _sealing(program) for path, program in found if program is not None}


def secret_variables(paths: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the names of the secret variables of workflows that have some, by path."""
    return {path: one.names for path, one in sealings(set(paths)).items()}


def sealed_values(
    values: dict[str, Any], workflows: Collection[str], field: str
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return values for orders of workflows with the secret ones sealed, and what is wrong.

    For several workflows to all agents that any of them needs.

    Args:
        values: by variable.
        workflows: their paths.
        field: how problems, of field and sentence, name the variables.
    """
    concerned = [one for one in sealings(workflows).values() if one.names & values.keys()]
    problems = list(dict.fromkeys(_problems(concerned, values, field)))
    plain = {name for one in concerned for name in one.plain(values)}
    if problems or not plain:
        return values, problems
    return _sealed(values, plain, {a: key for one in concerned for a, key in one.keys.items()}), []


def forget_workflows() -> None:
    """Read every version of a workflow again at its next use."""
    _known.clear()


def _problems(
    concerned: Sequence[Sealing], values: dict[str, Any], field: str
) -> Iterable[tuple[str, str]]:
    for one in concerned:
        for line in secret_problems(one.program, values, field, before_sealing=True):
            at, _, sentence = line.partition(": ")
            yield at, sentence
        if one.problem:
            yield from ((f"{field}.{name}", one.problem) for name in sorted(one.plain(values)))


def _sealed(
    values: Mapping[str, Any], names: Collection[str], keys: Mapping[str, bytes]
) -> dict[str, Any]:
    def one(value: object) -> str:
        sealable = keys and isinstance(value, str) and value != HIDDEN
        return seal_value(str(value), keys) if sealable else HIDDEN

    return {name: one(value) if name in names else value for name, value in values.items()}


def _sealing(program: Program) -> Sealing:
    names = secret_names(program.workflow)
    try:
        keys = readers_of(readers(program.workflow))
    except AgentWithoutKey as unknown:
        return Sealing(program, names, {}, str(unknown))
    problem = "" if keys else f"No job of {program.path} could open it, so nobody can seal it."
    return Sealing(program, names, keys, problem)


def _read(missing: Sequence[tuple[str, str]]) -> None:
    if not missing:
        return
    if len(_known) > _MOST_KNOWN:
        _known.clear()
    given = [settings.STELLWERK_CONTROLLER_ID, [path for path, _ in missing], _BY_NUMBER]
    found: dict[tuple[str, str], Program | None] = dict.fromkeys(missing)
    for path, version, document, signature in fetched(_DOCUMENTS, given):
        item = SignedItem(WORKFLOW, path, version, bytes(document), bytes(signature))
        program = program_of(item)
        if isinstance(program, Program) and secret_names(program.workflow):
            found[path, version] = program
    _known.update(found)
