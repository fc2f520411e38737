"""Which branch orders take where a condition asks what jobs have returned: nobody knows that yet.

They take the branch that was taken most often; without any history the condition is asked as if
jobs had returned 0 and nothing else, and where it cannot be answered so it does not hold.
Conditions over variables that orders bring along are always asked for real.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from msgspec.structs import replace

from engine.expression import ExpressionSyntax, compile_expression
from engine.position import Position, place, to_text
from engine.workflow.instruction import Case, CaseWhen, If, Instruction
from engine.workflow.model import Workflow
from engine.workflow.program import Program, case_branch
from simulation.forecast.snapshot import Went

Counts: TypeAlias = Mapping[str, Mapping[str, int]]
"""How often orders took each branch, by the place of the instruction as text."""

NOTHING_KNOWN: Counts = {}
PAST = "past"
"""The branch of those who passed the instruction by."""


class AssumingProgram(Program):
    """A workflow version whose conditions on results are answered by what was usual.

    `assumed` are sentences about what was taken for granted, by the place of the instruction.
    """

    def __init__(
        self,
        path: str,
        version: str,
        workflow: Workflow,
        *,
        went: Counts = NOTHING_KNOWN,
        given: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(path, version, workflow)
        self.assumed: dict[Position, str] = {}
        self._known = given | declared(workflow)
        self._instead: dict[Position, Instruction] = {}
        for at, node in list(self._conditions()):
            self._instead[at] = self._usual(at, node, went.get(to_text(at), {}))

    def _conditions(self) -> Iterator[tuple[Position, If | CaseWhen]]:
        """Yield the instructions whose conditions ask for what jobs have returned."""
        for scope, block in self._blocks.items():
            for n, node in enumerate(block):
                if isinstance(node, If | CaseWhen) and any(
                    asks_for_results(text, self._known) for text in _texts(node)
                ):
                    yield (*scope, n), node

    def _usual(self, at: Position, node: If | CaseWhen, counts: Mapping[str, int]) -> Instruction:
        name = node.label or to_text(at)
        if not counts:
            self.assumed[at] = f"Condition at {name}: jobs are taken to return 0 and nothing else."
            return _rewritten(node, lambda _n, text: f"({text})? false")
        branch = max(sorted(counts), key=lambda one: counts[one])
        where = "went past it" if branch == PAST else f"took {branch}"
        share = f"{counts[branch]} of the last {sum(counts.values())} orders"
        self.assumed[at] = f"Condition at {name}: {share} {where}."
        return _rewritten(node, lambda n, _text: "true" if case_branch(n) == branch else "false")

    def _instruction(self, position: Position) -> Instruction | None:
        found = super()._instruction(position)
        return self._instead.get(place(position), found)


def declared(workflow: Workflow) -> frozenset[str]:
    """Return the variables that a workflow declares."""
    preparation = workflow.order_preparation
    return frozenset(preparation.parameters) if preparation else frozenset()


def asks_for_results(text: str, known: frozenset[str]) -> bool:
    """Tell whether an expression asks for anything but these variables and built-in facts."""
    try:
        expression = compile_expression(text)
    except ExpressionSyntax:
        return False
    return bool(expression.uses.functions or expression.uses.variables - known)


def _texts(node: If | CaseWhen) -> list[str]:
    return [node.predicate] if isinstance(node, If) else [c.predicate for c in node.cases]


def _rewritten(node: If | CaseWhen, text: Callable[[int, str], str]) -> Instruction:
    if isinstance(node, If):
        return replace(node, predicate=text(0, node.predicate))
    cases = (Case(text(n, case.predicate), case.then) for n, case in enumerate(node.cases))
    return replace(node, cases=tuple(cases))


def by_workflow(went: Iterable[Went]) -> dict[str, dict[str, dict[str, int]]]:
    """Return counts by workflow, place and branch."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for one in went:
        branches = found.setdefault(one.workflow, {}).setdefault(one.place, {})
        branches[one.branch] = branches.get(one.branch, 0) + one.count
    return found
