"""What the document of a file order source must mean.

Whether there is such a directory only the agent can tell.
"""

from collections.abc import Iterator

from engine.files.pattern import NamePattern, PatternRefused
from engine.objects.model import FileOrderSource
from engine.workflow.checks.adding import HIGHEST_PRIORITY
from engine.workflow.checks.known import Known
from engine.workflow.checks.names import tag_problems
from engine.workflow.checks.references import reference_problems
from engine.workflow.checks.values import expression_problems, number_problems
from engine.workflow.checks.zones import time_zone_problems
from engine.workflow.problem import Path, Problem, problem

LONGEST_DELAY_S = 9999


def file_order_source_problems(source: FileOrderSource, known: Known) -> Iterator[Problem]:
    """Yield everything that is wrong with the meaning of a file order source."""
    yield from reference_problems(("workflowName",), source.workflow_name, "workflow", known)
    yield from reference_problems(("agentName",), source.agent_name, "agent", known)
    yield from _directory_problems(source)
    if source.pattern is not None:
        yield from _pattern_problems(("pattern",), source.pattern)
    yield from time_zone_problems(("timeZone",), source.time_zone, known)
    yield from number_problems(("delay",), source.delay, least=1, most=LONGEST_DELAY_S)
    yield from number_problems(
        ("priority",), source.priority, least=-HIGHEST_PRIORITY, most=HIGHEST_PRIORITY
    )
    for i, tag in enumerate(source.tags):
        yield from tag_problems(("tags", i), tag)


def _directory_problems(source: FileOrderSource) -> Iterator[Problem]:
    if source.directory is None and source.directory_expr is None:
        sentence = "Say where files arrive: give directory or directoryExpr."
        yield problem(("directory",), "field-missing", sentence)
        return
    if source.directory is not None and source.directory_expr is not None:
        sentence = "Give directory or directoryExpr, not both."
        yield problem(("directoryExpr",), "directory-twice", sentence)
    if source.directory is not None and not source.directory.strip():
        yield problem(("directory",), "directory-empty", "The directory is empty.")
    if source.directory_expr is not None:
        yield from expression_problems(("directoryExpr",), source.directory_expr)


def _pattern_problems(path: Path, pattern: str) -> Iterator[Problem]:
    try:
        NamePattern(pattern)
    except PatternRefused as refused:
        yield problem(path, "pattern-invalid", str(refused))
