"""What the inventory refuses, as problems of the API."""

from collections.abc import Iterator
from contextlib import contextmanager

from agents.site_key import SiteKeyUnusable
from cockpit.api.problem import FieldProblem, Refusal
from inventory.errors import (
    ArchiveRefused,
    DeploymentRefused,
    DraftRefused,
    EditedMeanwhile,
    ExportRefused,
    InventoryRefusal,
    ItemUnknown,
    Located,
    NameTaken,
    PatternRefused,
    StillDeployed,
    TagRefused,
)

_STATUS: dict[type[InventoryRefusal], int] = {
    DraftRefused: 422,
    DeploymentRefused: 422,
    ItemUnknown: 404,
    EditedMeanwhile: 409,
    NameTaken: 409,
    StillDeployed: 409,
    TagRefused: 422,
    PatternRefused: 422,
    ArchiveRefused: 422,
    ExportRefused: 422,
}


@contextmanager
def as_problems(*, with_path: bool = False) -> Iterator[None]:
    """Turn refusals of the inventory into refusals of the API.

    `with_path` names the object before the place, where a request is about several.
    """
    try:
        yield
    except InventoryRefusal as refused:
        # A draft that cannot be kept for its text alone.
        whole = "source" if isinstance(refused, DraftRefused) else ""
        found = [_problem(p, with_path=with_path, whole=whole) for p in refused.problems]
        detail = (
            refused.problems[0].problem.sentence if len(found) == 1 else f"{len(found)} problems."
        )
        status = _STATUS.get(type(refused), 409)
        raise Refusal(status, refused.code, detail, problems=found) from None
    except SiteKeyUnusable as unusable:
        raise Refusal(503, "site-key-unusable", str(unusable)) from None


def _problem(located: Located, *, with_path: bool, whole: str) -> FieldProblem:
    found = located.problem
    field = found.place or whole
    if with_path:
        # An archive as a whole has no path.
        field = f"{f'{located.kind} {located.path}'.strip()}: {field}"
    return FieldProblem(field.removesuffix(": "), found.sentence, found.code)
