"""What the inventory refuses. One family; each class is named for what happened.

Every refusal carries problems with a place and a sentence, so that all of them can be shown at
once; after any of them nothing has been written.
"""

from collections.abc import Iterable

import msgspec

from engine.workflow.problem import Problem


class Located(msgspec.Struct, frozen=True):
    """A problem and the object it is in; `kind` and `path` are as the caller gave them."""

    kind: str
    path: str
    problem: Problem

    def __str__(self) -> str:
        place = f" {self.problem.place}:" if self.problem.place else ""
        return f"{self.kind} {self.path}:{place} {self.problem.sentence}"


class InventoryRefusal(Exception):
    """Root of what the inventory refuses; `code` is stable and meant for machines."""

    code = "refused"

    def __init__(self, problems: Iterable[Located]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class DraftRefused(InventoryRefusal):
    """A draft that cannot even be kept: unknown kind, bad path, text that no database stores."""

    code = "draft-refused"


class ItemUnknown(InventoryRefusal):
    """There is no such object, or it is in the trash."""

    code = "item-unknown"


class EditedMeanwhile(InventoryRefusal):
    """Somebody else has changed the draft since it was read."""

    code = "edited-meanwhile"


class NameTaken(InventoryRefusal):
    """Another object has this path, or the same name in another folder."""

    code = "name-taken"


class StillDeployed(InventoryRefusal):
    """The object runs on a controller under its present path: revoke it first."""

    code = "still-deployed"


class FolderRefused(InventoryRefusal):
    """A folder that cannot be made, moved or removed."""

    code = "folder-refused"


class TagRefused(InventoryRefusal):
    """A tag that is not there, or that cannot be called so."""

    code = "tag-refused"


class PatternRefused(InventoryRefusal):
    """A text to be replaced that is no pattern, or a pattern that takes too long."""

    code = "pattern-refused"


class DeploymentRefused(InventoryRefusal):
    """Something in a deployment is not fit; nothing of it was deployed."""

    code = "deployment-refused"


class ArchiveRefused(InventoryRefusal):
    """An archive that is none, holds too much, or has something in it that cannot be taken."""

    code = "archive-refused"


class ExportRefused(InventoryRefusal):
    """Something that was to be exported is not there."""

    code = "export-refused"


class RepositoryRefused(InventoryRefusal):
    """A Git repository that cannot be used, or not in this way as things stand."""

    code = "repository-refused"
