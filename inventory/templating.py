"""Bringing the jobs of many drafts up to their template: seen first, kept only when asked.

One edit of the editor for each draft, which can be taken back there; nothing is deployed by it.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from engine.objects.template import KEEP_NOTHING, Keep, Sync, Template, apply_template
from engine.workflow.canonical import canonical
from engine.workflow.problem import problem
from engine.world import names_of
from inventory import operating
from inventory.change import Change
from inventory.check import examine, located
from inventory.editing import EditingRefusal, edited
from inventory.editing.operations import MakeJobs
from inventory.editing.reading import places_of
from inventory.errors import DraftRefused, InventoryRefusal, Located
from inventory.job_templates import KIND, Standing, standings, template_of
from inventory.keeping import present, snapshot
from inventory.known import known_names
from inventory.models import Item, Reference
from inventory.paths import name_of
from inventory.presence import holder, leave
from inventory.text_difference import text_difference
from inventory.tree_lock import Hold, hold_tree
from inventory.workflow_reading import workflow_reading

MOST_DRAFTS = 2_000
VERB = "update-jobs"
_MISTAKES = "Jobs of a draft with mistakes in its fields are not updated: mend these first."


class UpdateRefused(InventoryRefusal):
    """Some of the drafts cannot be updated, or not any more; none was."""

    code = "update-refused"


class User(NamedTuple):
    """A draft with jobs of the template, and how they stand to it."""

    item: Item
    jobs: tuple[Standing, ...]

    @property
    def behind(self) -> tuple[Standing, ...]:
        """The jobs that are not as the template has them now."""
        return tuple(each for each in self.jobs if each.sync is Sync.OUT_OF_SYNC)


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """A draft whose `jobs` are behind, and its text before and after.

    `refused` says why it cannot be updated, `held_by` who else edits it; both are mostly empty.
    """

    path: str
    edit_no: int
    jobs: tuple[Standing, ...]
    before: str
    after: str
    held_by: str
    refused: str
    was_valid: bool
    valid: bool
    problems: tuple[Located, ...]

    @property
    def possible(self) -> bool:
        """Tell whether nothing is in its way."""
        return not self.refused and not self.held_by

    @property
    def diff(self) -> str:
        """The difference as unified diff."""
        return text_difference(self.path, self.before, self.after)


def users(template: Item, items: QuerySet[Item], *, most: int = MOST_DRAFTS) -> list[User]:
    """Return the workflows among `items` with jobs of a template, by path, the first `most`."""
    named = Reference.objects.filter(type=KIND, name__in=names_of(template.path))
    rows = items.filter(kind=operating.KIND, pk__in=named.values("item")).order_by("path")[:most]
    known = _by_name(template)
    return [User(item, _standings(item, known)) for item in rows]


def updates(
    template: Item, items: QuerySet[Item], *, account: str, keep: Keep = KEEP_NOTHING
) -> list[Update]:
    """Return what would change in the drafts whose jobs are behind, by path.

    Raises:
        DraftRefused: the template has mistakes.
    """
    _readable(template)
    return [_update(u, template, account, keep) for u in users(template, items) if u.behind]


def update_jobs(
    path: str,
    objects: Iterable[tuple[str, int | None]],
    *,
    account: str,
    edit_no: int | None = None,
    keep: Keep = KEEP_NOTHING,
) -> tuple[Change, ...]:
    """Bring the jobs of drafts up to a template, all drafts or none.

    Args:
        path: the template.
        objects: path of each workflow, with the number of the draft that was seen.
        account: who does it.
        edit_no: the number of the template's draft that was seen.
        keep: what the jobs keep of their own.

    Raises:
        ItemUnknown, EditedMeanwhile: as they say of the template.
        DraftRefused: the template has mistakes.
        UpdateRefused: with all that is in the way of one of the drafts.
    """
    with transaction.atomic():
        hold_tree(Hold.EDIT)
        template = present(KIND, path, edit_no)
        _readable(template)
        changes, problems = [], list[Located]()
        for workflow, number in sorted(dict(objects).items()):
            try:
                changes += _updated(template, workflow, number, account, keep)
            except InventoryRefusal as refused:
                problems += refused.problems
        if problems:
            raise UpdateRefused(problems)
        return tuple(changes)


def _readable(template: Item) -> Template:
    found = template_of(template)
    if found is None:
        sentence = "The job template has mistakes: mend these first."
        reason = problem((), "template-unreadable", sentence)
        raise DraftRefused(located(KIND, template.path, [reason]))
    return found


def _by_name(template: Item) -> dict[str, Template | None]:
    return dict.fromkeys(names_of(template.path), template_of(template))


def _standings(item: Item, known: dict[str, Template | None]) -> tuple[Standing, ...]:
    try:
        workflow = places_of(item.source).workflow
    except EditingRefusal:
        return ()
    return tuple(each for _, each in standings(workflow, known) if each.template in known)


def _operation(item: Item, template: Item, keep: Keep) -> MakeJobs | None:
    """Return what brings a draft up to the template, None where nothing is behind.

    Raises:
        OperationRefused: the draft has mistakes.
    """
    known, found = _by_name(template), _readable(template)
    behind = [e for e in _standings(item, known) if e.sync is Sync.OUT_OF_SYNC]
    if not behind:
        return None
    workflow = workflow_reading(item.source).workflow
    if workflow is None:
        reason = problem((), "operation-refused", _MISTAKES)
        raise operating.OperationRefused(located(item.kind, item.path, [reason]))
    made = {e.job: apply_template(found, e.template, workflow.jobs[e.job], keep) for e in behind}
    values = {name: json.loads(canonical(job)) for name, job in made.items()}
    return MakeJobs(name_of(template.path), values)


def _update(user: User, template: Item, account: str, keep: Keep) -> Update:
    item, after, refused = user.item, user.item.source, ""
    try:
        operation = _operation(item, template, keep)
        after = edited(item.source, operation).source if operation else after
    except EditingRefusal as e:
        refused = str(e)
    except operating.OperationRefused as e:
        refused = e.problems[0].problem.sentence
    held, examined = holder(item), examine(item.kind, after, known_names())
    return Update(
        path=item.path, edit_no=item.edit_no, jobs=user.behind, before=item.source, after=after,
        held_by=held.account if held and held.account != account else "", refused=refused,
        was_valid=item.valid, valid=examined.valid,
        problems=located(item.kind, item.path, examined.frozen.problems),
    )  # fmt: skip


def _updated(
    template: Item, path: str, edit_no: int | None, account: str, keep: Keep
) -> list[Change]:
    item = present(operating.KIND, path, edit_no)
    operation = _operation(item, template, keep)
    if operation is None:
        return []
    before, held = snapshot(item), holder(item)
    done = operating.operate(path, operation, account=account, edit_no=item.edit_no)
    if held is None:
        leave(item, account)  # an edit holds the draft; nobody is at work on it here
    after = {**(snapshot(done.item) or {}), "did": done.words}
    return [Change(VERB, operating.KIND, path, before, after)]
