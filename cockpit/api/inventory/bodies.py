"""What requests about the inventory may contain, and what the answers say."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from cockpit.api.orders.bodies import Path, Remark, Ticket
from inventory.deployed import draft_differs
from inventory.models import Item, Version

EditNo = Annotated[
    int,
    Meta(
        ge=0, le=2**63 - 1, description="Number of the draft that was seen; 0 where there was none."
    ),
]


class DraftBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A draft: its text as written, or its document."""

    source: str | None = None
    document: dict[str, Any] | None = None
    edit_no: EditNo | None = None
    comment: Remark = ""
    ticket: Ticket = ""


class CheckBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text or document to be checked; the kept draft where neither is given."""

    source: str | None = None
    document: dict[str, Any] | None = None


class ToBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where an object goes.

    A renaming writes the new name into the drafts that name the object, unless
    `update_references` is false. With `deploy` a deployed object is renamed: its new path is
    deployed with those that use it, and the old one revoked, in one step. `dry_run` only tells.
    """

    to: Path
    update_references: bool = True
    deploy: bool = False
    dry_run: bool = False
    edit_no: EditNo | None = None
    comment: Remark = ""
    ticket: Ticket = ""


class ReasonBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why something is done."""

    edit_no: EditNo | None = None
    comment: Remark = ""
    ticket: Ticket = ""


class ObjectRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An object by type and path."""

    type: Annotated[str, Meta(min_length=1, max_length=40)]
    path: Path


class RollBackBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The version whose text becomes the draft; a beginning of six characters is enough."""

    version: Annotated[str, Meta(min_length=6, max_length=64, pattern=r"^[0-9a-f]*$")]
    edit_no: EditNo | None = None
    comment: Remark = ""
    ticket: Ticket = ""


class DeployBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to deploy: objects by name, or all valid drafts at and below a folder.

    With `with_dependencies` also what these use, directly or not, where it is not deployed as its
    draft says. The daily plan takes changed schedules over from the day `update_plan_from` on, the
    present one where it is left out; `include_late` plans starts that are past already.
    """

    objects: Annotated[list[ObjectRef], Meta(max_length=5_000)] = []
    folder: Path | None = None
    with_dependencies: bool = False
    update_plan_from: dt.date | None = None
    include_late: bool = False
    comment: Remark = ""
    ticket: Ticket = ""


class PreviewBody(DeployBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A deployment to be seen before; with `revoke` a revocation."""

    revoke: bool = False


class ProblemSeen(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong with a document, at which place of it."""

    place: str
    sentence: str
    code: str
    severity: str


class CheckSeen(msgspec.Struct, frozen=True):
    """Whether a document could be deployed, and everything that is wrong with it."""

    valid: bool
    problems: list[ProblemSeen]


class ItemListed(msgspec.Struct, frozen=True, kw_only=True):
    """A draft in a list; `deployed_version` is the version in use, `changed` whether it differs."""

    type: str
    path: str
    title: str
    valid: bool
    edit_no: int
    changed_by: str
    changed_at: dt.datetime
    deployed_version: str | None
    changed: bool
    tags: list[str]


class ItemSeen(ItemListed, frozen=True, kw_only=True):
    """A draft with its text and what is wrong with it."""

    form: str
    source: str
    problems: list[ProblemSeen]


class ItemPage(msgspec.Struct, frozen=True):
    """A page of drafts by path and type; `older` is the cursor of the next page."""

    objects: list[ItemListed]
    older: str | None


class VersionSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A deployed version."""

    version: str
    made_by: str
    made_at: dt.datetime
    comment: str
    current: bool


class VersionList(msgspec.Struct, frozen=True):
    """The versions of an object, newest first."""

    versions: list[VersionSeen]


class DiffSeen(msgspec.Struct, frozen=True):
    """What differs between two versions, as unified diff; empty where nothing does."""

    from_version: str
    to_version: str
    diff: str


class DeployedSeen(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An object of a deployment; without a version it was revoked.

    `life` is `deployed` where orders use it, `released` where only drafts do.
    """

    type: str
    path: str
    version: str | None = None
    life: str = ""


class DeploymentSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment: `requested`, `done` or `refused`; `answers` says why.

    `commit` is what it was made from, empty where it was not made from a Git folder.
    """

    id: int
    state: str
    account: str
    comment: str
    commit: str
    made_at: dt.datetime
    operation: str
    update_plan_from: dt.date | None
    include_late: bool
    objects: list[DeployedSeen]
    answers: Any


class DeploymentPage(msgspec.Struct, frozen=True):
    """A page of deployments, newest first; `older` is the cursor of the next page."""

    deployments: list[DeploymentSeen]
    older: str | None


def item_listed(item: Item) -> ItemListed:
    """Return a draft as a line of a list."""
    return ItemListed(**_listed(item))


def item_seen(item: Item) -> ItemSeen:
    """Return a draft with everything."""
    problems = [ProblemSeen(**found) for found in item.problems]
    return ItemSeen(**_listed(item), form=item.form, source=item.source, problems=problems)


def version_seen(version: Version, current: str | None) -> VersionSeen:
    """Return a version for the API."""
    return VersionSeen(
        version=version.version,
        made_by=version.made_by,
        made_at=version.made_at,
        comment=version.comment,
        current=version.version == current,
    )


def _listed(item: Item) -> dict[str, Any]:
    deployed: str | None = getattr(item, "deployed_version", None)
    return {
        "type": item.kind,
        "path": item.path,
        "title": item.title,
        "valid": item.valid,
        "edit_no": item.edit_no,
        "changed_by": item.changed_by,
        "changed_at": item.changed_at,
        "deployed_version": deployed,
        "changed": draft_differs(item),
        "tags": sorted(tag.name for tag in item.tags.all()),
    }
