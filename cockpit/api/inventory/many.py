"""Verbs on many objects or a whole folder: all or none, once for each key, each change audited."""

from collections.abc import Callable, Iterable, Sequence

from django.db.models import QuerySet
from django.http import HttpResponse

from cockpit.access.gate import restrict
from cockpit.access.policy import Verb
from cockpit.api import keep
from cockpit.api.inventory import many_bodies as bodies
from cockpit.api.inventory.audited import paths_of, record_changes
from cockpit.api.inventory.bodies import ObjectRef, ReasonBody
from cockpit.api.inventory.refusals import as_problems
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.view import View
from cockpit.audit import Reason
from inventory.change import Change
from inventory.deployed import Ref
from inventory.models import Item
from inventory.queries import present_items


class ManyView(View):
    """What the views on many objects have in common."""

    verbs = {"POST": Verb.EDIT}

    def items(self) -> QuerySet[Item]:
        """Return the drafts that the account may see."""
        return restrict(present_items(), self.account)

    def carry_out(self, reason: Reason, verb: Callable[[str], Iterable[Change]]) -> HttpResponse:
        """Carry out a verb with its audit rows, once for each key, and tell what it changed."""

        def act() -> HttpResponse:
            with as_problems(with_path=True):
                changes = tuple(verb(self.account.name))
            record_changes(self.actor, changes, reason)
            return as_json(bodies.ChangesSeen([_seen(change) for change in changes]))

        return keep.once(self.request._request, self.actor, act)  # noqa: SLF001


def reason(body: bodies.Reasoned | ReasonBody) -> Reason:
    """Return why somebody asks for it."""
    return Reason(body.comment, body.ticket)


def refs_in(objects: Iterable[ObjectRef]) -> list[Ref]:
    """Return kind and path of the objects that a body names."""
    return [(ref.type, ref.path) for ref in objects]


def objects_or_folder(body: bodies.ManyBody) -> tuple[Sequence[Ref], str | None]:
    """Return what a body names: objects, or a folder.

    Raises:
        Refusal: it names both or none.
    """
    if bool(body.objects) == (body.folder is not None):
        raise invalid([FieldProblem("objects", "Give either objects or a folder.")])
    return refs_in(body.objects), body.folder and body.folder.strip("/")


def _seen(change: Change) -> bodies.ChangeSeen:
    to = None if change.after is None else paths_of(change)[-1]
    return bodies.ChangeSeen(verb=change.verb, type=change.kind, path=change.path, to=to)
