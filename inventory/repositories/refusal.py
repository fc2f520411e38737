"""How the package refuses: one problem with its place."""

from typing import NoReturn

from engine.workflow.problem import problem
from inventory.errors import Located, RepositoryRefused

REPOSITORY = "repository"


def refuse(code: str, sentence: str, field: str = "", *, path: str = "") -> NoReturn:
    """Refuse something about a repository.

    Raises:
        RepositoryRefused: always.
    """
    place = (field,) if field else ()
    raise RepositoryRefused([Located(REPOSITORY, path, problem(place, code, sentence))])
